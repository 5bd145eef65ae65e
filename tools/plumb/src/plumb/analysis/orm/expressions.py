"""What an expression stands for, and the reads it makes on the way."""

import ast
from collections.abc import Callable
from functools import partial, reduce
from itertools import pairwise
from typing import Any

from plumb.analysis.orm import calls, displays, filling, guards, linking, outliving, shown, things
from plumb.analysis.orm.conditions import truth
from plumb.analysis.orm.effects import began, refresh
from plumb.analysis.orm.frame import AMBIENT, SESSION_NAMES, Frame, instances
from plumb.analysis.orm.plan import EVERYTHING, along
from plumb.analysis.orm.reads import is_property, read, written
from plumb.analysis.orm.state import BORROWED, join
from plumb.analysis.orm.values import (
    Attrs,
    Column,
    Const,
    Instance,
    Known,
    Many,
    Method,
    ModelClass,
    Relation,
    Result,
    Row,
    Session,
    Thing,
    Value,
)
from plumb.index.models import model_of
from plumb.index.modules import ClassInfo
from plumb.walk import child_expressions


def evaluate(frame: Frame, node: ast.expr | None) -> Value:
    """The value of an expression; every attribute in it is read."""
    if node is None:
        return None
    handler = _HANDLERS.get(type(node))
    if handler is not None:
        return handler(frame, node)
    for child in child_expressions(node):
        evaluate(frame, child)
    return None


def bind(frame: Frame, target: ast.expr, value: Value) -> None:
    """Assign a value to a target."""
    outliving.kept(frame, target, value)
    if isinstance(target, ast.Name):
        frame.state.variables[target.id] = value
    elif isinstance(target, ast.Tuple | ast.List):
        _unpack(frame, target.elts, value)
    elif isinstance(target, ast.Attribute):
        _assign_attribute(frame, target, value)
    elif isinstance(target, ast.Starred):
        bind(frame, target.value, None)
    elif isinstance(target, ast.Subscript):
        evaluate(frame, target)
        filling.written(frame, target, value)
    else:
        evaluate(frame, target)


def item_of(frame: Frame, value: Value) -> Value:
    """What a loop over the value gives."""
    if isinstance(value, Many):
        return value.item
    if isinstance(value, Result):
        return calls.item_of_result(frame, value)
    if isinstance(value, Row) and value.items:
        return reduce(partial(_either, frame), value.items)
    return None


def _unpack(frame: Frame, targets: list[ast.expr], value: Value) -> None:
    values: list[Value] = [None] * len(targets)
    if isinstance(value, Row) and len(value.items) == len(targets):
        values = list(value.items)
    elif isinstance(value, Many):
        values = [_one_of(frame, value) for _ in targets]
    for one, given in zip(targets, values, strict=True):
        bind(frame, one, given)


def _one_of(frame: Frame, value: Many) -> Value:
    """An object of its own out of many."""
    return frame.state.add(frame.obj(value.item)) if isinstance(value.item, Instance) else value.item


def _assign_attribute(frame: Frame, target: ast.Attribute, value: Value) -> None:
    base = evaluate(frame, target.value)
    if isinstance(base, Instance):
        obj = frame.obj(base)
        attribute = obj.model.attributes.get(target.attr)
        frame.change(base, live=obj.live | {target.attr}, dirty=True)
        began(frame, obj.session)
        if attribute is not None and attribute.relationship is not None:
            if attribute.relationship.many:
                read(frame, base, target.attr, written(frame, target))
                obj = frame.obj(base)
            frame.change(base, extra=obj.extra.merged(along([target.attr], EVERYTHING)))
            frame.state.links.pop((base.ref, target.attr), None)
            linking.known(frame, base, target.attr)
            linking.related(frame, base, value)
            if instances(value):
                frame.state.links[base.ref, target.attr] = value
        elif isinstance(value, Column):
            linking.assigned(frame, base, target, value)
    elif isinstance(target.value, ast.Name):
        frame.state.variables[f"{target.value.id}.{target.attr}"] = value


def _name(frame: Frame, node: ast.Name) -> Value:
    if node.id in frame.state.variables:
        return frame.state.variables[node.id]
    if frame.home.is_local(node.id):
        return Session(AMBIENT) if node.id in SESSION_NAMES else None
    return frame.home.once(("name", node.id), lambda: _of_module(frame, node))


def _of_module(frame: Frame, node: ast.Name) -> Value:
    symbol = frame.home.resolve(node)
    if symbol is None:
        return None
    model = model_of(frame.project, symbol)
    return ModelClass(model) if model is not None else things.of_symbol(frame, symbol)


def _attribute(frame: Frame, node: ast.Attribute) -> Value:
    if isinstance(node.value, ast.Name):
        kept = frame.state.variables.get(f"{node.value.id}.{node.attr}")
        if kept is not None:
            return kept
    return attribute_of(frame, evaluate(frame, node.value), node)


