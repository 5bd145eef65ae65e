"""What the parameters of a function get from a call: by name, by position, by default, and what `*rest` takes."""

import ast
from typing import NamedTuple

from plumb.analysis.orm.frame import Frame
from plumb.analysis.orm.values import Const, Many, Row, Value
from plumb.index.modules import FunctionInfo
from plumb.index.scope import argument, keyword
from plumb.walk import walk


class Taken(NamedTuple):
    """The parameter that the object is bound to, the plain defaults, what goes by position, the name of `*rest`."""

    first: str
    defaults: dict[str, Value]
    positional: tuple[str, ...]
    rest: str


def bound(frame: Frame, function: FunctionInfo, node: ast.Call, on: Value) -> dict[str, Value]:
    """The values by the names of the parameters; of what is not known, none."""
    taken = _taken(frame, function)
    own = taken.first if on is not None else ""
    given: dict[str, Value] = {own: on} if own else {}
    given |= taken.defaults
    positional = [name for name in taken.positional if name != own]
    found, spread = _in_order(frame, node)
    given |= dict(zip(positional, found, strict=False))
    if taken.rest and not spread:
        given[taken.rest] = Row(tuple(found[len(positional) :]))
    elif taken.rest and len(found) == len(positional) and isinstance(spread[0], Many) and len(spread) == 1:
        given[taken.rest] = spread[0]
    for word in node.keywords:
        inner = frame.value(word.value)
        if word.arg is not None:
            given[word.arg] = inner
        else:
            given = {name: value for name, value in given.items() if not isinstance(value, Const) and value != Row(())}
    return given


def argument_for(frame: Frame, function: FunctionInfo, node: ast.Call, on: Value, name: str) -> ast.expr | None:
    """What a call gives to a parameter that the function leaves as it is."""
    taken = _taken(frame, function)
    if name not in {one.name for one in function.fact.parameters} or _sets(frame, function, name):
        return None
    positional = [one for one in taken.positional if on is None or one != taken.first]
    return argument(node, name, positional.index(name)) if name in positional else keyword(node, name)


def _sets(frame: Frame, function: FunctionInfo, name: str) -> bool:
    body = frame.project.definition(function)
    stored = (one for one in walk(body) if isinstance(one, ast.Name)) if body is not None else ()
    return any(one.id == name and isinstance(one.ctx, ast.Store) for one in stored)


def _in_order(frame: Frame, node: ast.Call) -> tuple[list[Value], list[Value]]:
    """What is given by position, and the collections that are spread behind it."""
    found: list[Value] = []
    spread: list[Value] = []
    for part in node.args:
        inner = frame.value(part.value if isinstance(part, ast.Starred) else part)
        if isinstance(part, ast.Starred) and not isinstance(inner, Row):
            spread.append(inner)
        elif not spread:
            found.extend(inner.items if isinstance(part, ast.Starred) and isinstance(inner, Row) else [inner])
    return found, spread


def _taken(frame: Frame, function: FunctionInfo) -> Taken:
    return frame.project.memo(("taken", function.path, function.key), lambda: _read(function))


def _read(function: FunctionInfo) -> Taken:
    parameters = function.fact.parameters
    static = any(text.text == "staticmethod" for text in function.fact.decorators)
    defaults: dict[str, Value] = {}
    for one in parameters:
        default = one.default.node if one.default is not None else None
        if isinstance(default, ast.Constant) and (default.value is None or isinstance(default.value, bool)):
            defaults[one.name] = Const(default.value)
        elif isinstance(default, ast.Tuple) and not default.elts:
            defaults[one.name] = Row(())
    first = parameters[0].name if function.fact.owner and not static and parameters else ""
    rest = next((one.name for one in parameters if one.kind == "args"), "")
    return Taken(first, defaults, tuple(one.name for one in parameters if one.kind == "positional"), rest)
