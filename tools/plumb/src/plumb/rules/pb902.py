"""A migration drops a type with its columns, changes one without a conversion, or uses one that is not there yet.

## What it does
Finds `DROP TYPE ... CASCADE`; changes of a column's type that PostgreSQL does not convert by itself (text to
integer, text to enum, one enum to another, integer to boolean) without `USING`; columns that `op.add_column` gives an
enum type that no revision makes; and a label that is used in the transaction that adds it to its type.

## Why is this bad
`CASCADE` drops every column of the type, with its data and without a word. A type change without a conversion fails on
PostgreSQL even on an empty table (`column "amount" cannot be cast automatically to type integer`), and passes on
SQLite, where the tests run. So does a new column of a new enum: `create_table` makes the type, `add_column` does not
(`type "tier" does not exist`); and a new label (`unsafe use of new value`).

## Example
```python
# file: migrations/versions/0002_change.py
from alembic import op

revision = "a1"


def upgrade() -> None:
    op.execute("DROP TYPE IF EXISTS credit_type CASCADE")


def downgrade() -> None:
    op.execute("CREATE TYPE credit_type AS ENUM ('daily')")
```

## Use instead
```python
# file: migrations/versions/0002_change.py
from alembic import op

revision = "a1"


def upgrade() -> None:
    op.execute("ALTER TYPE credit_type RENAME TO credit_type_old")
    op.execute("CREATE TYPE credit_type AS ENUM ('daily', 'weekly')")
    op.execute("ALTER TABLE credits ALTER COLUMN type TYPE credit_type USING type::text::credit_type")
    op.execute("DROP TYPE credit_type_old")


def downgrade() -> None:
    raise NotImplementedError("weekly credits cannot be expressed in the old type")
```

## Known limits
A change of type is judged where both types are written in the operation or the older one in an earlier revision, as an
operation or as SQL, and where SQL names an enum that the migrations create. A warning for a type of another making, in
a batch operation, which SQLite converts in its own way, for a type that is dropped behind the tables that used it, and
in a helper of revisions.
"""

import ast
import re
from collections.abc import Iterator

from plumb.analysis.column_types import UNREAD, Kind, Types, kind_of, name_of, type_before, types_at
from plumb.analysis.migration_enums import created_types, revision_paths
from plumb.analysis.migration_names import UNKNOWN, Names
from plumb.analysis.migration_steps import Step, is_not_for_postgresql, revision_function, sql_text, steps_of
from plumb.analysis.revisions import over_revisions
from plumb.analysis.sql_statements import NAME, altered_table, statements
from plumb.analysis.sql_types import type_named
from plumb.analysis.unmade_types import Unmade, too_early, unmade_types
from plumb.findings import Good, Place, Report, Severity
from plumb.index.scope import argument, keyword
from plumb.project import Project
from plumb.rule import project_rule
from plumb.source import SourceFile

