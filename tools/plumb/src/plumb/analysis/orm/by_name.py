"""Attributes of mapped objects that are read and set by their names: `getattr`, `hasattr`, `setattr`."""

import ast

from plumb.analysis.orm import reads
from plumb.analysis.orm.frame import Frame
from plumb.analysis.orm.reads import Reading, text_of
from plumb.analysis.orm.values import Instance, Value


def called(frame: Frame, name: str, value: Value, node: ast.Call) -> Value:
    """`getattr`, `hasattr` or `setattr` of an object."""
    if name != "setattr":
        return read(frame, value, node)
    if isinstance(value, Instance):
        frame.change(value, dirty=True)
    return None


def read(frame: Frame, value: Value, node: ast.Call) -> Value:
    """`getattr(task, "subtasks", None)` reads like `task.subtasks`; an unknown name may be any."""
    name = node.args[1].value if isinstance(node.args[1], ast.Constant) else None
    if isinstance(value, Instance) and isinstance(name, str) and name in frame.obj(value).model.attributes:
        return reads.read(frame, value, name, lambda: Reading(frame.place(node), f"{text_of(node.args[0])}.{name}"))
    return None
