"""Functions that are handed to others: what they read of the objects that they will get."""

import ast

from plumb.analysis.orm import calls, expressions
from plumb.analysis.orm.frame import Frame
from plumb.analysis.orm.values import Many, Value
from plumb.index.extract import last_name
from plumb.index.scope import keyword

STARTING = frozenset({"gather", "wait", "wait_for", "shield", "as_completed", "create_task", "ensure_future"})
"""What runs the coroutines that it is given."""
ORDERING = frozenset({"sorted", "min", "max", "sort"})
CHOOSING = frozenset({"map", "filter"})


def applied(frame: Frame, node: ast.Call, found: list[Value], items: Value) -> Value:
    """The value of `sorted(tasks, key=lambda task: ...)`, `map(...)`, and of others that call a function themselves."""
    name = last_name(node.func)
    if name in ORDERING:
        _with(frame, keyword(node, "key"), expressions.item_of(frame, items))
        return expressions.item_of(frame, items) if name in {"min", "max"} and len(found) == 1 else None
    item = expressions.item_of(frame, found[1] if len(found) > 1 else None)
    result = _with(frame, node.args[0] if node.args else None, item)
    return Many(item if name == "filter" else result)


def later(frame: Frame, node: ast.Call) -> None:
    """`tasks.add_task(notify, user)`: what the function reads, it reads of the objects as they are now."""
    if last_name(node.func) != "add_task" or not node.args or not isinstance(node.args[0], ast.Name | ast.Attribute):
        return
    call = ast.copy_location(ast.Call(node.args[0], node.args[1:], node.keywords), node)
    before = frame.state
    frame.state = before.copy()
    calls.invoke(frame, frame.value(node.args[0]), call, awaited=True)
    frame.state = before


def _with(frame: Frame, function: ast.expr | None, item: Value) -> Value:
    """The value of a lambda for one item."""
    if not isinstance(function, ast.Lambda) or len(function.args.args) != 1 or item is None:
        return None
    name = function.args.args[0].arg
    before = dict(frame.state.variables)
    frame.state.variables[name] = item
    value = frame.value(function.body)
    frame.state.variables = before
    return value
