"""A test relies on row locks that SQLite does not have.

## What it does
Finds tests that run code with `with_for_update` concurrently, in a code base whose tests use SQLite, without a mark
that keeps them off it; a warning for a test that takes such a lock itself, one after the other.

## Why is this bad
SQLite ignores `FOR UPDATE`. The test passes or fails by chance, and proves nothing of the lock that it is there for.

## Example
```python
import asyncio

from sqlalchemy import select

URL = "sqlite+aiosqlite://"


async def test_two_at_once(session):
    async def spend():
        await session.execute(select(Account).with_for_update())

    await asyncio.gather(spend(), spend())
```

## Use instead
```python
import asyncio

import pytest
from sqlalchemy import select

URL = "sqlite+aiosqlite://"


@pytest.mark.xfail(reason="SQLite has no row locks", strict=True)
async def test_two_at_once(session):
    async def spend():
        await session.execute(select(Account).with_for_update())

    await asyncio.gather(spend(), spend())
```

## Known limits
Functions are followed three calls deep. Any mark of its own, a fixture or text that names a database, and code under
test that asks for the dialect counts as a guard; PostgreSQL beside SQLite in the tests does, unless the fixtures that
the test asks for make their engines for a written-out address of SQLite.
"""

import ast
import re
from collections.abc import Iterator

from plumb.analysis.bodies import called_functions, callee_of, variables_of
from plumb.analysis.databases import uses
from plumb.analysis.tests import fixtures_behind
from plumb.findings import Report, Severity
from plumb.index.extract import last_name
from plumb.index.modules import FunctionInfo
from plumb.index.scope import Scope, argument
from plumb.rule import file_rule
from plumb.source import SourceFile
from plumb.walk import walk

AT_ONCE = frozenset({"gather", "TaskGroup", "create_task", "create_task_group", "ThreadPoolExecutor", "Thread"})
ORDINARY = re.compile(r"mark\.(asyncio|anyio|parametrize|usefixtures|unit|integration|slow)\b|^(mock\.)?patch")
ENGINES = frozenset({"create_async_engine", "create_engine"})
LOCK = "with_for_update"
DEPTH = 3


@file_rule("PB701", "row-lock-on-sqlite", Severity.ERROR, needles=(*AT_ONCE, LOCK), kinds=("test",))
def check(file: SourceFile) -> Iterator[Report]:
    """Look at every test that runs things at once, or takes a lock itself."""
    if any(not ORDINARY.search(ast.unparse(mark)) for mark in _marks(file)):
        return
    for test in file.nodes(ast.FunctionDef, ast.AsyncFunctionDef):
        names = _names(test) if test.name.startswith("test") else set[str]()
        if not names & {*AT_ONCE, LOCK} or _is_guarded(test, file):
            continue
        if not _is_on_sqlite(test, file):
            continue
        at_once = bool(names & AT_ONCE)
        if LOCK in names or any(_locks(one, file) for one in _called(test, file)):
            yield file.report(
                file.place(test),
                f"`{test.name}` runs `{LOCK}` {'concurrently ' if at_once else ''}on SQLite, which ignores it",
                '@pytest.mark.xfail(reason="SQLite has no row locks", strict=True)',
                severity=None if at_once else Severity.WARNING,
            )


def _marks(file: SourceFile) -> list[ast.expr]:
    """The marks of `pytestmark`, for the whole file."""
    given = [node.value for node in file.tree.body if isinstance(node, ast.Assign) and _is_mark(node.targets[0])]
    return [mark for one in given for mark in (one.elts if isinstance(one, ast.List | ast.Tuple) else [one])]


def _is_mark(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id == "pytestmark"


def _names(tree: ast.AST) -> set[str]:
    """The functions that are called, and `with_for_update` where it is an argument, as of `session.get()`."""
    calls = [node for node in walk(tree) if isinstance(node, ast.Call)]
    given = (word for node in calls for word in node.keywords if word.arg == LOCK)
    asked = {LOCK for word in given if not (isinstance(word.value, ast.Constant) and not word.value.value)}
    return {last_name(node) for node in calls} | asked


def _is_guarded(test: ast.FunctionDef | ast.AsyncFunctionDef, file: SourceFile) -> bool:
    owners = [above for above in file.ancestors(test) if isinstance(above, ast.ClassDef)]
    marks = [ast.unparse(one) for owner in (test, *owners) for one in owner.decorator_list]
    text = file.text_of(test)
    named = re.search(r"dialect|postgres|skip(?!_locked)|xfail|pg_", text)
    return bool(named) or any(not ORDINARY.search(mark) for mark in marks)


def _is_on_sqlite(test: ast.FunctionDef | ast.AsyncFunctionDef, file: SourceFile) -> bool:
    """Whether no test may run on another database, or the fixtures of this one make all their engines for SQLite."""
    if not uses(file.project, "sqlite", ("test",)):
        return False
    if not uses(file.project, "postgresql", ("test",)):
        return True
    urls = [url for fixture in fixtures_behind(test, file.scope(test)) for url in _engines(fixture, file)]
    return bool(urls) and all(isinstance(url, str) and url.startswith("sqlite") for url in urls)


def _engines(fixture: FunctionInfo, file: SourceFile) -> Iterator[object]:
    """The addresses that a fixture makes engines for; None for one that is not written out."""
    body = file.project.definition(fixture)
    scope = Scope(file.project, fixture.module, fixture.qualname)
    for call in walk(body) if body is not None else ():
        if isinstance(call, ast.Call) and last_name(call) in ENGINES:
            yield scope.literal(argument(call, "url", 0))


def _called(test: ast.FunctionDef | ast.AsyncFunctionDef, file: SourceFile) -> list[FunctionInfo]:
    scope = Scope(file.project, file.module, ".".join(filter(None, (file.scope_of(test), test.name))))
    variables = dict(variables_of(test, scope))
    found = (callee_of(node, scope, variables) for node in ast.walk(test) if isinstance(node, ast.Call))
    return [one for one in found if one is not None]


def _locks(function: FunctionInfo, file: SourceFile, depth: int = DEPTH) -> bool:
    body = file.project.definition(function)
    if body is not None and any(isinstance(one, ast.Attribute) and one.attr == "dialect" for one in walk(body)):
        return False
    if body is not None and LOCK in _names(body):
        return True
    return depth > 1 and any(_locks(one, file, depth - 1) for one in called_functions(file.project, function))
