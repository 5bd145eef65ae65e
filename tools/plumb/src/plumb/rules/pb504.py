"""The labels that the migrations give an enum type are not those the column stores.

## What it does
Replays the migrations (`CREATE TYPE`, `ALTER TYPE ... ADD VALUE / RENAME VALUE`, `sa.Enum(...)`, `.sql` files) and
compares the labels of each type with what the column's enum stores. A label the database lacks is an error, one it
has too many a warning.

## Why is this bad
`invalid input value for enum category: "TASKS"` on the first insert, or `LookupError` on the first read: only on
PostgreSQL, only for that member.

## Example
```python
# file: app/models.py
from enum import StrEnum

from sqlalchemy import Enum
from sqlmodel import Field, SQLModel


class Category(StrEnum):
    TASKS = "tasks"
    NOTES = "notes"


class Achievement(SQLModel, table=True):
    id: int = Field(primary_key=True)
    category: Category = Field(
        sa_type=Enum(Category, name="category", values_callable=lambda enum: [member.value for member in enum])
    )
# file: migrations/versions/0001_start.py
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.execute("CREATE TYPE category AS ENUM ('tasks')")
```

## Use instead
```python
# file: app/models.py
from enum import StrEnum

from sqlalchemy import Enum
from sqlmodel import Field, SQLModel


class Category(StrEnum):
    TASKS = "tasks"
    NOTES = "notes"


class Achievement(SQLModel, table=True):
    id: int = Field(primary_key=True)
    category: Category = Field(
        sa_type=Enum(Category, name="category", values_callable=lambda enum: [member.value for member in enum])
    )
# file: migrations/versions/0001_start.py
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.execute("CREATE TYPE category AS ENUM ('tasks')")
# file: migrations/versions/0002_notes.py
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.execute("ALTER TYPE category ADD VALUE 'notes'")
```

## Known limits
Silent for types of which some statement is computed. Columns that store names where values are expected are PB501's.
"""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from plumb.analysis.enum_columns import EnumColumn, enum_columns
from plumb.analysis.migration_enums import Created, created_types
from plumb.analysis.stored_enums import types_of_columns
from plumb.analysis.table_objects import TABLES
from plumb.findings import Good, Place, Related, Report, Severity
from plumb.index.enums import EnumInfo
from plumb.index.models import model_of
from plumb.rule import file_rule
from plumb.source import SourceFile


class Column(NamedTuple):
    """A column with the labels that it stores and the name of its type, where these are known."""

    name: str
    place: Place
    enum: EnumInfo | None
    type_name: str
    stored: tuple[str, ...] | None
    keys: tuple[str, ...]


@file_rule(
    "PB504",
    "enum-labels-differ-from-migration",
    Severity.ERROR,
    needles=("Enum", "ENUM", "enum", "table=True", "Mapped"),
    kinds=("app",),
)
def check(file: SourceFile) -> Iterator[Report | Good]:
    """Compare the enum columns of models, and of `Table` objects, with the types in the migrations."""
    for column in _columns(file):
        created = created_types(file.project).get(column.type_name)
        if created is None or not created.certain or column.stored is None:
            continue
        if {*column.stored} == {*created.labels}:
            yield file.good(column.place, keys=column.keys)
        elif not _is_a_matter_of_case(column.enum, column.stored, created):
            yield _report(column, column.stored, created, file)


def _columns(file: SourceFile) -> Iterator[Column]:
    for node in file.nodes(ast.ClassDef):
        yield from _of_model(node, file)
    for call in file.nodes(ast.Call) if "Table(" in file.text else ():
        yield from _of_table(call, file) if file.is_call_to(call, *TABLES) else ()


def _of_model(node: ast.ClassDef, file: SourceFile) -> Iterator[Column]:
    model = model_of(file.project, file.class_info(node))
    for one in enum_columns(file.project, model) if model is not None else ():
        owner = one.attribute.owner
        if owner == one.model.owner or model_of(file.project, owner) is None:
            keys = (*((one.enum.owner.key,) if one.enum else ()), one.model.owner.key)
            yield Column(one.attribute.name, one.place, one.enum, one.type_name, _stored(one), keys)


def _of_table(node: ast.Call, file: SourceFile) -> Iterator[Column]:
    for name, call, type_ in types_of_columns(node, file.scope(node)):
        keys = (type_.enum.owner.key,) if type_.enum is not None else ()
        yield Column(name, file.place(call), type_.enum, type_.called, type_.stored, keys)


def _stored(column: EnumColumn) -> tuple[str, ...] | None:
    if column.type is not None:
        return column.type.stored
    return column.enum.names if column.inferred and column.enum is not None else None


def _is_a_matter_of_case(enum: EnumInfo | None, stored: tuple[str, ...], created: Created) -> bool:
    """Names stored where the migrations have values: the column is wrong, not the migration."""
    values = enum.values if enum is not None and stored == enum.names else None
    return values is not None and values != stored and not {*values}.isdisjoint(created.labels)


def _report(column: Column, stored: tuple[str, ...], created: Created, file: SourceFile) -> Report:
    missing = [label for label in stored if label not in created.labels]
    extra = [label for label in created.labels if label not in stored]
    parts = [f"lacks {_quoted(missing)}"] if missing else []
    parts += [f"has {_quoted(extra)} besides"] if extra else []
    verb, fix = "add", [f"ALTER TYPE {created.name} ADD VALUE '{label}'" for label in missing]
    if not missing:
        verb, fix = "remove what is no longer used, or add members for", [_quoted(extra)]
    elif len(missing) == len(extra):
        renamed = zip(extra, missing, strict=True)
        verb, fix = "rename", [f"ALTER TYPE {created.name} RENAME VALUE '{old}' TO '{new}'" for old, new in renamed]
    return file.report(
        column.place,
        f'`{column.name}` stores {_quoted(list(stored))}, but the type "{created.name}" of the migrations '
        + " and ".join(parts),
        f"In a new revision, {verb}:\n" + "\n".join(fix),
        keys=column.keys,
        related=[Related(created.place, f'the labels of "{created.name}" were last written here')],
        severity=None if missing else Severity.WARNING,
    )


def _quoted(labels: list[str]) -> str:
    return ", ".join(f"'{label}'" for label in labels)
