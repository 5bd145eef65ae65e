"""Lists and dicts that a function fills: what is put into them is what they hold."""

import ast

from plumb.analysis.orm import callbacks
from plumb.analysis.orm.frame import Frame, instances
from plumb.analysis.orm.plan import EVERYTHING
from plumb.analysis.orm.state import join_objects
from plumb.analysis.orm.values import Const, Dump, Instance, Lookup, Many, Mapping, Row, Value
from plumb.index.extract import last_name

ADDING = frozenset({"append", "add", "extend", "insert", "remove", "discard", "pop", "clear", "update"})
PUTTING = frozenset({"append", "add"})


def many(frame: Frame, base: Many, node: ast.Call, given: list[Value]) -> Value:
    """A method of a collection. What joins it may be loaded by that; what a list of the function gets, is not."""
    name = last_name(node.func)
    if name == "sort":
        callbacks.applied(frame, node, given, base)
    if name not in ADDING:
        return base if name == "copy" else None
    for value in given:
        if not (name in PUTTING and _is_own(node) and _join(frame, base.item, value)):
            for one in instances(value):
                frame.change(one, extra=EVERYTHING)
    return base.item if name == "pop" else None


def row(frame: Frame, base: Row, node: ast.Call, given: list[Value]) -> Value:
    """A list that something is added to is no longer the list that was written."""
    name = last_name(node.func)
    if not isinstance(node.func, ast.Attribute) or name not in ADDING:
        return None
    if base == _EMPTY and name in PUTTING and len(given) == 1 and instances(given[0]) and _is_own(node):
        _become(frame, node.func.value, Many(given[0]))
        return None
    if isinstance(node.func.value, ast.Name):
        frame.state.variables.pop(node.func.value.id, None)
    return None


def written(frame: Frame, target: ast.Subscript, value: Value) -> None:
    """`data["owner"] = user` gives the dict a key that it did not have, `users[user.id] = user` one of many."""
    variable = target.value.id if isinstance(target.value, ast.Name) else ""
    before = frame.state.variables.get(variable)
    key = target.slice.value if isinstance(target.slice, ast.Constant) else None
    if isinstance(before, Dump):
        frame.state.variables[variable] = Dump((*before.names, key)) if isinstance(key, str) else None
    elif isinstance(before, Mapping) and isinstance(key, str):
        kept = tuple(entry for entry in before.entries if entry[0] != key)
        frame.state.variables[variable] = Mapping((*kept, (key, value)))
    elif isinstance(before, Mapping):
        frame.state.variables[variable] = None if before.entries or not instances(value) else Lookup(value)
    elif isinstance(before, Lookup) and not _join(frame, before.item, value):
        frame.state.variables[variable] = None


def _is_own(node: ast.Call) -> bool:
    """Whether the collection is a variable of the function, or lies in a dict that is one."""
    base = node.func.value if isinstance(node.func, ast.Attribute) else None
    base = base.value if isinstance(base, ast.Subscript) else base
    return isinstance(base, ast.Name)


def _become(frame: Frame, target: ast.expr, value: Value) -> None:
    if isinstance(target, ast.Name):
        frame.state.variables[target.id] = value
    elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
        frame.state.variables[target.value.id] = Lookup(value)


def _join(frame: Frame, item: Value, value: Value) -> bool:
    """Whether a value is like those that are there already; then they are one, in favour of the code."""
    if isinstance(value, Const) and value.value is None:
        return True
    if not isinstance(item, Instance) or not isinstance(value, Instance):
        return False
    mine, other = frame.obj(item), frame.obj(value)
    if mine.model.owner != other.model.owner:
        return False
    frame.state.objects[item.ref] = join_objects(mine, other)
    return True


_EMPTY = Row(())
