"""The labels that enum columns hold, of models and of `Table` objects: for a query, and as the database has them."""

import ast
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.enum_columns import EnumColumn, enum_columns
from plumb.analysis.enum_types import NAMES, EnumType, enum_type, enum_with_values
from plumb.analysis.migration_enums import created_types
from plumb.analysis.table_objects import COLUMNS, TABLES, made_tables
from plumb.findings import Place
from plumb.index.enums import EnumInfo
from plumb.index.models import Model, all_models
from plumb.index.modules import ValueInfo
from plumb.index.scope import Scope, argument
from plumb.index.table_names import column_name
from plumb.views import view

if TYPE_CHECKING:
    from plumb.project import Project


class Stored(NamedTuple):
    """A column, by the names of its owner and its own, the enum class of its members, and the labels that it knows."""

    owner: str
    name: str
    enum: EnumInfo
    labels: tuple[str, ...]
    key: str

    def value_for(self, label: str) -> str:
        """The label that is meant by the name of a member; nothing if *label* is no such name, or is known itself."""
        meant = next((one.value for one in self.enum.members if one.name == label), None)
        return meant if isinstance(meant, str) and meant in self.labels and label not in self.labels else ""


Columns = Mapping[str, Stored]
NONE: Columns = {}


def stored_in(project: "Project", model: Model) -> Columns:
    """The columns of a model that a query has to give values."""
    found = (_of_query(one, project) for one in enum_columns(project, model))
    return {one.name: one for one in found if one is not None}


def stored_in_table(table: ValueInfo, project: "Project") -> Columns:
    """The columns of a `Table` object that a query has to give values."""
    return project.memo(("enums of table", table.key), lambda: _of_table(table, project, {}))


@view
def stored_in_database(project: "Project") -> dict[str, Columns]:
    """By table the columns whose labels are values in the database: as the migrations have it, else as models do."""
    types = {name: one.labels for name, one in created_types(project).items() if one.certain}
    tables: dict[str, Columns] = {}
    for model in all_models(project):
        found = {one.attribute: _of_database(one, project, types) for one in enum_columns(project, model)}
        columns = {column_name(one.field): stored for one, stored in found.items() if stored is not None}
        if model.table and columns:
            tables[model.table] = {**tables.get(model.table, {}), **columns}
    for value, call, scope in made_tables(project):
        name = scope.literal(call.args[0]) if call.args else None
        columns = _of_table(value, project, types) if isinstance(name, str) else NONE
        if columns:
            tables[str(name)] = columns
    return tables


def _of_query(column: EnumColumn, project: "Project") -> Stored | None:
    enum = column.enum or (_enum_of(column.type, project) if column.type is not None else None)
    if enum is None or enum.values is None or not enum.differs or column.type is None:
        return None
    if column.type.enum is not None and column.type.stores == NAMES:
        return None
    labels = column.type.labels or enum.values
    return Stored(column.model.name, column.attribute.name, enum, labels, column.model.owner.key)


def _of_database(column: EnumColumn, project: "Project", types: Mapping[str, tuple[str, ...]]) -> Stored | None:
    made, enum = types.get(column.type_name), column.enum
    if made is None or enum is None or not enum.differs:
        return _of_query(column, project)
    return Stored(column.model.name, column.attribute.name, enum, made, column.model.owner.key)


def _enum_of(type_: EnumType, project: "Project") -> EnumInfo | None:
    """The class of the members, which for labels is the one that has them as values."""
    return type_.enum or (enum_with_values(project, type_.labels) if type_.labels else None)


def enums_of_tables(project: "Project") -> Iterator[tuple[str, str, Place, EnumType]]:
    """The enum columns of the `Table` objects that modules keep: names of object and column, place and type."""
    for value, table, scope in made_tables(project):
        for name, call, type_ in types_of_columns(table, scope):
            line = value.assignment.value.line + call.lineno - table.lineno
            yield value.assignment.name, name, Place(value.module.path, line, 1, line, 1), type_


def types_of_columns(table: ast.Call, scope: Scope) -> Iterator[tuple[str, ast.Call, EnumType]]:
    """The columns of a `Table(...)` that have an enum type, with the call that makes each."""
    for one in table.args:
        if isinstance(one, ast.Call) and scope.is_call_to(one, *COLUMNS) and one.args:
            name, type_ = scope.literal(one.args[0]), enum_type(argument(one, "type_", 1), scope)
            if isinstance(name, str) and type_ is not None:
                yield name, one, type_


def _of_table(table: ValueInfo, project: "Project", types: Mapping[str, tuple[str, ...]]) -> Columns:
    made, scope = table.assignment.value.node, Scope(project, table.module)
    found: dict[str, Stored] = {}
    if isinstance(made, ast.Call) and scope.is_call_to(made, *TABLES):
        for name, _, type_ in types_of_columns(made, scope):
            enum, labels = _enum_of(type_, project), _labels(type_, types)
            if enum is not None and enum.differs and labels:
                found[name] = Stored(table.assignment.name, name, enum, labels, table.key)
    return found


def _labels(type_: EnumType, types: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    if type_.name in types:
        return types[type_.name]
    if type_.enum is None:
        return type_.labels
    return type_.enum.values if type_.stores != NAMES else None
