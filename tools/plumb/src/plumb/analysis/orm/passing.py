"""Functions of Python and its libraries that give back what they are given, or a part of it."""

import ast

from plumb.analysis.orm import by_name, callbacks, expressions, shown
from plumb.analysis.orm.frame import Frame
from plumb.analysis.orm.values import Known, Lookup, Many, Row, Value
from plumb.index.modules import External

PASSING = frozenset({"list", "set", "tuple", "reversed", "iter", "frozenset", "aiter"})


def passed(frame: Frame, symbol: External, node: ast.Call, found: list[Value]) -> Value:
    """The value of such a call with the arguments *found*."""
    name, first = symbol.name, found[0] if found else None
    if name in callbacks.ORDERING | callbacks.CHOOSING:
        chosen = callbacks.applied(frame, node, found, first)
        return chosen if name != "sorted" else Many(expressions.item_of(frame, first))
    if name in {"str", "repr"}:
        return shown.read(frame, first, name)
    if name in {"getattr", "hasattr", "setattr"} and len(node.args) > 1:
        return by_name.called(frame, name, first, node)
    return _given_back(frame, name, found)


def _given_back(frame: Frame, name: str, found: list[Value]) -> Value:
    first = found[0] if found else None
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
    return value
