"""A column becomes NOT NULL although rows without a value may exist.

## What it does
Finds columns that a migration adds as NOT NULL without a server default, and columns that it makes NOT NULL without
filling them before: in Alembic operations, batches, SQL text and `.sql` files.

## Why is this bad
The migration works on the empty database of a developer and fails on the first one that has rows: `column "verified" of
relation "users" contains null values` on PostgreSQL, `Cannot add a NOT NULL column with default value NULL` on SQLite.

## Example
```python
# file: migrations/versions/0002_change.py
import sqlalchemy as sa
from alembic import op

revision = "a1"


def upgrade() -> None:
    op.add_column("users", sa.Column("verified", sa.Boolean(), nullable=False))


def downgrade() -> None:
    op.drop_column("users", "verified")
```

## Use instead
```python
# file: migrations/versions/0002_change.py
import sqlalchemy as sa
from alembic import op

revision = "a1"


def upgrade() -> None:
    op.add_column("users", sa.Column("verified", sa.Boolean(), nullable=True))
    op.execute("UPDATE users SET verified = false")
    op.alter_column("users", "verified", nullable=False)


def downgrade() -> None:
    op.drop_column("users", "verified")
```

## Known limits
Silent for tables that the same revision creates, empties or fills in a way that cannot be read, for columns that an
earlier revision added with a server default, created as NOT NULL or filled, and for downgrades. A warning where the
table is found at run time, and where an `UPDATE` fills some rows of a column that is new.
"""

import ast
import re
from collections.abc import Iterator

from plumb.analysis.column_history import filled_by, history_before
from plumb.analysis.filled import Filled
from plumb.analysis.functions import own_nodes
from plumb.analysis.migration_names import UNKNOWN
from plumb.analysis.migration_steps import Step, revision_function, steps_of
from plumb.analysis.revisions import over_revisions
from plumb.analysis.sql_statements import added_columns, altered_table, columns_set_not_null, statements
from plumb.findings import Good, Place, Report, Severity
from plumb.index.scope import argument, has_double_star, keyword
from plumb.project import Project
from plumb.rule import project_rule
from plumb.source import SourceFile

_EMPTY = re.compile(r"\bFROM\s+\"?([\w{}?]+)\"?.*\bWHERE\s+\"?(\w+)\"?\s+IS\s+NULL", re.IGNORECASE | re.DOTALL)
FILLED_BY = frozenset({"Computed", "Identity", "Sequence"})
DOWN = re.compile(r"(^|[./_-])(down|downgrade|rollback|revert)[./_-]", re.IGNORECASE)


@project_rule("PB901", "not-null-without-backfill", Severity.ERROR)
def check(project: Project) -> Iterator[Report | Good]:
    """Look at every revision and every `.sql` file."""
    earlier: set[str] = set()

    def of_sql(path: str, text: str) -> Iterator[Report]:
        if not DOWN.search(path):
            yield from _sql(path, text, earlier)
            earlier.update(key for statement in statements(text) for key in filled_by(statement.text))

    yield from over_revisions(project, _revision, of_sql)


def _revision(file: SourceFile) -> Iterator[Report | Good]:
    upgrade = revision_function(file, "upgrade")
    filled = Filled()
    for step in steps_of(upgrade, file) if upgrade is not None else ():
        if step.kind == "sql":
            filled.columns.update(_refused(step, file))
            for statement in statements(step.text):
                yield from _statement(statement.text, filled, file.place(step.node), file)
        elif step.kind in {"write", "helper"}:
            filled.write(step, file)
        elif step.kind == "create_table":
            filled.tables.add("*" if step.table == UNKNOWN else step.table.lower())
        elif step.kind == "rename_table":
            filled.tables.add("*")
        elif step.kind == "add_column":
            yield from _added(step, filled, file)
        elif step.kind == "alter_column":
            yield from _altered(step, filled, file)


def _refused(step: Step, file: SourceFile) -> list[str]:
    """The columns that a function looks through for empty rows, when it raises if there are any."""
    function = file.function_of(step.node)
    if function is None or not any(isinstance(one, ast.Raise) for one in own_nodes(function)):
        return []
    return [f"{table}.{column}".lower() for table, column in _EMPTY.findall(step.text)]


