"""Updates and deletes that a revision writes as expressions: their table, and what their `where` asks for."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.functions import values_of
from plumb.index.extract import last_name
from plumb.walk import chained_calls

if TYPE_CHECKING:
    from plumb.source import SourceFile

CHANGES = frozenset({"update", "delete"})
TABLES = frozenset({"table", "Table"})
NOT_NULL = frozenset({"isnot", "is_not"})
WHERES = frozenset({"where", "filter"})


class Asked(NamedTuple):
    """A condition that has to hold: whether a column of the table is NULL, or has some value."""

    table: str
    column: str
    is_null: bool
    node: ast.expr


def asked_by(call: ast.Call, file: "SourceFile") -> list[Asked]:
    """The conditions of `op.execute(users.update().where(users.c.tier.is_(None)).values(...))` that can be read.

    Those of `session.query(User).filter(User.tier.is_(None)).update({...})` too.
    """
    executed = last_name(call) not in CHANGES and bool(call.args)
    chain = list(chained_calls(_value(call.args[0], file) if executed else call))
    if not any(last_name(one) in CHANGES for one in chain):
        return []
    asked = [_asked(one, file) for above in chain if last_name(above) in WHERES for one in above.args]
    return [one for one in asked if one is not None]


def _asked(node: ast.expr, file: "SourceFile") -> Asked | None:
    column, is_null = _condition(node)
    if not isinstance(column, ast.Attribute):
        return None
    owner = column.value.value if isinstance(column.value, ast.Attribute) and column.value.attr == "c" else column.value
    table = _table(owner, file)
    return Asked(table, column.attr, is_null, node) if table else None


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
    names = [word.arg for word in values[0].keywords] + [column_named(one) for one in keys]
    source = change.args[0] if change.args else change.func.value if isinstance(change.func, ast.Attribute) else change
    table = _table(source, file)
    return [f"{table}.{name}" for name in names] if table and all(names) else []


def column_named(node: ast.expr | None) -> str:
    """The column that a key of a dict names: as text, or as `users.c.tier` and `User.tier`."""
    return str(node.value) if isinstance(node, ast.Constant) else "" if node is None else last_name(node)


def _table(node: ast.expr, file: "SourceFile") -> str:
    """The name of a table that is written out as `table("users", ...)`, or as `__tablename__` of a class."""
    made = _value(node, file)
    name = made.args[0] if isinstance(made, ast.Call) and last_name(made) in TABLES and made.args else None
    if isinstance(node, ast.Name):
        name = next(_named_by(node.id, file), name)
    return name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else ""


def _named_by(model: str, file: "SourceFile") -> Iterator[ast.expr]:
    """What a class of the revision's own sets `__tablename__` to."""
    for one in file.tree.body:
        for inner in one.body if isinstance(one, ast.ClassDef) and one.name == model else ():
            if isinstance(inner, ast.Assign) and ast.unparse(inner.targets[0]) == "__tablename__":
                yield inner.value


def _condition(node: ast.expr) -> tuple[ast.expr | None, bool]:
    """The column that is asked for, and whether for NULL; nothing for any other condition."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"is_", *NOT_NULL}:
        is_none = bool(node.args) and isinstance(node.args[0], ast.Constant) and node.args[0].value is None
        return (node.func.value, node.func.attr == "is_") if is_none else (None, False)
    if isinstance(node, ast.Compare) and isinstance(node.comparators[0], ast.Constant):
        is_none = node.comparators[0].value is None
        return (node.left, is_none and isinstance(node.ops[0], ast.Eq))
    return None, False


def _value(node: ast.expr, file: "SourceFile") -> ast.expr:
    """What a variable of the function, or a name of the module, was set to."""
    if not isinstance(node, ast.Name):
        return node
    values = values_of(node, file)
    return values[0] if len(values) == 1 else file.scope(node).value(node)[1]