_CASCADE = re.compile(rf"\bDROP\s+TYPE\s+(?:IF\s+EXISTS\s+)?{NAME}[^;]*\bCASCADE\b", re.IGNORECASE)
_CREATED = re.compile(rf"\bCREATE\s+TYPE\s+{NAME}\s+AS\s+ENUM", re.IGNORECASE)
_COMPOSITE = re.compile(rf"\bCREATE\s+TYPE\s+{NAME}\s+AS\s*\(", re.IGNORECASE)
_CHANGED = re.compile(
    rf"\bALTER\s+(?:COLUMN\s+)?+\"?(\w+)\"?\s+(?:SET\s+DATA\s+)?TYPE\s+(?P<whole>{NAME}[^,;]*)",
    re.IGNORECASE,
)
TEXT = frozenset({"String", "Text", "VARCHAR", "CHAR", "Unicode", "UnicodeText", "TEXT", "AutoString"})
NUMBERS = frozenset({"Integer", "BigInteger", "SmallInteger", "INTEGER", "BIGINT", "SMALLINT", "Numeric", "Float"})
ENUMS = frozenset({"Enum", "ENUM"})
BOOLEANS = frozenset({"Boolean", "BOOLEAN", "BOOL"})
FAMILIES = (
    *(TEXT, NUMBERS, ENUMS, BOOLEANS),
    frozenset({"DateTime", "TIMESTAMP", "Date"}),
    frozenset({"JSON", "JSONB"}),
    frozenset({"UUID", "Uuid"}),
    *(frozenset({one}) for one in ("ARRAY", "Interval")),
)
"""PostgreSQL converts by itself inside a family and to text, but for enums."""
SQL_TARGETS = frozenset({"INTEGER", "INT", "UUID", "BOOLEAN", "BOOL", "JSONB", "JSON", "DATE"})
SQL_LENIENT = frozenset(
    {
        *("TEXT", "VARCHAR", "CHARACTER", "CHAR", "BPCHAR", "CITEXT", "NAME", "XML", "BYTEA", "MONEY", "BIT", "VARBIT"),
        *("BIGINT", "SMALLINT", "INT2", "INT4", "INT8", "NUMERIC", "DECIMAL", "REAL", "DOUBLE", "FLOAT", "FLOAT4"),
        *("FLOAT8", "TIMESTAMP", "TIMESTAMPTZ", "TIME", "TIMETZ", "INTERVAL", "INET", "CIDR", "VECTOR", "HALFVEC"),
    }
)
"""Targets that a usual change (longer, wider, with a zone) reaches by itself."""


@project_rule("PB902", "destructive-type-change", Severity.ERROR)
def check(project: Project) -> Iterator[Report | Good]:
    """Look at every revision and every `.sql` file."""

    def of_sql(path: str, text: str) -> Iterator[Report]:
        return _sql(path, text, _enums_of(project))

    yield from over_revisions(project, _revision, of_sql, _helper)


def _enums_of(project: Project) -> set[str]:
    """The enum types of all migrations, to which those of one text are added as it is read."""
    return {name.lower() for name in created_types(project)}


def _revision(file: SourceFile) -> Iterator[Report | Good]:
    created, beside = _enums_of(file.project), revision_paths(file.project)
    for one in unmade_types(file):
        yield _missing(one, file)
    upgrade = revision_function(file, "upgrade")
    for step, label in too_early(steps_of(upgrade, file), file) if upgrade is not None else ():
        yield _early(step, label, file)
    for name in ("upgrade", "downgrade"):
        function, dropped = revision_function(file, name), False
        for step in steps_of(function, file) if function is not None else ():
            dropped = dropped or step.kind == "drop_table"
            if step.kind == "sql":
                text = _CASCADE.sub("", step.text) if step.helper in beside else step.text
                for statement in statements(text):
                    for found in _statement(statement.text, file.place(step.node), created, types_at(step, file)):
                        yield found._replace(severity=Severity.WARNING) if dropped else found
            elif step.kind == "alter_column" and not is_not_for_postgresql(step, file):
                yield from _altered(step, file)


def _helper(file: SourceFile) -> Iterator[Report]:
    """What lies beside the revisions and is called by them; whether a table goes before the type is not known."""
    for call in file.nodes(ast.Call) if "DROP TYPE" in file.text.upper() else ():
        text = sql_text(call.args[0], Names(file)) if call.args else None
        for found in _CASCADE.finditer(text or ""):
            yield _dropped(found, file.place(call))._replace(severity=Severity.WARNING)


def _altered(step: Step, file: SourceFile) -> Iterator[Report | Good]:
    new, old = (_of_turn(keyword(step.node, word), step, Names(file)) for word in ("type_", "existing_type"))
    if new is None:
        return
    if keyword(step.node, "postgresql_using") is not None:
        yield file.good(step.node)
        return
    before, after = kind_of(old, file) if old is not None else type_before(step, file), kind_of(new, file)
    same = before == after and (before.enum or (old is not None and ast.unparse(old) == ast.unparse(new)))
    if same or not _needs_conversion(before.name, after.name):
        return
    yield file.report(
        step.node,
        f"`{step.table}.{step.column}` changes from `{before.name}` to `{after.name}`, which PostgreSQL does not "
        "convert by itself",
        f'postgresql_using="{step.column}::{"text::" if before.name in ENUMS else ""}{_target(new)}"',
        severity=Severity.WARNING if step.batch else None,
    )