def attribute_of(frame: Frame, base: Value, node: ast.Attribute) -> Value:
    """`base.attr`."""
    if isinstance(base, Many) and base.loose:
        base = base.item
    if isinstance(base, Instance):
        found = read(frame, base, node.attr, written(frame, node))
        if isinstance(found, Method) and is_property(found.function):
            found = calls.run(frame, found.function, {"self": base}, node)
        return found
    if isinstance(base, Attrs):
        refresh(frame, Instance(base.ref), [node.attr])
        attribute = frame.obj(Instance(base.ref)).model.attributes.get(node.attr)
        return read(frame, Instance(base.ref), node.attr, written(frame, node)) if attribute else None
    if isinstance(base, Row):
        return base.items[base.names.index(node.attr)] if node.attr in base.names else None
    if isinstance(base, Thing):
        return things.attribute(frame, base, node)
    if base is None and node.attr in SESSION_NAMES:
        return Session(BORROWED)
    return _of_model(frame, base, node.attr) if isinstance(base, ModelClass) else _of_symbol(frame, base, node)


def _of_model(frame: Frame, base: ModelClass, name: str) -> Value:
    attribute = base.model.attributes.get(name)
    if attribute is not None:
        return Relation(base.model, name) if attribute.relationship is not None else None
    return things.class_member(frame, base.model.owner, name)


def _of_symbol(frame: Frame, base: Value, node: ast.Attribute) -> Value:
    if isinstance(base, Known):
        method = things.class_member(frame, base.symbol, node.attr) if isinstance(base.symbol, ClassInfo) else None
        if method is not None:
            return method
        symbol = frame.project.names.member(base.symbol, node.attr)
        model = model_of(frame.project, symbol)
        if model is not None:
            return ModelClass(model)
        if symbol is not None:
            return things.of_symbol(frame, symbol)
    return None


def _boolean(frame: Frame, node: ast.BoolOp) -> Value:
    """`a or b` is either. In `task.user_id or task.user.id` the second is there for when the first cannot be."""
    found = [evaluate(frame, node.values[0])]
    for before, part in pairwise(node.values):
        guards.trust(frame, before)
        spared = isinstance(node.op, ast.Or) and _root(before) == _root(part) != ""
        frame.quiet += spared
        found.append(evaluate(frame, part))
        frame.quiet -= spared
    if isinstance(node.op, ast.And):
        return found[-1]
    mapped = [value for value in found if not isinstance(value, Const)]
    return reduce(partial(_either, frame), mapped) if mapped and None not in mapped else None


def _root(node: ast.expr) -> str:
    """The variable that a chain of attributes starts from; nothing for other expressions."""
    if not isinstance(node, ast.Attribute):
        return ""
    below: ast.expr = node
    while isinstance(below, ast.Attribute):
        below = below.value
    return below.id if isinstance(below, ast.Name) else ""


def _either(frame: Frame, first: Value, second: Value) -> Value:
    one, other = frame.state.copy(), frame.state.copy()
    one.variables[_RESULT], other.variables[_RESULT] = first, second
    frame.state = join(one, other)
    return frame.state.variables.pop(_RESULT, None)


def _conditional(frame: Frame, node: ast.IfExp) -> Value:
    decided = truth(frame, node.test)
    if decided is not None:
        return evaluate(frame, node.body if decided else node.orelse)
    evaluate(frame, node.test)
    guards.trust(frame, node.test)
    return _either(frame, evaluate(frame, node.body), evaluate(frame, node.orelse))


def _awaited(frame: Frame, node: ast.Await) -> Value:
    if isinstance(node.value, ast.Call):
        return calls.call(frame, node.value, awaited=True)
    return evaluate(frame, node.value)


def _call(frame: Frame, node: ast.Call) -> Value:
    return calls.call(frame, node, awaited=False)


def _constant(_: Frame, node: ast.Constant) -> Value:
    value = node.value
    return Const(value) if value is None or isinstance(value, str | int | float | bool) else None


def _walrus(frame: Frame, node: ast.NamedExpr) -> Value:
    value = evaluate(frame, node.value)
    bind(frame, node.target, value)
    return value


def _formatted(frame: Frame, node: ast.FormattedValue) -> Value:
    shown.read(frame, evaluate(frame, node.value), "repr" if node.conversion == ord("r") else "str")
    evaluate(frame, node.format_spec)
    return None


def _skip(_: Frame, __: ast.expr) -> Value:
    """A function that may run at another time, or not at all."""
    return None


_RESULT = " result"
_HANDLERS: dict[type[ast.expr], Callable[[Frame, Any], Value]] = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.BoolOp: _boolean,
    ast.IfExp: _conditional,
    ast.Await: _awaited,
    ast.Call: _call,
    ast.Constant: _constant,
    ast.Tuple: displays.sequence,
    ast.List: displays.sequence,
    ast.Set: displays.sequence,
    ast.Dict: displays.mapping,
    ast.ListComp: displays.comprehension,
    ast.SetComp: displays.comprehension,
    ast.GeneratorExp: displays.comprehension,
    ast.DictComp: displays.dict_comprehension,
    ast.Subscript: displays.subscript,
    ast.NamedExpr: _walrus,
    ast.FormattedValue: _formatted,
    ast.Lambda: _skip,
}
