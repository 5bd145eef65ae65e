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
A warning where the column gets a constant, which may be the default once more. `= now()` is left alone where the same
transaction has added the column with this default; `>= now()` is found where an earlier one has, as each statement of a
`.sql` file is outside `BEGIN` and `COMMIT`. Other comparisons and rounded values are left alone.
"""

import ast
import re
from collections.abc import Iterator

from plumb.analysis.added_columns import CHANGE, PRESENT, Added
from plumb.analysis.alembic_environment import commits_each_statement
from plumb.analysis.migration_steps import Step, is_alone, revision_function, steps_of
from plumb.analysis.revisions import over_revisions
from plumb.analysis.row_changes import CHANGES, WHERES, asked_by
from plumb.analysis.sql_statements import names_of_changed, required_of, statements, written_tables
from plumb.findings import Good, Place, Report, Severity
from plumb.index.extract import last_name
from plumb.index.scope import keyword
from plumb.project import Project
from plumb.rule import project_rule
from plumb.source import SourceFile

_END = r"(?=\s*(?:$|;|\)|AND\b|OR\b|RETURNING\b|::))"
_EQUALS = re.compile(
    rf"(?:(?<![<>!=])=\s*{PRESENT}{_END}|{PRESENT}\s*=(?!=)|\bIN\s*\(\s*{PRESENT}\s*\))", re.IGNORECASE
)
_SINCE = re.compile(
    rf"\"?(?P<since>\w+)\"?\s*(?:>=?|=)\s*{PRESENT}{_END}|{PRESENT}\s*(?:<=?|=)\s*(?:\w+\.)?\"?(?P<until>\w+)\"?",
    re.IGNORECASE,
)
"""A column that is asked to be as late as the present."""
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
_IS_PRESENT = re.compile(rf"\b(?:{PRESENT}|{'|'.join(sorted(PRESENT_CALLS))}\()", re.IGNORECASE)
FILLED_BY = frozenset({"Computed", "Identity", "Sequence"})


@project_rule("PB903", "backfill-matches-nothing", Severity.ERROR)
def check(project: Project) -> Iterator[Report | Good]:
    """Look at every revision and every `.sql` file."""
    yield from over_revisions(project, _revision, _sql)


def _revision(file: SourceFile) -> Iterator[Report]:
    fresh: set[str] = set()
    for name in ("upgrade", "downgrade"):
        function = revision_function(file, name)
        added = Added(commits=commits_each_statement(file.project))
        for step in steps_of(function, file) if function is not None else ():
            yield from _step(step, file, added)
            fresh.update(one.rpartition(".")[2] for one in added.present)
    for node in file.nodes(ast.Compare):
        if isinstance(node.ops[0], ast.Eq) and _is_present(node.comparators[0], file) and _in_change(node, file):
            if last_name(node.left) not in fresh or is_alone(node, file):
                yield file.report(node, _message(ast.unparse(node.left)), f"{ast.unparse(node.left)}.is_(None)")
        elif isinstance(node.ops[0], ast.Is) and _is_condition(node, file) and _in_change(node, file):
            yield file.report(
                node,
                f"`{ast.unparse(node)}` is `False` in Python before SQLAlchemy sees it: the condition matches no row",
                f"{ast.unparse(node.left)}.is_(None)",
            )


def _step(step: Step, file: SourceFile, added: Added) -> Iterator[Report]:
    """What a step asks for, and what is known of the columns behind it."""
    alone = is_alone(step.node, file)
    added.commits = alone or commits_each_statement(file.project)
    if alone or last_name(step.node) == "commit":
        added.commit()
    if step.kind == "add_column" and keyword(step.node, "if_not_exists") is None:
        default = _default(step)
        present = _IS_PRESENT.search(default) is not None
        added.column(f"{step.table}.{step.column}", filled=bool(default), present=present)
    elif step.kind in {"write", "helper"}:
        yield from _expression(step, file, added)
        added.forget_rows()
    for statement in statements(step.text) if step.kind == "sql" else ():
        yield from _statement(statement.text, file.place(step.node), added)


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


def _default(step: Step) -> str:
    """What fills the rows of a column that is added; nothing if nothing does."""
    column = step.given
    if not isinstance(column, ast.Call):
        return "?"
    if any(isinstance(one, ast.Call) and last_name(one) in FILLED_BY for one in column.args):
        return "generated"
    default = keyword(column, "server_default")
    return "" if default is None or ast.unparse(default) == "None" else ast.unparse(default)


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
    change = CHANGE.match(text)
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
    since = {_column(one, table) for one in _SINCE.finditer(where)}
    if (found := _EQUALS.search(where)) and not since & added.present:
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
        elif (found := _SINCE.fullmatch(one.strip())) and _column(found, table) in added.past:
            yield Report(place, _message(f"WHERE {one.strip()}"), "WHERE column IS NULL")
        elif (found := _COMPARED.fullmatch(one)) and f"{table}.{found[1]}".lower() in added.empty:
            yield Report(place, *_no_values(f"WHERE {one.strip()}", found[1]))


def _column(found: re.Match[str], table: str) -> str:
    return f"{table}.{found['since'] or found['until']}".lower()


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
    added = Added(commits=True)
    for statement in statements(text):
        number = statement.line + 1
        yield from _statement(statement.text, Place(path, number, 1, number, 1), added)
