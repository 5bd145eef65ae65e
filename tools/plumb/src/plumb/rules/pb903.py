"""A backfill asks for what no row can have, and so changes nothing.

## What it does
Finds `UPDATE` and `DELETE` statements in migrations whose `WHERE` asks for `column = now()` (or `CURRENT_TIMESTAMP`
and its kin), as SQL text or as an SQLAlchemy expression; for `column = NULL`; or only for the empty rows of a column
that the same migration has added with a default.

## Why is this bad
`= now()` is written to find the rows that the column's default has just filled. `now()` is the start of the
transaction: when each statement is a transaction of its own (autocommit), it is a later instant than that of the
`ALTER TABLE`. A default fills all rows when the column is added, so that none is NULL. The backfill updates no rows,
and nobody is told.

## Example
```python
# file: migrations/versions/0002_change.py
from alembic import op

revision = "a1"


def upgrade() -> None:
    op.execute("UPDATE states SET created_at = updated_at WHERE created_at = now()")


def downgrade() -> None:
    raise NotImplementedError("the old instants are not kept")
```

## Use instead
```python
# file: migrations/versions/0002_change.py
from alembic import op

revision = "a1"


def upgrade() -> None:
    op.execute("UPDATE states SET created_at = updated_at WHERE created_at IS NULL")


def downgrade() -> None:
    raise NotImplementedError("the old instants are not kept")
```

## Known limits
A warning where the column gets a constant, which may be the default once more. Only equality with the bare present:
comparisons such as `<= now()` and rounded values are left alone.
"""

import ast
import re
from collections.abc import Iterator

from plumb.analysis.migration_steps import Step, revision_function, steps_of
from plumb.analysis.revisions import over_revisions
from plumb.analysis.sql_statements import defaulted_columns, statements, written_tables
from plumb.findings import Good, Place, Report, Severity
from plumb.index.scope import keyword
from plumb.project import Project
from plumb.rule import project_rule
from plumb.source import SourceFile

_CALLS = r"(?:now|transaction_timestamp|statement_timestamp|clock_timestamp|localtimestamp|datetime)"
_PRESENT = rf"(?:{_CALLS}\s*\(\s*(?:'now')?\s*\)|CURRENT_TIMESTAMP|LOCALTIMESTAMP)"
_END = r"(?=\s*(?:$|;|\)|AND\b|OR\b|RETURNING\b|::))"
_EQUALS = re.compile(
    rf"(?:(?<![<>!=])=\s*{_PRESENT}{_END}|{_PRESENT}\s*=(?!=)|\bIN\s*\(\s*{_PRESENT}\s*\))", re.IGNORECASE
)
_CHANGE = re.compile(r"\s*(?:WITH\b.*)?\b(UPDATE|DELETE\s+FROM)\b", re.IGNORECASE | re.DOTALL)
_NULL = re.compile(r"(?<![<>!=])(?:=|<>|!=)\s*NULL\b", re.IGNORECASE)
_PLAIN = re.compile(r"\bSET\s+\w+\s*=\s*(?:'[^']*'|[\d.]+|true|false)(?:::\w+)?\s*$", re.IGNORECASE)
_EMPTY = re.compile(r"\s*\"?(\w+)\"?\s+IS\s+NULL\s*;?\s*", re.IGNORECASE)
PRESENT_CALLS = frozenset(
    {"now", "current_timestamp", "statement_timestamp", "transaction_timestamp", "clock_timestamp"}
)
_TWO = 2
CHANGES = frozenset({"update", "delete"})


@project_rule("PB903", "backfill-matches-nothing", Severity.ERROR)
def check(project: Project) -> Iterator[Report | Good]:
    """Look at every revision and every `.sql` file."""
    yield from over_revisions(project, "PB903", _revision, _sql)


def _revision(file: SourceFile) -> Iterator[Report]:
    for name in ("upgrade", "downgrade"):
        function = revision_function(file, name)
        filled: set[str] = set()
        for step in steps_of(function, file) if function is not None else ():
            if step.kind == "add_column" and _has_default(step):
                filled.add(f"{step.table}.{step.column}".lower())
            for statement in statements(step.text) if step.kind == "sql" else ():
                yield from _statement(statement.text, file.place(step.node), filled)
    for node in file.nodes(ast.Compare):
        if isinstance(node.ops[0], ast.Eq) and _is_present(node.comparators[0], file) and _in_change(node, file):
            yield file.report(node, _message(ast.unparse(node.left)), f"{ast.unparse(node.left)}.is_(None)")


def _has_default(step: Step) -> bool:
    column = next((one for one in step.node.args if isinstance(one, ast.Call)), None)
    default = keyword(column, "server_default") if column is not None else None
    return default is not None and not (isinstance(default, ast.Constant) and default.value is None)


def _is_present(node: ast.expr, file: SourceFile) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in PRESENT_CALLS
        and ast.unparse(node.func.value).endswith("func")
        and file.kind == "migration"
    )


def _in_change(node: ast.AST, file: SourceFile) -> bool:
    """Whether the comparison is an argument of a `where()` of an update or a delete."""
    for above in file.ancestors(node):
        if isinstance(above, ast.stmt):
            return any(_last(one) in CHANGES for one in ast.walk(above) if isinstance(one, ast.Call))
    return False


def _last(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _statement(text: str, place: Place, filled: set[str]) -> Iterator[Report]:
    """One statement; *filled* are the columns that got a value in every row when they were added."""
    filled.update(defaulted_columns(text))
    change = _CHANGE.match(text)
    where = re.split(r"\bWHERE\b", text[change.start(1) :], maxsplit=1, flags=re.IGNORECASE) if change else []
    if len(where) < _TWO:
        return
    if found := _EQUALS.search(where[1]):
        yield Report(place, _message(f"WHERE ... {found[0].strip()}"), "WHERE column IS NULL")
    elif found := _NULL.search(where[1]):
        message = f"`WHERE ... {found[0].strip()}` is true of no row: nothing equals NULL"
        yield Report(place, message, "WHERE column IS NULL")
    elif (found := _EMPTY.fullmatch(where[1])) and f"{written_tables(text)[0]}.{found[1]}".lower() in filled:
        message = f"`WHERE {found[1]} IS NULL` matches no row: the default has filled `{found[1]}` when it was added"
        fix = f"add `{found[1]}` without a default, fill it, then set NOT NULL and the default"
        plain = _PLAIN.search(where[0]) is not None
        yield Report(place, message, fix, severity=Severity.WARNING if plain else None)


def _message(text: str) -> str:
    return f"`{text}` compares with the present of its own transaction: under autocommit it matches no row"


def _sql(path: str, text: str) -> Iterator[Report]:
    filled: set[str] = set()
    for statement in statements(text):
        number = statement.line + 1
        yield from _statement(statement.text, Place(path, number, 1, number, 1), filled)
