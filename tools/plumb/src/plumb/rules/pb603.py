"""A test's assertions stand inside a `try` whose handler swallows their failure.

## What it does
Finds `assert` statements (and `assert_called...`, `self.assertEqual`) in a test, in the body of a `try` whose first
matching handler catches AssertionError, by name, as `Exception`, or bare, and neither raises nor fails again.
`contextlib.suppress` counts as such a handler.

## Why is this bad
The test passes whatever the code does. It looks like coverage and is none.

## Example
```python
async def test_rejects_a_negative_amount(client):
    try:
        response = await client.post("/credits", json={"amount": -1})
        assert response.status_code == 422
    except Exception as error:
        print(error)
```

## Use instead
```python
async def test_rejects_a_negative_amount(client):
    response = await client.post("/credits", json={"amount": -1})
    assert response.status_code == 422
```

## Known limits
Loops that retry until an assertion holds, handlers that keep the exception for a later check, and helper functions
that return whether something holds are left alone.
"""

import ast
from collections.abc import Iterator, Set as AbstractSet

from plumb.analysis.handlers import caught
from plumb.findings import Related, Report, Severity
from plumb.rule import node_rule
from plumb.source import SourceFile

SWALLOWED_BY = frozenset({"builtins.AssertionError", "builtins.Exception", "builtins.BaseException"})
FAILING_CALLS = frozenset({"fail", "xfail", "exit", "_exit"})
LOGGING = frozenset(
    {"print", "debug", "info", "warning", "error", "exception", "critical", "log", "repr", "str", "format"}
)
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@node_rule(
    "PB603",
    "swallowed-assertion",
    Severity.ERROR,
    nodes=(ast.Try, ast.With, ast.AsyncWith),
    needles=("assert",),
    kinds=("test",),
)
def check(node: ast.Try | ast.With | ast.AsyncWith, file: SourceFile) -> Iterator[Report]:
    """Look for assertions in the body, then for the handler that would get their failure."""
    function = file.function_of(node)
    if function is None or not function.name.startswith("test"):
        return
    asserted = next(_assertions(node.body), None)
    if asserted is None:
        return
    if isinstance(node, ast.Try):
        handler = next((one for one in node.handlers if _catches_assertions(one, file)), None)
        if handler is not None and not _is_checked(node, handler, file):
            what = "except:" if handler.type is None else f"except {file.text_of(handler.type)}:"
            yield _report(asserted, what, Related(file.place(handler), "swallowed here"), file)
    else:
        item = next((one for one in node.items if _suppresses_assertions(one.context_expr, file)), None)
        if item is not None:
            place = Related(file.place(item.context_expr), "swallowed here")
            yield _report(asserted, f"with {file.text_of(item.context_expr)}:", place, file)


def _report(asserted: ast.stmt, what: str, related: Related, file: SourceFile) -> Report:
    text = file.text_of(asserted)
    return file.report(
        asserted,
        f"this assertion cannot fail the test: `{what}` swallows it",
        f"Take it out of the block, or let the failure through:\n{text}",
        related=[related],
    )


def _assertions(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Assertions that run in the block itself: not in functions defined there, not in another `try`."""
    for statement in body:
        if isinstance(statement, ast.Assert) or _is_assertion_call(statement):
            yield statement
        elif isinstance(statement, ast.If | ast.For | ast.AsyncFor | ast.While | ast.With | ast.AsyncWith):
            yield from _assertions(statement.body)
            yield from _assertions(getattr(statement, "orelse", []))


def _is_assertion_call(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(value, ast.Await):
        value = value.value
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        return False
    name = value.func.attr
    return name.startswith("assert_") or (name.startswith("assert") and name[6:7].isupper())


def _catches_assertions(handler: ast.ExceptHandler, file: SourceFile) -> bool:
    if handler.type is None:
        return True
    identity = file.project.hierarchy.identity
    return any(identity(one.symbol) in SWALLOWED_BY for one in caught(handler, file))


def _suppresses_assertions(manager: ast.expr, file: SourceFile) -> bool:
    if not isinstance(manager, ast.Call) or not file.is_call_to(manager, "contextlib.suppress"):
        return False
    return any(getattr(file.resolve(given), "key", "") in SWALLOWED_BY for given in manager.args)


def _is_checked(node: ast.Try, handler: ast.ExceptHandler, file: SourceFile) -> bool:
    """Whether the failure still counts somewhere: raised again, kept, retried, or the very thing that is expected."""
    if any(_fails(inner) for statement in handler.body for inner in ast.walk(statement)):
        return True
    if _keeps(handler) or any(
        _fails(inner) for statement in (*node.orelse, *node.finalbody) for inner in ast.walk(statement)
    ):
        return True
    counted = any(isinstance(inner, ast.AugAssign) for statement in node.body for inner in ast.walk(statement))
    return counted or _is_retried(node, file) or _sets_a_flag(handler, file)


def _fails(node: ast.AST) -> bool:
    if isinstance(node, ast.Raise | ast.Assert):
        return True
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in FAILING_CALLS or name.startswith("assert")


def _keeps(handler: ast.ExceptHandler) -> bool:
    """Whether the exception is used for more than a message."""
    return handler.name is not None and any(_used(handler, {handler.name}))


def _used(around: ast.AST, names: AbstractSet[str]) -> Iterator[ast.Name]:
    """The places that read one of the names for more than a message."""
    shown = {
        id(name)
        for node in ast.walk(around)
        if isinstance(node, ast.Call) and _called(node) in LOGGING
        for name in ast.walk(node)
    }
    for node in ast.walk(around):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names and id(node) not in shown:
            yield node


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _sets_a_flag(handler: ast.ExceptHandler, file: SourceFile) -> bool:
    """`failed = True` or `failures += 1`, which something looks at later; what no name holds may be seen anywhere."""
    written = [node for node in ast.walk(handler) if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign)]
    targets = [target for one in written for target in (one.targets if isinstance(one, ast.Assign) else [one.target])]
    names = {target.id for target in targets if isinstance(target, ast.Name)}
    function = file.function_of(handler)
    return len(names) < len(targets) or (function is not None and any(_used(function, names)))


def _is_retried(node: ast.Try, file: SourceFile) -> bool:
    """Whether a loop around it ends with success alone, or something behind its turns may still fail the test."""
    for above in file.ancestors(node):
        if isinstance(above, FunctionNode):
            return False
        if isinstance(above, ast.For | ast.AsyncFor | ast.While):
            function = file.function_of(above)
            nodes = ast.walk(function) if function is not None else ()
            behind = (one for one in nodes if getattr(one, "lineno", 0) > (node.end_lineno or 0))
            return isinstance(above, ast.While) or any(_fails(one) for one in behind)
    return False
