"""A backfill asks for what no row can have, and so changes nothing.

## What it does
Finds `UPDATE` and `DELETE` statements in migrations whose `WHERE` asks for `column = now()` (or `CURRENT_TIMESTAMP`
and its kin), as SQL text or as an SQLAlchemy expression; for `column = NULL`, or `column is None` of Python; for the
empty rows of a column that the same migration has added with a default; or for a value of a column that it has added
without one. Of conditions that `AND` joins, one is enough.

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
from plumb.analysis.row_changes import CHANGES, WHERES, asked_by
from plumb.analysis.sql_statements import (
    added_columns,
    altered_table,
    defaulted_columns,
    names_of_changed,
    required_of,
    statements,
    written_tables,
)
from plumb.findings import Good, Place, Report, Severity
from plumb.index.extract import last_name
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
_COMPARED = re.compile(
    r"""\s*\"?(\w+)\"?\s*(?:(?:=|<>|!=|<=?|>=?|\bLIKE\b|\bIN\b)\s*(?:'[^']*'|[\d.]+|true|false|\([^()]*\))"""
    r"""|IS\s+NOT\s+NULL)\s*;?\s*""",
    re.IGNORECASE,
)
_EMPTY = re.compile(r"\s*\"?(\w+)\"?\s+IS\s+NULL\s*;?\s*", re.IGNORECASE)
PRESENT_CALLS = frozenset(
    {"now", "current_timestamp", "statement_timestamp", "transaction_timestamp", "clock_timestamp"}
)
_TWO = 2
_IF_MISSING = re.compile(r"\bADD\s+COLUMN\s+IF\s+NOT\s+EXISTS\b", re.IGNORECASE)
_GENERATED = re.compile(r"\b(?:GENERATED|(?:BIG)?SERIAL|IDENTITY)\b", re.IGNORECASE)
FILLED_BY = frozenset({"Computed", "Identity", "Sequence"})


@project_rule("PB903", "backfill-matches-nothing", Severity.ERROR)
def check(project: Project) -> Iterator[Report | Good]:
    """Look at every revision and every `.sql` file."""
    yield from over_revisions(project, _revision, _sql)


class Added:
    """The columns that were added so far, as `table.column`: with a value in every row, or with none in any."""

    def __init__(self) -> None:
        self.filled: set[str] = set()
        self.empty: set[str] = set()

    def column(self, name: str, *, filled: bool) -> None:
        """Remember a column that was certainly not there before."""
        (self.filled if filled else self.empty).add(name.lower())

    def statement(self, text: str) -> None:
        """Remember what a statement adds; what it writes is empty no more."""
        certain = _IF_MISSING.search(text) is None
        self.filled.update(defaulted_columns(text) if certain else ())
        for name, _ in added_columns(text) if certain else ():
            if f"{altered_table(text)}.{name}".lower() not in self.filled and not _GENERATED.search(text):
                self.column(f"{altered_table(text)}.{name}", filled=False)
        if _CHANGE.match(text) and not written_tables(text):
            self.empty.clear()
        for table in written_tables(text):
            self.empty -= {name for name in self.empty if name.startswith(f"{table}.")}


def _revision(file: SourceFile) -> Iterator[Report]:
    for name in ("upgrade", "downgrade"):
        function = revision_function(file, name)
        added = Added()
        for step in steps_of(function, file) if function is not None else ():
            if step.kind == "add_column" and keyword(step.node, "if_not_exists") is None:
                added.column(f"{step.table}.{step.column}", filled=_has_default(step))
            elif step.kind in {"write", "helper"}:
                yield from _expression(step, file, added)
                added.empty.clear()
            for statement in statements(step.text) if step.kind == "sql" else ():
                yield from _statement(statement.text, file.place(step.node), added)
    for node in file.nodes(ast.Compare):
        if isinstance(node.ops[0], ast.Eq) and _is_present(node.comparators[0], file) and _in_change(node, file):
            yield file.report(node, _message(ast.unparse(node.left)), f"{ast.unparse(node.left)}.is_(None)")
        elif isinstance(node.ops[0], ast.Is) and _is_condition(node, file) and _in_change(node, file):
            yield file.report(
                node,
                f"`{ast.unparse(node)}` is `False` in Python before SQLAlchemy sees it: the condition matches no row",
                f"{ast.unparse(node.left)}.is_(None)",
            )


