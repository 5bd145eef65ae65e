"""A session is mocked by a bare `AsyncMock`.

## What it does
Finds `AsyncMock()` without a spec that stands for a SQLAlchemy session, where its synchronous methods such as `add` are
not replaced.

## Why is this bad
`session.add(task)` becomes a coroutine that nobody awaits: the code under test warns, or breaks on a method that works
in production, and a code that wrongly awaits `add` passes.

## Example
```python
from unittest.mock import AsyncMock


async def test_create():
    session = AsyncMock()
    await create(session)
    session.add.assert_called_once()
    session.commit.assert_awaited_once()
```

## Use instead
```python
from unittest.mock import AsyncMock

from sqlalchemy.ext.asyncio import AsyncSession


async def test_create():
    session = AsyncMock(spec=AsyncSession)
    await create(session)
    session.add.assert_called_once()
    session.commit.assert_awaited_once()
```

## Known limits
A mock is taken for a session by its name (`session`, `db`, `db_session`, `mock_session`) and by what the file does with
it, for a fixture of `conftest.py` also the files that ask for it: an attribute that only such a session has, an
annotation, a dependency on sessions that it overrides, or a parameter of the code under test that asks for an
`AsyncSession`. With a name such as `bare_session` only the last three count. A warning where neither the file nor what
it calls names `add` or another synchronous method.
"""

import ast
import re
from collections.abc import Iterator

from plumb.analysis.given_sessions import given_to
from plumb.analysis.tests import asking_elsewhere
from plumb.findings import Good, Report, Severity
from plumb.index.extract import last_name
from plumb.rule import node_rule
from plumb.source import SourceFile

NAMES = re.compile(r"^(mock_|fake_|async_|self\.)*(session|db|db_session|database_session|sess)(_mock)?$")
LIKE = re.compile(r"(^|[_.])(session|db)(_|$)")
"""What may be a session, if the code under test asks for one there."""
_OVERRIDDEN = re.compile(r"dependency_overrides\[.*(session|db)")
OF_SESSIONS = frozenset(
    {
        "add",
        "add_all",
        "exec",
        "flush",
        "refresh",
        "scalars",
        "scalar",
        "commit",
        "rollback",
        "expunge",
        "merge",
        "begin_nested",
    }
)
SYNCHRONOUS = frozenset({"add", "add_all", "expunge", "expunge_all", "expire"})
ASYNC_MOCK = ("unittest.mock.AsyncMock", "mock.AsyncMock", "asynctest.AsyncMock")
SPECS = frozenset({"spec", "spec_set", "wraps", *SYNCHRONOUS})


@node_rule(
    "PB803", "bare-async-mock-session", Severity.ERROR, nodes=(ast.Call,), needles=("AsyncMock",), kinds=("test",)
)
def check(node: ast.Call, file: SourceFile) -> Iterator[Report | Good]:
    """Look at every `AsyncMock(...)`."""
    if last_name(node) != "AsyncMock" or not _is_mock(node, file):
        return
    name = _name_of(node, file)
    home = file.function_of(node)
    names = {name, home.name} if home is not None and name and _gives(home, name) else {name}
    is_named = any(NAMES.match(one) for one in names)
    if not is_named and not any(LIKE.search(one) for one in names):
        return
    if node.args or any(one is None or one in SPECS for one in _options(node)):
        if is_named:
            yield file.good(node)
        return
    shared = home is None or name == home.name or name.startswith("self.") or len(names) > 1
    around = file.tree if home is None or shared else home
    places = [*((one, around, file) for one in names), *(_elsewhere(home, file) if home is not None and shared else ())]
    given = {attribute for place in places for attribute in given_to(*place)}
    used = given | {attribute for place in places for attribute in _attributes(*place)}
    is_asked = bool(given) or _is_annotated(node, file) or _is_injected(node, name, file)
    if not (is_asked or (is_named and used & OF_SESSIONS)) or any(_is_replaced(around, one) for one in names):
        return
    yield file.report(
        node,
        f"`{name}` is a bare `AsyncMock`: its `add` is a coroutine, unlike that of a session",
        f"{name} = AsyncMock(spec=AsyncSession)",
        severity=None if used & SYNCHRONOUS else Severity.WARNING,
    )


