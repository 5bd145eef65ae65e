"""Shapes: what a declared type looks like as JSON, as far as its source can be read."""

import ast
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.model_configs import GENERATORS, generated, generator_of, is_plain
from plumb.index.annotations import COLLECTIONS
from plumb.index.enums import ENUMS, enum_of
from plumb.index.facts import FieldFact, parse_expression
from plumb.index.modules import ClassInfo, External, ValueInfo
from plumb.index.names import dotted_name
from plumb.index.scope import Scope, has_double_star, keyword

if TYPE_CHECKING:
    from plumb.project import Project

DEPTH = 8
SCALARS = {
    "builtins.str": "text",
    "builtins.int": "integer",
    "builtins.float": "number",
    "builtins.bool": "boolean",
    "uuid.UUID": "text",
    "datetime.datetime": "text",
    "datetime.date": "text",
    "datetime.time": "text",
    "pydantic.EmailStr": "text",
    "pydantic.AwareDatetime": "text",
    "pydantic.HttpUrl": "text",
    "pydantic.UUID4": "text",
    "pydantic.PositiveInt": "integer",
    "pydantic.NonNegativeInt": "integer",
}
PLAIN_BASES = ("pydantic.BaseModel", "pydantic.main.BaseModel", "sqlmodel.SQLModel", "sqlmodel.main.SQLModel")
NEUTRAL_BASES = frozenset({"typing.Generic", "typing.Protocol", "abc.ABC", "builtins.object", *PLAIN_BASES})
MAPPINGS = frozenset({"dict", "Dict", "Mapping", "MutableMapping"})
FIELDS = frozenset({"pydantic.Field", "pydantic.fields.Field", "sqlmodel.Field", "sqlmodel.main.Field"})
RESHAPERS = frozenset({"model_serializer", "model_validator", "root_validator", "field_serializer", "field_validator"})


class Shape(NamedTuple):
    """`kind` is object, list, text, integer, number, boolean, choice, null, union, map or any (which all fits)."""

    kind: str
    name: str = ""
    owner: ClassInfo | None = None
    members: tuple["Member", ...] = ()
    parts: tuple["Shape", ...] = ()
    values: tuple[str, ...] = ()


class Member(NamedTuple):
    """A key of an object; `other` is the second name that is accepted for it, such as the field's beside its alias."""

    name: str
    shape: Shape
    required: bool
    other: str = ""


ANY = Shape("any")
NULL = Shape("null")
Bound = dict[str, Shape]


def shape_of(node: ast.expr | None, scope: Scope, *, sent: bool) -> Shape:
    """The shape of an annotation; *sent* is what a client sends, else what it is answered."""
    return _Reader(scope.project, sent=sent).shape(node, scope, {}, DEPTH)