def _is_condition(node: ast.Compare, file: SourceFile) -> bool:
    """Whether the comparison of an attribute is itself an argument of `where()` or `filter()`."""
    call = next(file.ancestors(node), None)
    return (
        isinstance(call, ast.Call)
        and last_name(call) in WHERES
        and isinstance(node.left, ast.Attribute)
        and file.kind == "migration"
    )


def _expression(step: Step, file: SourceFile, added: Added) -> Iterator[Report]:
    """What an update or a delete that is no text asks for."""
    for asked in asked_by(step.node, file):
        key = f"{asked.table}.{asked.column}".lower()
        if asked.is_null and key in added.filled:
            yield file.report(asked.node, *_no_empty(ast.unparse(asked.node), asked.column))
        elif not asked.is_null and key in added.empty:
            yield file.report(asked.node, *_no_values(ast.unparse(asked.node), asked.column))


def _has_default(step: Step) -> bool:
    column = next((one for one in step.node.args if isinstance(one, ast.Call)), None)
    if column is None or any(isinstance(one, ast.Call) and last_name(one) in FILLED_BY for one in column.args):
        return True
    default = keyword(column, "server_default")
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
            return any(last_name(one) in CHANGES for one in ast.walk(above) if isinstance(one, ast.Call))
    return False


def _statement(text: str, place: Place, added: Added) -> Iterator[Report]:
    """One statement, and what it adds and writes."""
    change = _CHANGE.match(text)
    where = re.split(r"\bWHERE\b", text[change.start(1) :], maxsplit=1, flags=re.IGNORECASE) if change else []
    if change and len(where) == _TWO:
        table = next(iter(written_tables(text)), "")
        names = names_of_changed(text[change.start(1) :])
        conditions = [_unqualified(one, names) for one in required_of(text[change.start(1) :])]
        yield from _asked(where[1], conditions, place, added, table, plain=_PLAIN.search(where[0]) is not None)
    added.statement(text)


def _unqualified(condition: str, names: set[str]) -> str:
    """A condition that begins with a column of the changed table, without the name of that table."""
    owner, dot, rest = condition.strip().partition(".")
    return rest if dot and owner.strip('"').lower() in names else condition


def _asked(
    where: str, conditions: list[str], place: Place, added: Added, table: str, *, plain: bool
) -> Iterator[Report]:
    """What a WHERE asks for that no row of the table can have; each of the conditions has to hold."""
    if found := _EQUALS.search(where):
        yield Report(place, _message(f"WHERE ... {found[0].strip()}"), "WHERE column IS NULL")
        return
    if found := _NULL.search(where):
        message = f"`WHERE ... {found[0].strip()}` is true of no row: nothing equals NULL"
        yield Report(place, message, "WHERE column IS NULL")
        return
    for one in conditions:
        if (found := _EMPTY.fullmatch(one)) and f"{table}.{found[1]}".lower() in added.filled:
            message, fix = _no_empty(f"WHERE {found[1]} IS NULL", found[1])
            yield Report(place, message, fix, severity=Severity.WARNING if plain else None)
        elif (found := _COMPARED.fullmatch(one)) and f"{table}.{found[1]}".lower() in added.empty:
            yield Report(place, *_no_values(f"WHERE {one.strip()}", found[1]))


def _no_empty(asked: str, column: str) -> tuple[str, str]:
    """Message and correction for a column that the default has filled."""
    fix = f"add `{column}` without a default, fill it, then set NOT NULL and the default"
    return f"`{asked}` matches no row: the default has filled `{column}` when it was added", fix


def _no_values(asked: str, column: str) -> tuple[str, str]:
    """Message and correction for a column that nothing has filled."""
    message = f"`{asked}` matches no row: `{column}` was added without a default, so it is NULL"
    return message, f"WHERE {column} IS NULL"


def _message(text: str) -> str:
    return f"`{text}` compares with the present of its own transaction: under autocommit it matches no row"


def _sql(path: str, text: str) -> Iterator[Report]:
    added = Added()
    for statement in statements(text):
        number = statement.line + 1
        yield from _statement(statement.text, Place(path, number, 1, number, 1), added)
