"""A backfill compares a stored instant with the present, and so matches no row.

## What it does
Finds `UPDATE` and `DELETE` statements in migrations whose `WHERE` asks for `column = now()` (or `CURRENT_TIMESTAMP`
and its kin), as SQL text or as an SQLAlchemy expression.

## Why is this bad
Written to find the rows that the column's default has just filled. `now()` is the start of the transaction: when each
statement is a transaction of its own (autocommit), it is a later instant than that of the `ALTER TABLE`. The backfill
updates no rows, and nobody is told.

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
Only equality with the bare present: comparisons such as `<= now()` and rounded values are left alone.
"""

import ast
import re
from collections.abc import Iterator

from plumb.analysis.migration_steps import revision_function, steps_of
from plumb.analysis.revisions import over_revisions
from plumb.analysis.sql_statements import statements
from plumb.findings import Good, Place, Report, Severity
from plumb.project import Project
from plumb.rule import project_rule
from plumb.source import SourceFile

_CALLS = r"(?:now|transaction_timestamp|statement_timestamp|clock_timestamp|localtimestamp|datetime)"
_PRESENT = rf"(?:{_CALLS}\s*\(\s*(?:'now')?\s*\)|CURRENT_TIMESTAMP|LOCALTIMESTAMP)"
_END = r"(?=\s*(?:$|;|\)|AND\b|OR\b|RETURNING\b|::))"
_EQUALS = re.compile(
    rf"(?:(?<![<>!=])=\s*{_PRESENT}{_END}|{_PRESENT}\s*=(?!=)|\bIN\s*\(\s*{_PRESENT}\s*\))", re.IGNORECASE
)
_CHANGE = re.compile(r"\b(UPDATE|DELETE\s+FROM)\b", re.IGNORECASE)
PRESENT_CALLS = frozenset(
    {"now", "current_timestamp", "statement_timestamp", "transaction_timestamp", "clock_timestamp"}
)
CHANGES = frozenset({"update", "delete"})


@project_rule("PB903", "backfill-matches-nothing", Severity.ERROR)
def check(project: Project) -> Iterator[Report | Good]:
    """Look at every revision and every `.sql` file."""
    yield from over_revisions(project, "PB903", _revision, _sql)


def _revision(file: SourceFile) -> Iterator[Report]:
    for name in ("upgrade", "downgrade"):
        function = revision_function(file, name)
        for step in steps_of(function, file) if function is not None else ():
            for statement in statements(step.text) if step.kind == "sql" else ():
                yield from _statement(statement.text, file.place(step.node))
    for node in file.nodes(ast.Compare):
        if isinstance(node.ops[0], ast.Eq) and _is_present(node.comparators[0], file) and _in_change(node, file):
            yield file.report(node, _message(ast.unparse(node.left)), f"{ast.unparse(node.left)}.is_(None)")


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


def _statement(text: str, place: Place) -> Iterator[Report]:
    if _CHANGE.search(text) is None:
        return
    where = re.split(r"\bWHERE\b", text, maxsplit=1, flags=re.IGNORECASE)
    if len(where) > 1 and (found := _EQUALS.search(where[1])):
        yield Report(place, _message(f"WHERE ... {found[0].strip()}"), "WHERE column IS NULL")


def _message(text: str) -> str:
    return f"`{text}` compares with the present of its own transaction: under autocommit it matches no row"


def _sql(path: str, text: str) -> Iterator[Report]:
    for statement in statements(text):
        number = statement.line + 1
        yield from _statement(statement.text, Place(path, number, 1, number, 1))
