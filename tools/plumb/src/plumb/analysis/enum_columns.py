"""The enum columns of models: the enum class in the annotation and the type the column gets."""

import ast
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.enum_types import VALUES, EnumType, enum_type
from plumb.analysis.type_maps import type_maps
from plumb.findings import Place
from plumb.index.enums import EnumInfo, enum_of
from plumb.index.made import made_by
from plumb.index.models import COLUMN_FACTORIES, Attribute, Model
from plumb.index.modules import ClassInfo, External, FunctionInfo, ValueInfo
from plumb.index.scope import Scope, argument, has_double_star, keyword

if TYPE_CHECKING:
    from plumb.project import Project

DEPTH = 4
FIELDS = ("sqlmodel.Field", "sqlmodel.main.Field")


class EnumColumn(NamedTuple):
    """`annotated` is the enum of the annotation, `type` the Enum type that is written; `inferred` without any type."""

    model: Model
    attribute: Attribute
    annotated: EnumInfo | None
    type: EnumType | None
    inferred: bool

    @property
    def enum(self) -> EnumInfo | None:
        """The enum class, from the type or else the annotation."""
        return (self.type.enum if self.type else None) or self.annotated

    @property
    def type_name(self) -> str:
        """The name of its type in the database, given or made up from the class; empty where it cannot be told."""
        if self.type is None:
            return self.annotated.name.lower() if self.inferred and self.annotated is not None else ""
        return self.type._replace(enum=self.enum).called

    @property
    def place(self) -> Place:
        """The whole assignment in the class body."""
        field = self.attribute.field
        return Place(self.attribute.owner.path, field.line, field.column, field.end_line, field.end_column)


def enum_columns(project: "Project", model: Model) -> list[EnumColumn]:
    """The columns of *model* that hold an enum or have an Enum type."""
    return project.memo(("enum columns", model.owner.key), lambda: _columns(project, model))


def _columns(project: "Project", model: Model) -> list[EnumColumn]:
    found = [_column(project, model, attribute) for attribute in model.columns]
    return [column for column in found if column is not None]


def _column(project: "Project", model: Model, attribute: Attribute) -> EnumColumn | None:
    said = attribute.meaning
    annotated = None if said.collection else enum_of(project, said.symbol)
    explicit, node, scope = _written_type(model, attribute, attribute.scope(project))
    type_ = _as_called(enum_type(node, scope), attribute, attribute.scope(project))
    if annotated is None and type_ is None:
        return None
    inferred = annotated is not None and not explicit and _is_inferred(project, model, annotated)
    if annotated is not None and not explicit and not inferred and model.style == "sqlalchemy":
        type_ = _of_map(project, model, annotated)
    return EnumColumn(model, attribute, annotated, type_, inferred)


def _as_called(found: EnumType | None, attribute: Attribute, scope: Scope) -> EnumType | None:
    """The type with the call in the model that makes it, where a function of the project makes the whole column."""
    value = attribute.field.value.node if attribute.field.value else None
    maker = scope.resolve(value.func) if isinstance(value, ast.Call) else None
    if found is None or not isinstance(value, ast.Call) or not isinstance(maker, FunctionInfo):
        return found
    return found._replace(call=value, helper=maker)


def _of_map(project: "Project", model: Model, enum: EnumInfo) -> EnumType | None:
    """The type of values that a map of annotations gives to the class, or to the nearest of its bases."""
    types = {
        key: enum_type(value, home)
        for home, node in reversed(type_maps(project, model.owner))
        for key, value in _entries(node, home)
    }
    found = next((types[key] for key in project.hierarchy.lineage(enum.owner).keys if key in types), None)
    if found is None or found.stores != VALUES:
        return None
    return found if found.enum is not None else found._replace(enum=enum, labels=None)


def _entries(node: ast.expr, scope: Scope) -> Iterator[tuple[str, ast.expr]]:
    """The classes of a map of annotations, by their keys, and what it gives to them."""
    for key, value in zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ():
        symbol = scope.resolve(key) if key is not None else None
        if isinstance(symbol, ClassInfo | External):
            yield symbol.key, value


