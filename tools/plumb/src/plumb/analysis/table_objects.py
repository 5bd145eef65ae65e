"""Tables that are objects of `Table(...)` and no classes, as those between two models are."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumb.index.modules import ValueInfo
from plumb.index.scope import Scope, keyword

if TYPE_CHECKING:
    from plumb.project import Project

TABLES = frozenset({"sqlalchemy.Table", "sqlalchemy.schema.Table", "sqlmodel.Table"})
COLUMNS = frozenset({"sqlalchemy.Column", "sqlalchemy.schema.Column", "sqlmodel.Column"})


class TableObject(NamedTuple):
    """`columns` are those whose names are written out, each with its line."""

    table: str
    path: str
    line: int
    columns: dict[str, int]


def table_objects(project: "Project") -> Iterator[TableObject]:
    """The tables that modules of the application keep under a name and give to a `metadata`."""
    for value, call, scope in made_tables(project):
        name = scope.literal(call.args[0]) if _is_kept(call) else None
        if isinstance(name, str):
            line = value.assignment.line
            yield TableObject(name, value.module.path, line, _columns(call, scope, line))


def made_tables(project: "Project") -> Iterator[tuple[ValueInfo, ast.Call, Scope]]:
    """The names that modules of the application give to a `Table(...)`, with the call and its scope."""
    for module in project.modules():
        scope = Scope(project, module)
        for one in module.facts.assignments if project.kind(module.path) == "app" else ():
            call = one.value.node if not one.scope else None
            if isinstance(call, ast.Call) and scope.is_call_to(call, *TABLES):
                yield ValueInfo(module, one), call, scope


def _is_kept(call: ast.Call) -> bool:
    """Whether the table belongs to a `metadata` that others share, and is not read from the database."""
    read = keyword(call, "autoload_with") or keyword(call, "autoload")
    return read is None and len(call.args) > 1 and ast.unparse(call.args[1]).rpartition(".")[2] == "metadata"


def _columns(table: ast.Call, scope: Scope, line: int) -> dict[str, int]:
    calls = [one for one in table.args if isinstance(one, ast.Call) and scope.is_call_to(one, *COLUMNS) and one.args]
    named = [(scope.literal(one.args[0]), one.lineno) for one in calls]
    return {name: line + at - table.lineno for name, at in named if isinstance(name, str)}