def _added(step: Step, filled: Filled, file: SourceFile) -> Iterator[Report | Good]:
    column = step.given
    if not isinstance(column, ast.Call) or has_double_star(column):
        return
    if _given(column, "server_default") or _fills_itself(column):
        filled.columns.add(f"{step.table}.{step.column}".lower())
        if _is_false(column):
            yield file.good(step.node)
        return
    if UNKNOWN not in {step.table, step.column} and not _is_false(column):
        filled.empty.add(f"{step.table}.{step.column}".lower())
    if not _is_false(column) or step.column == UNKNOWN or filled.covers(step.table, step.column):
        return
    if step.table == UNKNOWN and (filled.tables or step.batch):
        return
    table = _table(step)
    yield file.report(
        step.node,
        f"`{table}.{step.column}` is added as NOT NULL without a server default: existing rows have no value",
        _backfill(table, step.column),
        severity=Severity.WARNING if step.table == UNKNOWN else None,
    )


def _table(step: Step) -> str:
    """The table's name; where it is found at run time, the expression in the braces of an f-string."""
    named = argument(step.node, "table_name", 0)
    return f"{{{ast.unparse(named)}}}" if step.table == UNKNOWN and named is not None else step.table


def _altered(step: Step, filled: Filled, file: SourceFile) -> Iterator[Report | Good]:
    if _given(step.node, "server_default"):
        return
    if not _is_false(step.node) or UNKNOWN in {step.table, step.column}:
        return
    if filled.misses_rows(step.table, step.column):
        yield _half_filled(step, file)
        return
    if filled.covers(step.table, step.column):
        yield file.good(step.node)
        return
    if _given(step.node, "existing_server_default") or _was_filled(step, filled, file):
        return
    yield file.report(
        step.node,
        f"`{step.table}.{step.column}` becomes NOT NULL, and nothing fills the rows that have no value",
        _backfill(step.table, step.column),
    )


def _was_filled(step: Step, filled: Filled, file: SourceFile) -> bool:
    is_new = f"{step.table}.{step.column}".lower() in filled.empty
    return not is_new and history_before(file, step.table, step.column)


def _half_filled(step: Step, file: SourceFile) -> Report:
    return file.report(
        step.node,
        f"`{step.table}.{step.column}` becomes NOT NULL, and the `UPDATE` before fills only what its WHERE finds",
        _backfill(step.table, step.column),
        severity=Severity.WARNING,
    )


def _statement(text: str, filled: Filled, place: Place, file: SourceFile | None) -> Iterator[Report]:
    table = altered_table(text)
    for column, unfilled in added_columns(text):
        if not unfilled:
            if "DEFAULT" in text.upper():
                filled.columns.add(f"{table}.{column}".lower())
        elif not filled.covers(table, column) and UNKNOWN not in table + column:
            message = f"`{table}.{column}` is added as NOT NULL without a default: existing rows have no value"
            yield Report(_line_of(column, text, place, file), message, _backfill(table, column))
    for column in columns_set_not_null(text):
        known = file is not None and history_before(file, table, column)
        if not known and not filled.covers(table, column) and UNKNOWN not in table + column:
            message = f"`{table}.{column}` becomes NOT NULL, and nothing fills the rows that have no value"
            yield Report(_line_of(column, text, place, file), message, _backfill(table, column))
    filled.note(text)


def _line_of(column: str, text: str, place: Place, file: SourceFile | None) -> Place:
    """The line of a `.sql` file that names the column; the operation in a revision."""
    found = re.search(rf"\b(?:ADD|ALTER|COLUMN|EXISTS)\s+\"?{re.escape(column)}\b", text, re.IGNORECASE)
    line = place.line + (text.count("\n", 0, found.end()) if found is not None and file is None else 0)
    return place if file is not None else Place(place.path, line, 1, line, 1)


def _sql(path: str, text: str, earlier: set[str]) -> Iterator[Report]:
    """A `.sql` file, where the files before it have left the columns *earlier* without empty rows."""
    filled = Filled()
    filled.columns.update(earlier)
    for statement in statements(text):
        number = statement.line + 1
        yield from _statement(statement.text, filled, Place(path, number, 1, number, 1), None)


def _backfill(table: str, column: str) -> str:
    fill = f"SET {column} = ... WHERE {column} IS NULL"
    named = table.strip("{}") if table.startswith("{") else f'"{table}"'
    return (
        f"add the column as nullable, fill it, then set NOT NULL:\n"
        f'op.execute({"f" if table.startswith("{") else ""}"UPDATE {table} {fill}")\n'
        f'op.alter_column({named}, "{column}", nullable=False)'
    )


def _is_false(call: ast.Call) -> bool:
    value = keyword(call, "nullable")
    return isinstance(value, ast.Constant) and value.value is False


def _given(call: ast.Call, name: str) -> bool:
    value = keyword(call, name)
    return value is not None and not (isinstance(value, ast.Constant) and value.value in {None, False})


def _fills_itself(column: ast.Call) -> bool:
    names = {getattr(one.func, "attr", getattr(one.func, "id", "")) for one in column.args if isinstance(one, ast.Call)}
    return bool(names & FILLED_BY)