def _written_type(model: Model, attribute: Attribute, scope: Scope) -> tuple[bool, ast.expr | None, Scope]:
    """Whether the column's type is given, and the expression if it can be read."""
    value = attribute.field.value.node if attribute.field.value else None
    for home, extra in ((scope, value), *attribute.meaning.metadata):
        if extra is None:
            continue
        where, call = home.value(extra)
        if not isinstance(call, ast.Call):
            continue
        if (field := _made(call, where, FIELDS)) is not None:
            explicit, node, inner = _of_field(*field)
        elif (made := _column_made(call, where)) is not None:
            explicit, node, inner = _of_column(*made)
        else:
            is_value = isinstance(where.resolve(call.func), ValueInfo)
            explicit, node, inner = model.style == "sqlalchemy" or is_value, None, where
        if explicit:
            return True, node, inner
    return False, None, scope


def type_given(node: ast.Call, scope: Scope) -> EnumType | None:
    """The type that a call makes, or that of the column that it makes."""
    found = enum_type(node, scope)
    made = _column_made(node, scope) if found is None else None
    if made is None or made[0] is node:
        return found
    _, written, inner = _of_column(*made)
    maker, within = scope.resolve(node.func), enum_type(written, inner)
    return (
        None
        if within is None
        else within._replace(call=node, helper=maker if isinstance(maker, FunctionInfo) else None)
    )


def _column_made(node: ast.expr, scope: Scope) -> tuple[ast.Call, Scope] | None:
    return _made(node, scope, COLUMN_FACTORIES)


def _made(node: ast.expr, scope: Scope, makers: Collection[str], depth: int = DEPTH) -> tuple[ast.Call, Scope] | None:
    """The call of one of the *makers* that an expression is, or that a function makes."""
    home, found = scope.value(node)
    if not isinstance(found, ast.Call) or not depth:
        return None
    if home.is_call_to(found, *makers):
        return found, home
    made = (_made(one, inner, makers, depth - 1) for inner, one in made_by(found, home))
    return next((one for one in made if one is not None), None)


def _of_field(call: ast.Call, scope: Scope) -> tuple[bool, ast.expr | None, Scope]:
    given = keyword(call, "sa_type")
    if given is not None:
        return True, given, scope
    column = keyword(call, "sa_column")
    if column is None:
        return has_double_star(call), None, scope
    made = _column_made(column, scope)
    if made is None:
        return True, None, scope
    _, node, inner = _of_column(*made)
    return True, node, inner


def _of_column(call: ast.Call, scope: Scope) -> tuple[bool, ast.expr | None, Scope]:
    """The type of `Column("name", Type, ...)`; a foreign key gives the column the type of its target."""
    given = keyword(call, "type_")
    if given is not None:
        return True, given, scope
    position = 1 if call.args and isinstance(scope.literal(call.args[0]), str) else 0
    first = argument(call, "type_", position)
    if first is None:
        reused = keyword(call, "use_existing_column")
        return has_double_star(call) or reused is not None, None, scope
    if _names(first) in {"ForeignKey", "Sequence", "Identity", "Computed", "CheckConstraint", "FetchedValue"}:
        return _names(first) == "ForeignKey", None, scope
    return True, first, scope


def _names(node: ast.expr) -> str:
    function = node.func if isinstance(node, ast.Call) else node
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _is_inferred(project: "Project", model: Model, enum: EnumInfo) -> bool:
    """Whether a bare annotation certainly becomes an Enum type of names."""
    if model.style == "sqlmodel":
        return True
    if _has_unknown_base(project, model.owner):
        return False
    for home, node in type_maps(project, model.owner):
        if not isinstance(node, ast.Dict):
            return False
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                return False
            symbol = home.resolve(key)
            if not isinstance(symbol, ClassInfo | External) or not _is_enum_key(project, enum, symbol):
                continue
            type_ = enum_type(value, home)
            if type_ is None or type_.stores == VALUES:
                return False
    return True


def _is_enum_key(project: "Project", enum: EnumInfo, key: ClassInfo | External) -> bool:
    hierarchy = project.hierarchy
    return hierarchy.is_subclass(enum.owner, key) is True and hierarchy.inherits(key, "enum.Enum")


def _has_unknown_base(project: "Project", owner: ClassInfo) -> bool:
    for known in project.hierarchy.lineage(owner).classes:
        for base in project.hierarchy.bases(known):
            if base is None or (isinstance(base, External) and not project.hierarchy.lineage(base).complete):
                return True
    return False
