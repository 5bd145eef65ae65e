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
    table = _table(column.value.value, file)
    return Asked(table, column.attr, is_null, wheres[0].args[0]) if table else None


def updated_by(node: ast.Call, file: "SourceFile") -> list[str]:
    """The columns, as `table.column`, that `op.execute(users.update().values(tier="free"))` fills; none if unread."""
    whole = _value(node.args[0], file) if node.args else node
    calls = [one for one in ast.walk(whole) if isinstance(one, ast.Call)]
    change = next((one for one in calls if last_name(one) == "update"), None)
    values = [one for one in calls if last_name(one) == "values"]
    if change is None or len(values) != 1 or any(word.arg is None for word in values[0].keywords):
        return []
    given = values[0].args[0] if values[0].args else None
    keys = given.keys if isinstance(given, ast.Dict) else []
    names = [word.arg for word in values[0].keywords] + [one.value for one in keys if isinstance(one, ast.Constant)]
    source = change.args[0] if change.args else change.func.value if isinstance(change.func, ast.Attribute) else change
    table = _table(source, file)
    return [f"{table}.{name}" for name in names] if table and len(names) == len(values[0].keywords) + len(keys) else []


def _table(node: ast.expr, file: "SourceFile") -> str:
    """The name of a table that is written out as `table("users", ...)`."""
    made = _value(node, file)
    name = made.args[0] if isinstance(made, ast.Call) and last_name(made) in TABLES and made.args else None
    return name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else ""


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
