"""A downgrade does not undo what its upgrade did.

## What it does
Finds revisions whose downgrade is missing or empty, and downgrades that leave a table, a column, an index or a
constraint behind that the upgrade added, do not bring back one that it dropped, or leave a column or a table as the
upgrade has renamed it, a column with its new type, or NOT NULL.

## Why is this bad
`alembic downgrade` reports success and moves the version back; the schema stays. The next upgrade fails because the
table exists, in the middle of an incident.

## Example
```python
# file: migrations/versions/0002_change.py
import sqlalchemy as sa
from alembic import op

revision = "a1"


def upgrade() -> None:
    op.add_column("users", sa.Column("nickname", sa.String()))


def downgrade() -> None:
    pass
```

## Use instead
```python
# file: migrations/versions/0002_change.py
import sqlalchemy as sa
from alembic import op

revision = "a1"


def upgrade() -> None:
    op.add_column("users", sa.Column("nickname", sa.String()))


def downgrade() -> None:
    op.drop_column("users", "nickname")
```

## Known limits
An exception raised on purpose is a decision, and no finding. Silent where the downgrade runs a helper that may undo it,
or SQL of another form than changes of one table; for merges, and for enum values, which PostgreSQL cannot take back. A
warning for changes of rows alone, for changes of the schema where a comment or the docstring says why nothing is
undone, and for an enum type, a function or a view that is left behind.
"""

import ast
import re
from collections.abc import Iterator

from plumb.analysis.changed_back import names_change_hands, not_changed_back, under_old_names
from plumb.analysis.functions import own_nodes
from plumb.analysis.indexes import still_there
from plumb.analysis.left_objects import left_objects
from plumb.analysis.left_types import left_types
from plumb.analysis.migration_names import UNKNOWN
from plumb.analysis.migration_steps import Step, revision_function, steps_of
from plumb.analysis.revisions import over_revisions
from plumb.analysis.sql_operations import as_operations, changes_rows_alone
from plumb.findings import Good, Report, Severity
from plumb.project import Project
from plumb.rule import project_rule
from plumb.source import FunctionNode, SourceFile

UNDONE_BY = {
    "create_table": "drop_table",
    "add_column": "drop_column",
    "drop_table": "create_table",
    "drop_column": "add_column",
}
SHOWN = {
    "create_table": 'op.drop_table("{table}")',
    "add_column": 'op.drop_column("{table}", "{column}")',
    "drop_table": 'op.create_table("{table}", ...)',
    "drop_column": 'op.add_column("{table}", sa.Column("{column}", ...))',
}
ROWS = frozenset({"write", "helper"})
_DATA = re.compile(r"^\s*(UPDATE|INSERT|DELETE|SELECT|SET|COMMIT|VACUUM|ANALYZE|REFRESH|GRANT|WITH)\b", re.IGNORECASE)
_LASTS = re.compile(
    r"\s*(SELECT|SET|COMMIT|VACUUM|ANALYZE|REINDEX|COMMENT\s+ON|PRAGMA|CREATE\s+EXTENSION\s+IF\s+NOT\s+EXISTS)\b",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"no-?op\b|irreversib|revers|one-way|cannot|can't|can not|no action|nothing to do|because|lossy|immutable"
    r"|intentional",
    re.IGNORECASE,
)
_TYPE = re.compile(r"^\s*DROP\s+(TYPE|SEQUENCE)\b[^;]*;?\s*$", re.IGNORECASE)
_CLEANS = re.compile(r"\bDROP\s+(?:\w+\s+){1,2}IF\s+EXISTS\b", re.IGNORECASE)
"""What may not have been there."""
_VALUE = re.compile(r"\bALTER\s+TYPE\b.*\bADD\s+VALUE\b", re.IGNORECASE | re.DOTALL)


@project_rule("PB906", "downgrade-does-not-undo", Severity.ERROR)
def check(project: Project) -> Iterator[Report | Good]:
    """Look at every revision."""
    yield from over_revisions(project, _revision)


def _revision(file: SourceFile) -> Iterator[Report | Good]:
    upgrade, downgrade = revision_function(file, "upgrade"), revision_function(file, "downgrade")
    if upgrade is None:
        return
    done = [step for step in as_operations(steps_of(upgrade, file)) if not _is_final(step)]
    done = [step for step in done if not _is_temporary(step, done)]
    if not done:
        return
    schema = [step for step in done if not _changes_rows(step)]
    if downgrade is None:
        yield _empty(upgrade, schema or done, file, "is missing", certain=bool(schema))
    elif _is_empty(downgrade):
        explained = _is_explained(downgrade, file)
        if schema or not explained:
            yield _empty(downgrade, schema or done, file, "is empty", certain=bool(schema) and not explained)
    elif not _raises(downgrade):
        undone = steps_of(downgrade, file)
        types, objects = left_types(done, undone, file), left_objects(done, undone)
        if types or objects:
            yield _behind(types, objects, downgrade, file)
        left = bool(types or objects)
        yield from (one for one in _compared(done, downgrade, file) if not (left and isinstance(one, Good)))


