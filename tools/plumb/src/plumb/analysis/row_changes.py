"""Updates and deletes that a revision writes as expressions: their table, and what their `where` asks for."""

import ast
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.functions import values_of
from plumb.index.extract import last_name

if TYPE_CHECKING:
    from plumb.source import SourceFile

CHANGES = frozenset({"update", "delete"})
TABLES = frozenset({"table", "Table"})


class Asked(NamedTuple):
    """The one condition of a statement: whether a column of the table is NULL, or equals a constant."""

    table: str
    column: str
    is_null: bool
    node: ast.expr


def asked_by(node: ast.expr, file: "SourceFile") -> Asked | None:
    """The condition of `op.execute(users.update().where(users.c.tier.is_(None)).values(...))`, if it has just one."""
    calls = [one for one in ast.walk(_value(node, file)) if isinstance(one, ast.Call)]
    wheres = [one for one in calls if last_name(one) == "where"]
    change = next((one for one in calls if last_name(one) in CHANGES), None)
    if change is None or len(wheres) != 1 or len(wheres[0].args) != 1:
        return None
    column, is_null = _condition(wheres[0].args[0])
    if not isinstance(column, ast.Attribute) or not isinstance(column.value, ast.Attribute) or column.value.attr != "c":
        return None
    table = _value(column.value.value, file)
    name = table.args[0] if isinstance(table, ast.Call) and last_name(table) in TABLES and table.args else None
    if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
        return None
    return Asked(name.value, column.attr, is_null, wheres[0].args[0])


def _condition(node: ast.expr) -> tuple[ast.expr | None, bool]:
    """The column that is asked for, and whether for NULL; nothing for any other condition."""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"is_", "isnot", "is_not"}
    ):
        is_none = bool(node.args) and isinstance(node.args[0], ast.Constant) and node.args[0].value is None
        return (node.func.value, True) if is_none and node.func.attr == "is_" else (None, False)
    if isinstance(node, ast.Compare) and isinstance(node.comparators[0], ast.Constant):
        is_none = node.comparators[0].value is None
        return (node.left, is_none) if isinstance(node.ops[0], ast.Eq) or not is_none else (None, False)
    return None, False


def _value(node: ast.expr, file: "SourceFile") -> ast.expr:
    """What a variable of the function, or a name of the module, was set to."""
    if not isinstance(node, ast.Name):
        return node
    values = values_of(node, file)
    return values[0] if len(values) == 1 else file.scope(node).value(node)[1]