class _Reader:
    def __init__(self, project: "Project", *, sent: bool) -> None:
        self.project = project
        self.sent = sent

    def shape(  # noqa: PLR0911 One per kind of annotation.
        self, node: ast.expr | None, scope: Scope, bound: Bound, depth: int
    ) -> Shape:
        if node is None or not depth:
            return ANY
        if isinstance(node, ast.Constant):
            return self.constant(node, scope, bound, depth)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self.union([node.left, node.right], scope, bound, depth)
        if isinstance(node, ast.Subscript):
            return self.subscript(node, scope, bound, depth)
        if isinstance(node, ast.Name) and node.id in bound:
            return bound[node.id]
        symbol = scope.resolve(node)
        if isinstance(symbol, External):
            return Shape(SCALARS[symbol.key], symbol.name) if symbol.key in SCALARS else ANY
        if isinstance(symbol, ClassInfo):
            return self.class_(symbol, (), depth - 1)
        if isinstance(symbol, ValueInfo):
            return self.shape(symbol.assignment.value.node, Scope(self.project, symbol.module), {}, depth - 1)
        return ANY

    def constant(self, node: ast.Constant, scope: Scope, bound: Bound, depth: int) -> Shape:
        if node.value is None:
            return NULL
        try:
            return (
                self.shape(parse_expression(node.value), scope, bound, depth - 1)
                if isinstance(node.value, str)
                else ANY
            )
        except SyntaxError:
            return ANY

    def union(self, nodes: list[ast.expr], scope: Scope, bound: Bound, depth: int) -> Shape:
        return Shape("union", parts=tuple(self.shape(one, scope, bound, depth - 1) for one in nodes))

    def subscript(  # noqa: PLR0911 One per kind of generic.
        self, node: ast.Subscript, scope: Scope, bound: Bound, depth: int
    ) -> Shape:
        outer = dotted_name(node.value).rpartition(".")[2]
        inner = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
        if outer == "Annotated":
            reshaped = any(_changes(one, scope) for one in inner[1:])
            return ANY if reshaped else self.shape(inner[0], scope, bound, depth - 1)
        if outer in {"Optional", "Union"}:
            found = self.union(inner, scope, bound, depth)
            return found._replace(parts=(*found.parts, NULL)) if outer == "Optional" else found
        if outer == "Literal":
            values = [scope.literal(one) for one in inner]
            texts = tuple(one for one in values if isinstance(one, str))
            return Shape("choice", values=texts) if len(texts) == len(values) else ANY
        if outer in MAPPINGS:
            return Shape("map")
        if outer in COLLECTIONS:
            return Shape("list", parts=(self.shape(inner[0], scope, bound, depth - 1),)) if "uple" not in outer else ANY
        symbol = scope.resolve(node.value)
        if isinstance(symbol, ClassInfo):
            return self.class_(symbol, tuple(self.shape(one, scope, bound, depth - 1) for one in inner), depth - 1)
        return ANY

    def class_(self, owner: ClassInfo, arguments: tuple[Shape, ...], depth: int) -> Shape:
        if not depth or owner.module.library:
            return ANY
        if self.project.hierarchy.inherits(owner, *ENUMS):
            enum = enum_of(self.project, owner)
            return Shape("choice", owner.name, owner, values=enum.values) if enum and enum.values else ANY
        members = self.members(owner, arguments, depth)
        if members is None:
            return ANY
        return Shape("object", owner.name, owner, tuple(members.values()))

    def members(self, owner: ClassInfo, arguments: tuple[Shape, ...], depth: int) -> dict[str, Member] | None:
        """By field name; None unless all of the class, bases and settings included, can be read."""
        if not depth or not self.project.hierarchy.inherits(owner, *PLAIN_BASES) or self.is_reshaped(owner):
            return None
        scope = Scope.of_class(self.project, owner)
        bound = _bound(owner, arguments)
        generator = generator_of(self.project, owner)
        if generator is None:
            return None
        found: dict[str, Member] = {}
        for base in reversed(owner.fact.bases):
            symbol = scope.resolve(base.node)
            if isinstance(symbol, External) and symbol.key in NEUTRAL_BASES:
                continue
            if not isinstance(symbol, ClassInfo) or symbol.module.library:
                return None
            above = self.members_of_base(symbol, base.node, scope, bound, depth)
            if above is None:
                return None
            found |= {name: self.renamed(name, one, generator) for name, one in above.items()}
        for field in owner.fact.fields:
            if not self.add(field, scope, bound, found, depth):
                return None
            if field.name in found:
                found[field.name] = self.renamed(field.name, found[field.name], generator)
        found |= self.computed(owner, scope, bound, depth)
        return found

    def members_of_base(
        self, symbol: ClassInfo, node: ast.expr, scope: Scope, bound: Bound, depth: int
    ) -> dict[str, Member] | None:
        inner: list[ast.expr] = []
        if isinstance(node, ast.Subscript):
            inner = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
        if not self.project.hierarchy.inherits(symbol, *PLAIN_BASES):
            return None
        return self.members(symbol, tuple(self.shape(one, scope, bound, depth - 1) for one in inner), depth - 1)

    def add(  # noqa: PLR0911 One per kind of field.
        self, field: FieldFact, scope: Scope, bound: Bound, found: dict[str, Member], depth: int
    ) -> bool:
        """Add a field; False when a setting of the class makes its keys unreadable."""
        name, value = field.name, field.value.node if field.value else None
        if name == "model_config":
            return is_plain(value)
        if field.annotation is None or name.startswith("_") or "ClassVar" in field.annotation.text:
            return True
        symbol = scope.resolve(value.func) if isinstance(value, ast.Call) else None
        is_field = isinstance(symbol, External) and symbol.key in FIELDS
        if isinstance(symbol, External) and symbol.name in {"Relationship", "PrivateAttr"}:
            found.pop(name, None)
            return True
        shape = self.shape(field.annotation.node, scope, bound, depth)
        extras = _annotated_fields(field.annotation.node, scope)
        calls = [*extras, value] if is_field and isinstance(value, ast.Call) else extras
        if any(has_double_star(call) for call in calls):
            return False
        if not self.sent and any(_says(call, "exclude", value=True) for call in calls):
            return True
        alias = self.alias(calls, scope)
        if alias is None:
            return False
        required = not self.sent or not _has_default(value, calls, is_field=is_field)
        found[name] = Member(alias or name, shape, required, name if alias and self.sent else "")
        return True

    def renamed(self, name: str, member: Member, generator: str) -> Member:
        """A field under the name that a generator gives it, unless it has an alias of its own."""
        alias = generated(generator, name)
        is_free = alias and member.name in {name, *(generated(one, name) for one in GENERATORS)}
        return member._replace(name=alias, other=name * self.sent) if is_free else member

    def alias(self, calls: list[ast.Call], scope: Scope) -> str | None:
        """The name on the wire, "" if it is the field's, None if it cannot be read."""
        for word in ("validation_alias" if self.sent else "serialization_alias", "alias"):
            for call in calls:
                node = keyword(call, word)
                if node is not None:
                    literal = scope.literal(node)
                    return literal if isinstance(literal, str) else None
        return ""

    def computed(self, owner: ClassInfo, scope: Scope, bound: Bound, depth: int) -> dict[str, Member]:
        if self.sent:
            return {}
        return {
            one.name: Member(
                one.name, self.shape(one.returns.node if one.returns else None, scope, bound, depth), required=True
            )
            for one in (method.fact for method in owner.methods())
            if any("computed_field" in each.text for each in one.decorators)
        }

    def is_reshaped(self, owner: ClassInfo) -> bool:
        """Whether the class has code of its own that decides what it looks like."""
        if {"__get_pydantic_core_schema__", "dict", "model_dump", "__init__"} & {*owner.fact.methods}:
            return True
        words = ("model_serializer", "field_serializer")
        if self.sent:
            words = ('mode="before"', "mode='before'", "root_validator", "pre=True", "mode='wrap'", 'mode="wrap"')
        return any(
            word in decorator.text for one in owner.methods() for decorator in one.fact.decorators for word in words
        )


