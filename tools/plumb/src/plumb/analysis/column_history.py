"""What earlier revisions did to a column: whether its rows can be without a value."""

import ast
import re
from typing import TYPE_CHECKING

from plumb.analysis.migration_enums import revisions_in_order
from plumb.analysis.migration_names import UNKNOWN
from plumb.analysis.migration_steps import Step, revision_function, steps_of
from plumb.analysis.revisions import in_order
from plumb.analysis.row_changes import updated_by
from plumb.analysis.sql_statements import altered_table, required_columns, statements, updated_columns, written_tables
from plumb.index.extract import last_name
from plumb.index.scope import keyword
from plumb.views import view

if TYPE_CHECKING:
    from plumb.project import Project
    from plumb.source import SourceFile

_WORD = re.compile(r"[^\W\d]\w*")
_INSERT = re.compile(r"\s*INSERT\b", re.IGNORECASE)
_UPDATES = re.compile(r"\b(?:UPDATE|DELETE|MERGE)\b", re.IGNORECASE)
"""Rows that are only added leave those that are there as they were."""


def history_before(file: "SourceFile", table: str, column: str) -> bool:
    """Whether an earlier revision gave every row of the column a value: a default, NOT NULL, or a backfill."""
    filled, order = _filled(file.project), _order(file.project)
    here = order.get(file.path, 0)
    keys = (f"{table}.{column}".lower(), f"{table}.*".lower())
    spoken = {*filled.get(f"*{table}".lower(), ())} & {*filled.get(f"*{column}".lower(), ())}
    paths = [*spoken, *(path for key in keys for path in filled.get(key, ()))]
    return any(order.get(path, here) < here for path in paths)


def _order(project: "Project") -> dict[str, int]:
    order = revisions_in_order(project)
    return project.memo(("revision order",), lambda: {path: at for at, path in enumerate(order)})


@view
def _filled(project: "Project") -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for file in in_order(project):
        upgrade = revision_function(file, "upgrade")
        for step in steps_of(upgrade, file) if upgrade is not None else ():
            for key in _keys(step, file):
                found.setdefault(key, []).append(file.path)
    return found


def _keys(step: Step, file: "SourceFile") -> list[str]:
    """The columns a step leaves without empty rows; all that its revision speaks of where it writes rows in Python."""
    if step.kind == "create_table":
        columns = [one for one in step.columns if one.is_column and _has_value(one.node)]
        return [f"{step.table}.{one.name}".lower() for one in columns]
    if step.kind == "add_column":
        return [f"{step.table}.{step.column}".lower()] if _has_value(step.given) else []
    if step.kind == "alter_column" and _has_value(step.node):
        return [f"{step.table}.{step.column}".lower()]
    if step.kind == "sql":
        return [key for statement in statements(step.text) for key in filled_by(statement.text)]
    if step.kind == "write" and last_name(step.node) != "bulk_insert":
        return updated_by(step.node, file) or [f"*{word}".lower() for word in _WORD.findall(file.text)]
    return []


def filled_by(text: str) -> list[str]:
    """The columns, as `table.column`, that a statement leaves without empty rows; `*` where it writes whole rows."""
    table, updated = altered_table(text), updated_columns(text)
    if table:
        return [f"{table}.{column}" for column in required_columns(text)]
    if updated is not None:
        return [f"{updated[0]}.{column}" for column in updated[1]]
    inserts = _INSERT.match(text) is not None and _UPDATES.search(text) is None
    return [f"{one}.*" for one in written_tables(text) if one != UNKNOWN and not inserts]


def _has_value(call: ast.expr | None) -> bool:
    if not isinstance(call, ast.Call):
        return False
    nullable = keyword(call, "nullable")
    default = keyword(call, "server_default")
    never = isinstance(nullable, ast.Constant) and nullable.value is False
    return never or (default is not None and not (isinstance(default, ast.Constant) and default.value is None))
