"""A patch names something that does not exist, or not the name that the code under test uses.

## What it does
Follows the target of `patch("a.b.c")`, `patch.object(a.b, "c")`, `patch.multiple`, `mocker.patch`, `mocker.spy` and
`monkeypatch.setattr` through the project, and finds targets that lead nowhere. Where a test patches a function, or what
a module has made by a call, at home, but the function it calls has imported it by name, it says which name to patch; a
warning where what the test calls is not known, but everybody has imported the function by name.

## Why is this bad
A target that does not exist fails the test with an error far from its cause. The wrong name is worse: the patch
succeeds, the real function runs, and the test sends the mail.

## Example
```python
# file: app/__init__.py
# file: app/mail.py
def send(text): ...


# file: tests/test_mail.py
from unittest.mock import patch


@patch("app.mail.send_mail")
def test_send(send): ...
```

## Use instead
```python
# file: app/__init__.py
# file: app/mail.py
def send(text): ...


# file: tests/test_mail.py
from unittest.mock import patch


@patch("app.mail.send")
def test_send(send): ...
```

## Known limits
Targets inside the project only. Silent for modules with `__getattr__`, for names that a module makes in some other way,
for instance attributes, and for `create=True` or `raising=False`.
"""

import ast
from collections.abc import Iterator, Set as AbstractSet

from plumb.analysis.bodies import FunctionNode, callee_of, reached, variables_of
from plumb.analysis.imported_by_name import importers
from plumb.analysis.mock_chains import fixtures_of
from plumb.analysis.patches import Patch, missing, patches_of
from plumb.analysis.tests import tests_of
from plumb.findings import Report, Severity
from plumb.index.facts import Import
from plumb.index.modules import ClassInfo, FunctionInfo, Module
from plumb.index.names import dotted_name
from plumb.index.scope import Scope
from plumb.rule import file_rule
from plumb.source import SourceFile


@file_rule("PB802", "patch-target", Severity.ERROR, needles=("patch",), kinds=("test",))
def check(file: SourceFile) -> Iterator[Report]:
    """Look at every patch of the file."""
    patches = [one for node in file.nodes(ast.Call) for one in patches_of(node, file)]
    tests = {one.node: tests_of(one.node, file) for one in patches}
    for one in patches:
        lost = missing(one, file)
        if lost:
            yield file.report(
                one.place, f"`{one.target}`: {lost}", "Patch the name where the code under test reads it."
            )
        elif one.home is not None:
            mine = tests[one.node]
            beside = [other for other in patches if not tests[other.node] or mine & tests[other.node]]
            yield from _elsewhere(one, mine, beside, file) or _nowhere(one, beside, file)


def _elsewhere(patch: Patch, tests: AbstractSet[FunctionNode], beside: list[Patch], file: SourceFile) -> list[Report]:
    """The tests patch a definition, and call a function of a module that has imported it by name."""
    name = patch.target.rpartition(".")[2]
    called = [one for test in sorted(tests, key=lambda one: one.lineno) for one in _called(test, file)]
    users = [(one, _copy(one, patch.home, name, file)) for one in called if patch.home is not None]
    at_home = any(patch.home is not None and one.path == patch.home.path for one in called)
    user, copy = next(((one, copy) for one, copy in users if copy), (None, ""))
    written = {(one.owner.path, one.target.rpartition(".")[2]) for one in beside if one.owner is not None}
    is_missed = user is not None and not at_home and (user.module.path, copy) not in written
    if user is not None and patch.home is not None and is_missed and not _comes_home(user, patch.home, name, file):
        home = _spelled(user.path, patch, file)
        text = f"`{user.qualname}` uses the `{copy}` that `{home}` has imported; this patch misses it"
        return [file.report(patch.place, text, f'patch("{home}.{copy}")')]
    return []


def _comes_home(user: FunctionInfo, home: Module, name: str, file: SourceFile) -> bool:
    """Whether a function calls one, itself or by another one, that reads the name in *home* or takes it from there."""
    for one in reached([user], file.project):
        binding = one.module.binding(one.qualname, name)
        if isinstance(binding, Import) and binding.attribute == name:
            return True
        body = file.project.definition(one) if one.path == home.path else None
        if body is not None and any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(body)):
            return True
    return False


def _nowhere(patch: Patch, beside: list[Patch], file: SourceFile) -> list[Report]:
    """Whoever uses the function has imported it by name; what the test calls need not be known."""
    name = patch.target.rpartition(".")[2]
    if patch.home is None or any(one.target != patch.target and one.target.endswith(f".{name}") for one in beside):
        return []
    own = any(name in {getattr(one, "attr", ""), getattr(one, "id", "")} for one in file.nodes(ast.Attribute, ast.Name))
    users = () if own else importers(file.project, patch.home.path, name)
    if not users:
        return []
    user = _spelled(users[0], patch, file)
    text = f"nothing reads `{name}` in `{_spelled(patch.home.path, patch, file)}`: `{user}` has imported it by name"
    return [file.report(patch.place, text, f'patch("{user}.{name}")', severity=Severity.WARNING)]


def _spelled(path: str, patch: Patch, file: SourceFile) -> str:
    """The dotted name of a file as the target spells those beside it, which may have no `__init__.py`."""
    home, own = f"{patch.target.rpartition('.')[0].replace('.', '/')}.py", patch.home.path if patch.home else ""
    root = own.removesuffix(home)
    if not isinstance(patch.place, ast.Constant) or root == own or not path.startswith(root):
        return file.project.module(path).dotted
    return path.removeprefix(root).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _called(test: FunctionNode, file: SourceFile) -> list[FunctionInfo]:
    scope = Scope(file.project, file.module, ".".join(filter(None, (file.scope_of(test), test.name))))
    variables = {**dict(fixtures_of(test, scope)), **dict(variables_of(test, scope))}
    calls = [node for node in ast.walk(test) if isinstance(node, ast.Call)]
    called = [callee_of(node, scope, variables) or _constructor(node, scope) for node in calls]
    return [one for one in called if one is not None]


def _constructor(call: ast.Call, scope: Scope) -> FunctionInfo | None:
    made = scope.resolve(call.func) if dotted_name(call.func) else None
    return scope.project.hierarchy.method(made, "__init__") if isinstance(made, ClassInfo) else None


def _copy(function: FunctionInfo, home: Module, name: str, file: SourceFile) -> str:
    """The name by which a function uses what its module has imported from *home* as *name*, if it does."""
    body = None if function.path == home.path else file.project.definition(function)
    nodes = ast.walk(body) if body is not None else ()
    for copy in sorted({node.id for node in nodes if isinstance(node, ast.Name)}):
        binding = function.module.binding("", copy)
        if function.module.binding(function.qualname, copy) or not isinstance(binding, Import):
            continue
        symbol = file.project.names.resolve(function.module, copy)
        is_home = getattr(getattr(symbol, "module", None), "path", "") == home.path
        if binding.attribute == name and not binding.type_checking and is_home:
            return copy
    return ""