def _elsewhere(
    fixture: ast.FunctionDef | ast.AsyncFunctionDef, file: SourceFile
) -> Iterator[tuple[str, ast.AST, SourceFile]]:
    """The functions of other files that are given the fixture and leave it as it is."""
    for function, source in asking_elsewhere(fixture.name, file):
        if not _is_replaced(function, fixture.name):
            yield fixture.name, function, source


def _options(node: ast.Call) -> Iterator[str | None]:
    """The names of the options, also of a dict that is spread into the call; None for what is not written out."""
    for word in node.keywords:
        keys = word.value.keys if isinstance(word.value, ast.Dict) and word.arg is None else [None]
        spread = (str(key.value) if isinstance(key, ast.Constant) else None for key in keys)
        yield from [word.arg] if word.arg is not None else spread


def _is_mock(node: ast.Call, file: SourceFile) -> bool:
    text = ast.unparse(node.func)
    return file.is_call_to(node, *ASYNC_MOCK) or text in {"mocker.AsyncMock", "mock.AsyncMock"}


def _name_of(node: ast.Call, file: SourceFile) -> str:
    """The variable that the mock is assigned to, or the fixture that returns it; the session that it overrides."""
    above = file.parent(node)
    beyond = file.parent(above) if isinstance(above, ast.Lambda) else None
    if isinstance(beyond, ast.Assign) and _OVERRIDDEN.search(ast.unparse(beyond.targets[0])):
        return "session"
    if isinstance(above, ast.Assign) and len(above.targets) == 1:
        return ast.unparse(above.targets[0])
    if isinstance(above, ast.AnnAssign):
        return ast.unparse(above.target)
    function = file.function_of(node)
    is_given = isinstance(above, ast.Return | ast.Yield)
    return function.name if is_given and function is not None and _is_fixture(function) else ""


def _is_fixture(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any("fixture" in ast.unparse(one) for one in function.decorator_list)


def _gives(function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> bool:
    """Whether a fixture hands the mock itself to its tests."""
    given = (one.value for one in ast.walk(function) if isinstance(one, ast.Return | ast.Yield))
    return _is_fixture(function) and any(isinstance(one, ast.Name) and one.id == name for one in given)


def _attributes(name: str, tree: ast.AST, file: SourceFile) -> set[str]:
    """The attributes read from a variable of this name, and from what its `execute` answers."""
    nodes = ast.walk(tree) if tree is not file.tree else file.nodes(ast.Attribute)
    owners = {name, f"{name}.execute.return_value"}
    return {one.attr for one in nodes if isinstance(one, ast.Attribute) and ast.unparse(one.value) in owners}


def _is_injected(mock: ast.Call, name: str, file: SourceFile) -> bool:
    """Whether the mock takes the place of a dependency: `app.dependency_overrides[get_session] = lambda: session`."""
    home = file.function_of(mock)
    if isinstance(file.parent(mock), ast.Lambda):
        return True
    for node in ast.walk(home) if home is not None else ():
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Lambda)
            and isinstance(node.value.body, ast.Name)
        ):
            target = ast.unparse(node.targets[0])
            if node.value.body.id == name and _OVERRIDDEN.search(target):
                return True
    return False


def _is_replaced(tree: ast.AST, name: str) -> bool:
    """Whether one of the synchronous methods is given a mock of its own where the session is known."""
    return any(
        isinstance(one, ast.Attribute)
        and isinstance(one.ctx, ast.Store)
        and one.attr in SYNCHRONOUS
        and ast.unparse(one.value) == name
        for one in ast.walk(tree)
    )


def _is_annotated(node: ast.Call, file: SourceFile) -> bool:
    above = file.parent(node)
    return isinstance(above, ast.AnnAssign) and last_name(above.annotation) == "AsyncSession"
