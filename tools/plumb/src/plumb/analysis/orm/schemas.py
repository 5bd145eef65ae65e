"""Pydantic schemas as readers: which attributes of a mapped object one reads when it is built from it."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from plumb.analysis.orm import expressions
from plumb.analysis.orm.frame import Frame, Response
from plumb.analysis.orm.home import home_of
from plumb.analysis.orm.inlining import inline
from plumb.analysis.orm.reads import is_property, method_of, read, text_of, unparsed
from plumb.analysis.orm.values import Instance, Many, Mapping, Result, Row, Value
from plumb.findings import Place
from plumb.index.facts import FieldFact, parse_expression
from plumb.index.models import model_of
from plumb.index.modules import ClassInfo, FunctionInfo, ValueInfo
from plumb.index.scope import Scope, keyword

READERS = frozenset({"model_validate", "from_orm", "parse_obj"})
COLLECTIONS = frozenset(
    {"list", "List", "Sequence", "set", "Set", "frozenset", "FrozenSet", "tuple", "Tuple", "Iterable", "Collection"}
)
TRANSPARENT = frozenset({"Optional", "Annotated", "Union"})
DEPTH = 5


class Schema(NamedTuple):
    """A schema class with what stands for its type variables."""

    owner: ClassInfo
    variables: tuple[tuple[str, Scope, ast.expr], ...]


class Reading(NamedTuple):
    """Where a schema is built, from what, and what is said to read."""

    place: Place
    text: str
    reader: str


def called(frame: Frame, node: ast.Call) -> bool:
    """Whether the call builds a schema, and is read: `S(...)`, `S.model_validate(task)`, `Envelope[S].of(task)`."""
    function = node.func
    target = function.value if isinstance(function, ast.Attribute) else function
    if not isinstance(target, ast.Name | ast.Attribute | ast.Subscript) or _is_variable(frame, target):
        return False
    schema = schema_of(target, frame.home.scope, ())
    if schema is None:
        return False
    if not isinstance(function, ast.Attribute):
        _construct(frame, schema, node)
        return True
    custom = method_of(frame, schema.owner, function.attr)
    if function.attr in READERS and custom is None:
        _validate(frame, schema, node)
        return True
    if custom is not None and any(text.text == "classmethod" for text in custom.fact.decorators):
        return _custom(frame, schema, custom, node)
    return False


def respond(frame: Frame, response: Response, value: Value, node: ast.expr) -> None:
    """Read what a route's response model reads of the value that it returns."""
    reading = Reading(frame.place(node), text_of(node), "the response model")
    _field(frame, response.annotation, response.scope, (), value, reading, DEPTH, checked=False)


def schema_of(node: ast.expr, scope: Scope, variables: tuple[tuple[str, Scope, ast.expr], ...]) -> Schema | None:
    """The schema class that an annotation names, with the arguments of a generic one."""
    base = node.value if isinstance(node, ast.Subscript) else node
    symbol = scope.resolve(base)
    if isinstance(symbol, ValueInfo) and isinstance(symbol.assignment.value.node, ast.Subscript):
        return schema_of(symbol.assignment.value.node, Scope(scope.project, symbol.module), variables)
    if not isinstance(symbol, ClassInfo) or not _is_schema(symbol, scope):
        return None
    given = node.slice if isinstance(node, ast.Subscript) else None
    arguments = list(given.elts) if isinstance(given, ast.Tuple) else [given] if given is not None else []
    bound = [_follow(one, scope, variables) for one in arguments]
    names = _type_variables(symbol)
    return Schema(symbol, tuple((name, home, one) for name, (home, one) in zip(names, bound, strict=False)))


