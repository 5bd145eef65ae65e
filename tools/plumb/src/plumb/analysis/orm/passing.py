"""Functions of Python and its libraries that give back what they are given, or a part of it."""

import ast

from plumb.analysis.orm import by_name, expressions
from plumb.analysis.orm.frame import Frame
from plumb.analysis.orm.values import Instance, Known, Lookup, Many, Row, Value
from plumb.index.modules import External

PASSING = frozenset({"list", "sorted", "set", "tuple", "reversed", "iter", "frozenset", "aiter"})


def passed(frame: Frame, symbol: External, node: ast.Call, found: list[Value]) -> Value:
    """The value of such a call with the arguments *found*."""
    name, first = symbol.name, found[0] if found else None
    value: Value = None
    if name in PASSING:
        value = Many(expressions.item_of(frame, first))
    elif name in {"next", "anext"}:
        value = expressions.item_of(frame, first)
    elif name == "enumerate":
        value = Many(Row((None, expressions.item_of(frame, first))))
    elif name == "zip":
        value = Many(Row(tuple(expressions.item_of(frame, one) for one in found)))
    elif name == "defaultdict" and isinstance(first, Known) and getattr(first.symbol, "name", "") in {"list", "set"}:
        value = Lookup(Row(()))
    elif name == "cast" and len(found) > 1:
        value = found[1]
    elif name in {"aliased", "with_polymorphic"}:
        value = first
    elif name in {"getattr", "hasattr"} and len(node.args) > 1:
        value = by_name.read(frame, first, node)
    elif name == "setattr" and len(node.args) > 1 and isinstance(first, Instance):
        frame.change(first, dirty=True)
    return value