def _bound(owner: ClassInfo, arguments: tuple[Shape, ...]) -> Bound:
    """The type variables of a generic class with what they stand for."""
    for base in owner.fact.bases:
        node = base.node
        if isinstance(node, ast.Subscript) and dotted_name(node.value).rpartition(".")[2] == "Generic":
            names = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            return {dotted_name(name): shape for name, shape in zip(names, arguments, strict=False)}
    return {}


def _changes(node: ast.expr, scope: Scope) -> bool:
    """Whether a piece of `Annotated` makes another JSON of the value."""
    symbol = scope.resolve(node.func) if isinstance(node, ast.Call) else scope.resolve(node)
    name = getattr(symbol, "name", "")
    return name in {"BeforeValidator", "WrapValidator", "PlainValidator", "PlainSerializer", "WrapSerializer", "Json"}


def _annotated_fields(node: ast.expr, scope: Scope) -> list[ast.Call]:
    if not isinstance(node, ast.Subscript) or dotted_name(node.value).rpartition(".")[2] != "Annotated":
        return []
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else []
    return [one for one in inner if isinstance(one, ast.Call) and scope.is_call_to(one, *FIELDS)]


def _has_default(value: ast.expr | None, calls: list[ast.Call], *, is_field: bool) -> bool:
    given = [keyword(call, "default") or (call.args[0] if call.args else None) for call in calls]
    if any(keyword(call, "default_factory") is not None for call in calls):
        return True
    if any(one is not None and not (isinstance(one, ast.Constant) and one.value is ...) for one in given):
        return True
    return value is not None and not is_field and not (isinstance(value, ast.Constant) and value.value is ...)


def _says(call: ast.Call, word: str, *, value: bool) -> bool:
    node = keyword(call, word)
    return isinstance(node, ast.Constant) and node.value is value