def _is_variable(frame: Frame, node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return isinstance(node, ast.Name) and (node.id in frame.state.variables or frame.home.is_local(node.id))


def _is_schema(symbol: ClassInfo, scope: Scope) -> bool:
    hierarchy = scope.project.hierarchy
    if symbol.module.library or model_of(scope.project, symbol) is not None:
        return False
    return hierarchy.inherits(symbol, "pydantic.main.BaseModel", "sqlmodel.main.SQLModel")


def _construct(frame: Frame, schema: Schema, node: ast.Call) -> None:
    for part in node.args:
        frame.value(part)
    values = [(word.arg, frame.value(word.value), word.value) for word in node.keywords]
    if _transforms(frame, schema.owner):
        return
    for name, value, written in values:
        field = _member(frame, schema.owner, name) if name else None
        if field is not None and field[1].annotation is not None:
            reading = Reading(frame.place(node), text_of(written), f"`{schema.owner.name}`")
            scope = Scope.of_class(frame.project, field[0])
            _field(frame, field[1].annotation.node, scope, schema.variables, value, reading, DEPTH, checked=True)


def _validate(frame: Frame, schema: Schema, node: ast.Call) -> None:
    values = [frame.value(part) for part in node.args]
    for word in node.keywords:
        frame.value(word.value)
    flag = keyword(node, "from_attributes")
    asked = isinstance(flag, ast.Constant) and flag.value is True
    if values and (asked or isinstance(values[0], Mapping) or reads_attributes(frame, schema.owner)):
        reading = Reading(frame.place(node), text_of(node.args[0]), f"`{schema.owner.name}`")
        _build(frame, schema, values[0], reading, DEPTH)


def _custom(frame: Frame, schema: Schema, function: FunctionInfo, node: ast.Call) -> bool:
    """A classmethod such as `of(source)` that builds the class of `{"data": source}` or `data=source`."""
    home = home_of(frame.project, function)
    body = home.node if home is not None else None
    parameters = [one.name for one in function.fact.parameters][1:]
    fields = dict(_given_fields(body)) if body is not None else {}
    if not fields:
        return False
    values = {name: (frame.value(part), part) for name, part in zip(parameters, node.args, strict=False)}
    values |= {word.arg: (frame.value(word.value), word.value) for word in node.keywords if word.arg}
    for name, part in fields.items():
        root = part.value if isinstance(part, ast.Attribute) else part
        if not isinstance(root, ast.Name) or root.id not in values:
            continue
        value, written = values[root.id]
        if isinstance(part, ast.Attribute):
            value = expressions.attribute_of(frame, value, part) if not isinstance(value, Instance) else None
        field = _member(frame, schema.owner, name)
        if field is not None and field[1].annotation is not None:
            reading = Reading(frame.place(node), text_of(written), f"`{text_of(node.func)}`")
            scope = Scope.of_class(frame.project, field[0])
            _field(frame, field[1].annotation.node, scope, schema.variables, value, reading, DEPTH, checked=True)
    return True


def _given_fields(function: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for call in ast.walk(function):
        if not isinstance(call, ast.Call):
            continue
        own = isinstance(call.func, ast.Name) and call.func.id == "cls"
        validates = isinstance(call.func, ast.Attribute) and unparsed(call.func) == "cls.model_validate"
        if own:
            yield from ((word.arg, word.value) for word in call.keywords if word.arg)
        elif validates and call.args and isinstance(call.args[0], ast.Dict):
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
    for home, one in _alternatives(annotation, scope, variables):
        inner = _element(one)
        if inner is not None:
            items = [value.item] if isinstance(value, Many) else list(value.items) if isinstance(value, Row) else []
            items = [expressions.item_of(frame, value)] if isinstance(value, Result) else items
            below = reading._replace(text=f"{reading.text}[...]")
            for item in items:
                _field(frame, inner, home, variables, item, below, depth - 1, checked=checked)
            continue
        schema = schema_of(one, home, variables)
        if schema is not None and (not checked or isinstance(value, Mapping) or reads_attributes(frame, schema.owner)):
            _build(frame, schema, value, reading, depth - 1)


def _build(frame: Frame, schema: Schema, value: Value, reading: Reading, depth: int) -> None:
    if _transforms(frame, schema.owner) or not depth:
        return
    if isinstance(value, Many) and value.loose:
        value = value.item
    given = dict(value.entries) if isinstance(value, Mapping) else {}
    for owner, field in _fields(frame, schema.owner):
        if field.annotation is None:
            continue
        name = _attribute_name(field)
        below = reading._replace(text=f"{reading.text}.{name}")
        if isinstance(value, Instance):
            found = _attribute(frame, value, name, below)
        elif name in given:
            found = given[name]
        else:
            continue
        scope = Scope.of_class(frame.project, owner)
        _field(frame, field.annotation.node, scope, schema.variables, found, below, depth, checked=False)


def _attribute(frame: Frame, value: Instance, name: str, reading: Reading) -> Value:
    model = frame.obj(value).model
    if name in model.attributes:
        return read(frame, value, name, reading.place, reading.text, reading.reader)
    function = method_of(frame, model.owner, name)
    if function is not None and is_property(function):
        return inline(frame, function, {"self": value}, parse_expression("property"))
    return None


def _alternatives(
    node: ast.expr, scope: Scope, variables: tuple[tuple[str, Scope, ast.expr], ...]
) -> list[tuple[Scope, ast.expr]]:
    """The types that an annotation allows, without Optional, Annotated, quotes and type variables."""
    home, node = _follow(node, scope, variables)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_alternatives(node.left, home, variables), *_alternatives(node.right, home, variables)]
    if isinstance(node, ast.Subscript) and _last(node.value) in TRANSPARENT:
        inner = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
        parts = inner[:1] if _last(node.value) == "Annotated" else inner
        return [found for part in parts for found in _alternatives(part, home, variables)]
    return [(home, node)]


def _follow(node: ast.expr, scope: Scope, variables: tuple[tuple[str, Scope, ast.expr], ...]) -> tuple[Scope, ast.expr]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            node = parse_expression(node.value)
        except SyntaxError:
            return scope, node
    if isinstance(node, ast.Name):
        for name, home, bound in variables:
            if name == node.id:
                return home, bound
    symbol = scope.resolve(node) if isinstance(node, ast.Name | ast.Attribute) else None
    if isinstance(symbol, ValueInfo) and isinstance(symbol.assignment.value.node, ast.Subscript | ast.BinOp):
        return Scope(scope.project, symbol.module), symbol.assignment.value.node
    return scope, node


def _element(node: ast.expr) -> ast.expr | None:
    if isinstance(node, ast.Subscript) and _last(node.value) in COLLECTIONS:
        return node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
    return None


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _type_variables(owner: ClassInfo) -> list[str]:
    for base in owner.fact.bases:
        node = base.node
        if isinstance(node, ast.Subscript):
            given = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
            return [one.id for one in given if isinstance(one, ast.Name)]
    return []


def _fields(frame: Frame, owner: ClassInfo) -> list[tuple[ClassInfo, FieldFact]]:
    found: dict[str, tuple[ClassInfo, FieldFact]] = {}
    for known in reversed(frame.project.hierarchy.lineage(owner).classes):
        if not known.module.library:
            for field in known.fact.fields:
                if (
                    field.annotation is not None
                    and not field.name.startswith("_")
                    and "ClassVar" not in field.annotation.text
                ):
                    found[field.name] = (known, field)
    return list(found.values())


def _member(frame: Frame, owner: ClassInfo, name: str) -> tuple[ClassInfo, FieldFact] | None:
    return next((found for found in _fields(frame, owner) if found[1].name == name), None)


def _attribute_name(field: FieldFact) -> str:
    """The attribute that a field is read from: its alias, if it is a plain one."""
    value = field.value.node if field.value is not None else None
    for option in ("validation_alias", "alias"):
        given = keyword(value, option) if isinstance(value, ast.Call) else None
        if isinstance(given, ast.Constant) and isinstance(given.value, str):
            return given.value
        if given is not None:
            return ""
    return field.name


def reads_attributes(frame: Frame, owner: ClassInfo) -> bool:
    """Whether the configuration of a schema lets it read objects."""
    if frame.project.hierarchy.inherits(owner, "sqlmodel.main.SQLModel"):
        return True
    for known in frame.project.hierarchy.lineage(owner).classes:
        config = known.field("model_config")
        if config is not None and config.value is not None and "from_attributes" in config.value.text:
            return "True" in config.value.text
        inner = known.module.class_named.get(f"{known.fact.qualname}.Config")
        if inner is not None and any(field.name in {"orm_mode", "from_attributes"} for field in inner.fields):
            return True
        if any(name == "from_attributes" and value.text == "True" for name, value in known.fact.keywords):
            return True
    return False


def _transforms(frame: Frame, owner: ClassInfo) -> bool:
    """Whether a validator sees the object before its fields are read, and may replace it."""
    for known in frame.project.hierarchy.lineage(owner).classes:
        if known.module.library:
            continue
        for function in known.module.functions():
            if function.fact.owner == known.fact.qualname:
                text = " ".join(one.text for one in function.fact.decorators)
                if ("model_validator" in text and ("before" in text or "wrap" in text)) or "root_validator" in text:
                    return True
    return False