def _empty(function: FunctionNode, done: list[Step], file: SourceFile, what: str, *, certain: bool) -> Report:
    step = done[0]
    did = f"`{step.kind}`" if step.kind in UNDONE_BY else "what the upgrade did"
    shown = SHOWN.get(step.kind, 'raise NotImplementedError("why this cannot be undone")')
    return file.report(
        function,
        f"the downgrade {what}: {did} is not undone",
        "def downgrade() -> None:\n    " + shown.format(table=step.table, column=step.column),
        severity=None if certain else Severity.WARNING,
    )


def _compared(done: list[Step], downgrade: FunctionNode, file: SourceFile) -> Iterator[Report | Good]:
    """What the upgrade added or dropped for good and the downgrade does not touch."""
    undone = [step for step in as_operations(steps_of(downgrade, file)) if not changes_rows_alone(step)]
    undone = [step for step in undone if not (step.kind == "sql" and _TYPE.match(step.text))]
    if any(step.kind in {"sql", *ROWS} or _unread(step) for step in undone) or names_change_hands(done):
        return
    done, undone, renamed = under_old_names([step for step in done if not _CLEANS.search(step.text)], undone)
    left = [step for step in _lasting(done) if not _is_undone(step, undone)]
    changed = not_changed_back(done, undone, file)
    kept = [] if left else [*renamed, *still_there(done, undone, file), *changed]
    if not left and not kept:
        yield file.good(downgrade)
        return
    if kept:
        yield file.report(
            downgrade,
            f"the downgrade does not undo {', '.join(f'`{one.kind}` of `{one.name}`' for one in kept)}",
            "\n".join(one.undo for one in kept),
        )
        return
    yield file.report(
        downgrade,
        f"the downgrade does not undo {', '.join(_shown(step) for step in left)}",
        "\n".join(SHOWN[step.kind].format(table=step.table, column=step.column) for step in left),
    )


def _behind(types: list[str], objects: list[tuple[str, str]], downgrade: FunctionNode, file: SourceFile) -> Report:
    named = ", ".join(f"{kind} `{name}`" for kind, name in [*(("type", name) for name in types), *objects])
    drops = [f'sa.Enum(name="{name}").drop(op.get_bind(), checkfirst=True)' for name in types]
    drops += [f'op.execute("DROP {kind.upper()} {name}")' for kind, name in objects]
    return file.report(
        file.place(downgrade),
        f"the downgrade leaves in the database what the next upgrade makes again: {named}",
        "\n".join(drops),
        severity=Severity.WARNING,
    )


def _shown(step: Step) -> str:
    what = step.table if step.kind.endswith("table") else f"{step.table}.{step.column}"
    return f"`{step.kind}` of `{what}`"


def _is_temporary(step: Step, done: list[Step]) -> bool:
    """Whether the upgrade itself drops the table or column later, or has added it before."""
    if step.kind not in UNDONE_BY or _unread(step):
        return False
    at = done.index(step)
    near = done[:at] if step.kind.startswith("drop_") else done[at + 1 :]
    return any(_is_opposite(one, step) for one in near)


def _is_opposite(one: Step, step: Step) -> bool:
    same = one.table == step.table and (step.kind.endswith("table") or one.column == step.column)
    return one.kind == UNDONE_BY[step.kind] and same


def _lasting(done: list[Step]) -> Iterator[Step]:
    """Additions that the upgrade itself does not take back, and removals of what it did not add."""
    for step in done:
        if step.kind not in UNDONE_BY or _unread(step):
            continue
        others = [one for one in done if one is not step]
        if not _is_undone(step, others):
            yield step


def _is_undone(step: Step, steps: list[Step]) -> bool:
    for one in steps:
        if _is_opposite(one, step):
            return True
        if step.kind.endswith("column") and one.kind in {"drop_table", "create_table"} and one.table == step.table:
            return True
        if step.kind.endswith("column") and one.kind == "alter_column" and one.table == step.table and _renames(one):
            return True
    return False


def _renames(step: Step) -> bool:
    return any(word.arg in {"new_column_name", None} for word in step.node.keywords)


def _unread(step: Step) -> bool:
    """Whether the table or column of an operation cannot be read."""
    if step.kind in {"create_table", "drop_table"}:
        return step.table == UNKNOWN
    return step.kind in {"add_column", "drop_column"} and UNKNOWN in {step.table, step.column}


def _is_final(step: Step) -> bool:
    """What cannot be or need not be undone: a value of an enum, an extension that others may use, a `get_bind()`."""
    if step.kind == "sql":
        return _VALUE.search(step.text) is not None or _LASTS.match(step.text) is not None
    return step.kind in {"get_bind", "get_context", "f", "inline_literal", "invoke", "sync_enum_values"}


def _changes_rows(step: Step) -> bool:
    return step.kind in ROWS or (step.kind == "sql" and _DATA.match(step.text) is not None)


def _is_empty(function: FunctionNode) -> bool:
    return all(
        isinstance(one, ast.Pass)
        or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
        or (isinstance(one, ast.Return) and one.value is None)
        for one in function.body
    )


def _is_explained(function: FunctionNode, file: SourceFile) -> bool:
    """Whether a comment in the empty body, or its docstring, says why."""
    lines = file.lines.lines[function.lineno : function.end_lineno]
    said = any(line.lstrip().startswith("#") and "###" not in line for line in lines)
    return said or _REASON.search(ast.get_docstring(function) or "") is not None


def _raises(function: FunctionNode) -> bool:
    return any(isinstance(node, ast.Raise) for node in own_nodes(function))
