"""Dicts of plain values: what a dumped schema gives to a new object, and what is written into it since."""

import ast

from plumb.analysis.orm.effects import forget
from plumb.analysis.orm.frame import Frame
from plumb.analysis.orm.values import Dump, Instance, Value

DUMPING = frozenset({"model_dump", "dict"})


def dumped(frame: Frame, function: ast.expr, base: Value, target: Value) -> Value:
    """The value of `data.model_dump()`, when it is no method of the project.

    What has such a method is a schema, whatever its annotation says.
    """
    if target is not None or not isinstance(function, ast.Attribute) or function.attr not in DUMPING:
        return None
    if isinstance(base, Instance) and frame.obj(base).model.style == "sqlalchemy":
        forget(frame, base)
    return Dump(())


def keys(frame: Frame, node: ast.expr) -> frozenset[str] | None:
    """The keys of `**node` that may hold mapped objects; None when all may."""
    if isinstance(node, ast.Dict):
        return _of_display(frame, node)
    value = frame.value(node)
    return frozenset(value.names) if isinstance(value, Dump) else None


def _of_display(frame: Frame, node: ast.Dict) -> frozenset[str] | None:
    """The keys that are written out, with those of the dicts that are spread into the display."""
    found: set[str] = set()
    for key, value in zip(node.keys, node.values, strict=True):
        inner = keys(frame, value) if key is None else None
        if key is None and inner is not None:
            found |= inner
        elif isinstance(key, ast.Constant) and isinstance(key.value, str):
            found.add(key.value)
        else:
            return None
    return frozenset(found)


def changed(frame: Frame, base: Dump, node: ast.Call) -> Value:
    """A method of the dict: `update()` may bring anything that is not written out."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in {"update", "setdefault", "copy"}:
        return None
    if node.func.attr == "copy":
        return base
    if isinstance(node.func.value, ast.Name):
        named = [word.arg for word in node.keywords if word.arg]
        plain = len(named) == len(node.keywords) and not node.args
        frame.state.variables[node.func.value.id] = Dump((*base.names, *named)) if plain else None
    return None
