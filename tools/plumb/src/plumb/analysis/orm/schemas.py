"""Pydantic schemas as readers: which attributes of a mapped object one reads when it is built from it."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from plumb.analysis.orm import calls, expressions
from plumb.analysis.orm.frame import Frame, Response
from plumb.analysis.orm.home import home_of
from plumb.analysis.orm.inlining import inline
from plumb.analysis.orm.reads import Reading, elsewhere, is_property, method_of, read, text_of, unparsed
from plumb.analysis.orm.schema_fields import attribute_name, fields, member, reads_attributes, validators_before
from plumb.analysis.orm.schema_types import Schema, alternatives, element, is_open, is_schema, schema_of
from plumb.analysis.orm.values import Const, Instance, Known, Many, Mapping, Method, Row, Value
from plumb.index.facts import parse_expression
from plumb.index.modules import ClassInfo, FunctionInfo, ValueInfo
from plumb.index.scope import Scope, keyword
from plumb.walk import levels

READERS = frozenset({"model_validate", "from_orm", "parse_obj"})
ADAPTING = frozenset({"validate_python"})
ADAPTERS = ("pydantic.TypeAdapter", "pydantic.type_adapter.TypeAdapter")
DEPTH = 5


class Built(NamedTuple):
    """What a schema holds as it was given, where its fields have no type of their own."""

    value: Value


def called(frame: Frame, node: ast.Call) -> Built | None:
    """What a call that builds a schema makes: `S(...)`, `S.model_validate(task)`, `Envelope[S].of(task)`."""
    function = node.func
    target = function.value if isinstance(function, ast.Attribute) else function
    if isinstance(function, ast.Attribute) and function.attr in ADAPTING:
        return _adapt(frame, target, node)
    schema = _named(frame, target)
    if schema is None:
        return None
    if not isinstance(function, ast.Attribute):
        return Built(_construct(frame, schema, node))
    custom = method_of(frame, schema.owner, function.attr)
    if function.attr in READERS and custom is None:
        _validate(frame, schema, node)
        return Built(None)
    if custom is not None and any(text.text == "classmethod" for text in custom.fact.decorators):
        return _custom(frame, schema, custom, node)
    return None


def respond(frame: Frame, response: Response, value: Value, node: ast.expr) -> None:
    """Read what a route's response model reads of the value that it returns."""
    reading = Reading(frame.place(node), text_of(node), "the response model", _entries(frame, node))
    _field(frame, response.annotation, response.scope, (), value, reading, DEPTH, checked=False)


def _entries(frame: Frame, node: ast.expr) -> dict[str, Reading]:
    """Where the values of a dict stand that is written out."""
    if not isinstance(node, ast.Dict):
        return {}
    keys = [key.value if isinstance(key, ast.Constant) else "" for key in node.keys]
    found = {str(key): one for key, one in zip(keys, node.values, strict=True)}
    return {key: Reading(frame.place(one), text_of(one), "the response model") for key, one in found.items()}


def _named(frame: Frame, target: ast.expr) -> Schema | None:
    """The schema class that is called, also as the `cls` of its own classmethod."""
    if not isinstance(target, ast.Name | ast.Attribute | ast.Subscript):
        return None
    kept = frame.state.variables.get(target.id) if isinstance(target, ast.Name) else None
    if isinstance(kept, Known) and isinstance(kept.symbol, ClassInfo):
        return Schema(kept.symbol, ()) if is_schema(kept.symbol, frame.home.scope) else None
    if _is_variable(frame, target):
        return None
    return frame.home.once(("schema", target), lambda: schema_of(target, frame.home.scope, ()))


def _adapt(frame: Frame, target: ast.expr, node: ast.Call) -> Built | None:
    """`TypeAdapter(list[S]).validate_python(tasks)`, also by the name of the adapter."""
    symbol = frame.home.resolve(target)
    scope, made = frame.home.scope, target
    if isinstance(symbol, ValueInfo):
        scope, made = Scope(frame.project, symbol.module, symbol.assignment.scope), symbol.assignment.value.node
    if not isinstance(made, ast.Call) or not made.args or not scope.is_call_to(made, *ADAPTERS) or not node.args:
        return None
    value = frame.value(node.args[0])
    flag = keyword(node, "from_attributes")
    asked = isinstance(flag, ast.Constant) and flag.value is True
    reading = Reading(frame.place(node), text_of(node.args[0]), f"`{text_of(made)}`")
    _field(frame, made.args[0], scope, (), value, reading, DEPTH, checked=not asked)
    return Built(None)


