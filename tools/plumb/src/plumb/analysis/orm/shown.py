"""Mapped objects that become text: `__str__` and `__repr__` read what they print."""

from plumb.analysis.orm.frame import Frame
from plumb.analysis.orm.inlining import inline
from plumb.analysis.orm.reads import method_of
from plumb.analysis.orm.values import Instance, Value
from plumb.index.facts import parse_expression


def read(frame: Frame, value: Value, how: str) -> None:
    """What `str(task)`, `repr(task)` or a place in an f-string reads of the object."""
    if not isinstance(value, Instance):
        return
    owner = frame.obj(value).model.owner
    function = method_of(frame, owner, "__str__") if how == "str" else None
    function = function or method_of(frame, owner, "__repr__")
    if function is not None:
        inline(frame, function, {"self": value}, parse_expression("text"))