def _of_turn(node: ast.expr | None, step: Step, names: Names) -> ast.expr | None:
    """A type, or the one that a loop over columns with their types has for the column of the step."""
    column = argument(step.node, "column_name", 0 if step.batch else 1)
    turns = [turn for turn in names.in_loops(column, node) if turn.text(column) == step.column]
    return turns[0].meaning(node) if node is not None and len(turns) == 1 else node


def _missing(one: Unmade, file: SourceFile) -> Report:
    return file.report(
        one.step.node,
        f"no revision makes the type `{one.name}`, and `{one.step.kind}` does not: PostgreSQL refuses the column",
        f'sa.Enum(..., name="{one.name}").create(op.get_bind(), checkfirst=True)',
        severity=None if one.table_is_known else Severity.WARNING,
    )


def _early(step: Step, label: str, file: SourceFile) -> Report:
    return file.report(
        step.node,
        f"{label} is used in the transaction that adds it to its type, which PostgreSQL refuses",
        f'with op.get_context().autocommit_block():\n    op.execute("ALTER TYPE ... ADD VALUE {label}")',
    )


def _needs_conversion(old: str, new: str) -> bool:
    """Whether PostgreSQL has no assignment cast between two SQLAlchemy types."""
    before, after = (next((one for one in FAMILIES if name in one), None) for name in (old, new))
    if before is None or after is None or after is TEXT:
        return False
    return before is not after or before is ENUMS


def _target(node: ast.expr) -> str:
    name = keyword(node, "name") if isinstance(node, ast.Call) else None
    return str(name.value) if isinstance(name, ast.Constant) else name_of(node).lower()


def _statement(text: str, place: Place, created: set[str], before: Types) -> Iterator[Report]:
    for found in _CASCADE.finditer(text):
        yield _dropped(found, place)
    created.update(name.lower() for name in _CREATED.findall(text))
    for found in _CHANGED.finditer(text):
        column, target = found[1], found[3]
        if any(word in text[found.start() :].upper() for word in ("USING", UNKNOWN)):
            continue
        certain = _is_refused(before.get((altered_table(text), column.lower()), UNREAD), found["whole"], created)
        through = "" if target.upper() in SQL_TARGETS else "text::"
        if certain or (certain is None and target.upper() not in SQL_LENIENT):
            yield Report(
                place,
                f"`{column}` becomes `{target}` without `USING`",
                f"ALTER COLUMN {column} TYPE {target} USING {column}::{through}{target}",
                severity=None if certain else Severity.WARNING,
            )


def _is_refused(before: Kind, target: str, created: set[str]) -> bool | None:
    """Whether PostgreSQL does not convert a column by itself; None if one of the types is not known."""
    family, enum = type_named(target, created)
    if enum:
        return before.enum.lower() != enum
    families = [one for name in (before.name, family) for one in FAMILIES if name in one]
    return _needs_conversion(before.name, family) if len(families) == len((before.name, family)) else None


def _dropped(found: re.Match[str], place: Place) -> Report:
    return Report(
        place,
        f"`DROP TYPE {found[1]} ... CASCADE` drops every column of this type",
        f"ALTER TABLE ... ALTER COLUMN ... TYPE new_type USING ...::text::new_type;\nDROP TYPE {found[1]};",
    )


def _sql(path: str, text: str, created: set[str]) -> Iterator[Report]:
    composite = {name.lower() for name in _COMPOSITE.findall(text)}
    for statement in statements(text):
        number = statement.line + 1
        dropped = _CASCADE.search(statement.text)
        if dropped is None or dropped[1].lower() not in composite:
            yield from _statement(statement.text, Place(path, number, 1, number, 1), created, {})