def _is_variable(frame: Frame, node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return isinstance(node, ast.Name) and (node.id in frame.state.variables or frame.home.is_local(node.id))


def _construct(frame: Frame, schema: Schema, node: ast.Call) -> Value:
    for part in node.args:
        frame.value(part)
    values = [(word.arg, frame.value(word.value), word.value) for word in node.keywords]
    if validators_before(frame, schema.owner):
        return None
    kept: list[tuple[str, Value]] = []
    for name, value, written in values:
        field = member(frame, schema.owner, name) if name else None
        if field is not None and field[1].annotation is not None:
            reading = Reading(frame.place(node), text_of(written), f"`{schema.owner.name}`")
            scope = Scope.of_class(frame.project, field[0])
            _field(frame, field[1].annotation.node, scope, schema.variables, value, reading, DEPTH, checked=True)
            if name and value is not None and is_open(field[1].annotation.node, scope, schema.variables):
                kept.append((name, value))
    return Mapping(tuple(kept)) if kept else None


def _validate(frame: Frame, schema: Schema, node: ast.Call) -> None:
    values = [frame.value(part) for part in node.args]
    for word in node.keywords:
        frame.value(word.value)
    flag = keyword(node, "from_attributes")
    asked = isinstance(flag, ast.Constant) and flag.value is True
    if values and (asked or isinstance(values[0], Mapping) or reads_attributes(frame.project, schema.owner)):
        reading = Reading(frame.place(node), text_of(node.args[0]), f"`{schema.owner.name}`")
        _build(frame, schema, values[0], reading, DEPTH)


def _custom(frame: Frame, schema: Schema, function: FunctionInfo, node: ast.Call) -> Built | None:
    """A classmethod such as `of(source)` that builds the class of `{"data": source}` or `data=source`."""
    home = home_of(frame.project, function)
    body = home.node if home is not None else None
    parameters = [one.name for one in function.fact.parameters][1:]
    fields = dict(_given_fields(body)) if body is not None else {}
    calls.invoke(frame, Method(function, Const(None) if fields else Known(schema.owner)), node, awaited=True)
    if not fields:
        return Built(None)
    values = {name: (frame.value(part), part) for name, part in zip(parameters, node.args, strict=False)}
    values |= {word.arg: (frame.value(word.value), word.value) for word in node.keywords if word.arg}
    for name, part in fields.items():
        root = part.value if isinstance(part, ast.Attribute) else part
        if not isinstance(root, ast.Name) or root.id not in values:
            continue
        value, written = values[root.id]
        if isinstance(part, ast.Attribute):
            value = expressions.attribute_of(frame, value, part) if not isinstance(value, Instance) else None
        field = member(frame, schema.owner, name)
        if field is not None and field[1].annotation is not None:
            reading = Reading(frame.place(node), text_of(written), f"`{text_of(node.func)}`")
            scope = Scope.of_class(frame.project, field[0])
            _field(frame, field[1].annotation.node, scope, schema.variables, value, reading, DEPTH, checked=True)
    return Built(None)


def _given_fields(function: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for call in levels(function):
        if not isinstance(call, ast.Call):
            continue
        own = isinstance(call.func, ast.Name) and call.func.id == "cls"
        if own:
            yield from ((word.arg, word.value) for word in call.keywords if word.arg)
        elif unparsed(call.func) == "cls.model_validate" and call.args and isinstance(call.args[0], ast.Dict):
            for key, value in zip(call.args[0].keys, call.args[0].values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, value


def _field(
    frame: Frame,
    annotation: ast.expr,
    scope: Scope,
    variables: tuple[tuple[str, Scope, ast.expr], ...],
    value: Value,
    reading: Reading,
    depth: int,
    *,
    checked: bool,
) -> None:
    """A value is given for a field of this annotation. *checked*: only a schema with `from_attributes` reads it."""
    if value is None or not depth:
        return
    for home, one in alternatives(annotation, scope, variables):
        inner = element(one)
        if inner is not None:
            items = list(value.items) if isinstance(value, Row) else [expressions.item_of(frame, value)]
            below = reading._replace(text=f"{reading.text}[...]", entries={})
            for item in items:
                _field(frame, inner, home, variables, item, below, depth - 1, checked=checked)
            continue
        schema = schema_of(one, home, variables)
        if schema is not None and (
            not checked or isinstance(value, Mapping) or reads_attributes(frame.project, schema.owner)
        ):
            _build(frame, schema, value, reading, depth - 1)


def _build(frame: Frame, schema: Schema, value: Value, reading: Reading, depth: int) -> None:
    if not depth:
        return
    if isinstance(value, Many) and value.loose:
        value = value.item
    before = validators_before(frame, schema.owner)
    if before:
        _transform(frame, before, value)
        return
    given = dict(value.entries) if isinstance(value, Mapping) else {}
    for owner, field in fields(frame, schema.owner):
        if field.annotation is None:
            continue
        name = attribute_name(field)
        below = reading.entries.get(name) or reading._replace(text=f"{reading.text}.{name}", entries={})
        if isinstance(value, Instance):
            found = _attribute(frame, value, name, below)
        elif name in given:
            found = given[name]
        else:
            continue
        scope = Scope.of_class(frame.project, owner)
        _field(frame, field.annotation.node, scope, schema.variables, found, below, depth, checked=False)


def _transform(frame: Frame, validators: list[FunctionInfo], value: Value) -> None:
    """A validator gets the object itself; what it reads is read, what it makes of it is not known."""
    for function in validators:
        names = [one.name for one in function.fact.parameters][1:2]
        if isinstance(value, Instance) and names:
            inline(frame, function, {names[0]: value}, parse_expression("validator"))


def _attribute(frame: Frame, value: Instance, name: str, reading: Reading) -> Value:
    model = frame.obj(value).model
    if name in model.attributes:
        return read(frame, value, name, lambda: reading)
    function = method_of(frame, model.owner, name)
    if function is not None and is_property(function):
        return inline(frame, function, {"self": value}, parse_expression("property"))
    if function is None and elsewhere(frame, model, name) is not None:
        return read(frame, value, name, lambda: reading)
    return None
