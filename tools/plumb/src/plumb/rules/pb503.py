"""An enum type has no explicit name, or another one than the migrations gave it.

## What it does
Finds `Enum(Category, ...)` without `name=`, and enum types that are called otherwise in the migrations: the column has
another type there, or none has this name and one with the same labels exists. The first is a warning, the second an
error.

## Why is this bad
Without a name SQLAlchemy makes one up from the class (`achievementcategory`). A migration written by hand says
`achievement_category`, and PostgreSQL answers `type "achievementcategory" does not exist`, in production first: SQLite
has no types. Renaming the class silently renames the type.

## Example
```python
from enum import StrEnum

from sqlalchemy import Enum


class Category(StrEnum):
    TASKS = "tasks"


CATEGORY = Enum(Category, values_callable=lambda enum: [member.value for member in enum])
```

## Use instead
```python
from enum import StrEnum

from sqlalchemy import Enum


class Category(StrEnum):
    TASKS = "tasks"


CATEGORY = Enum(Category, name="category", values_callable=lambda enum: [member.value for member in enum])
```

## Known limits
Silent for `native_enum=False`, for names that are computed in another way than from the name of the class, and for
columns without any type, which are PB501's.
"""

import ast
from collections.abc import Iterator

from plumb.analysis.column_types import enums_after_migrations
from plumb.analysis.enum_columns import type_given
from plumb.analysis.enum_names import snake
from plumb.analysis.enum_types import ENUM_TYPES, EnumType, stands_as_type
from plumb.analysis.migration_enums import Created, created_types
from plumb.analysis.table_objects import TABLES
from plumb.findings import Edit, Good, Related, Report, Severity
from plumb.index.extract import last_name
from plumb.index.models import model_of
from plumb.index.table_names import column_name
from plumb.rule import node_rule
from plumb.source import SourceFile


@node_rule(
    "PB503",
    "unnamed-enum-type",
    Severity.WARNING,
    nodes=(ast.Call,),
    needles=("Enum", "ENUM", "enum_", "_enum"),
    kinds=("app",),
)
def check(node: ast.Call, file: SourceFile) -> Iterator[Report | Good]:
    """Compare the name of each Enum type with those the migrations create."""
    if not file.is_call_to(node, *ENUM_TYPES) and "enum" not in last_name(node).lower():
        given = node.args[0] if node.args else None
        if not isinstance(given, ast.Name | ast.Attribute) or not stands_as_type(node, file):
            return
    found = type_given(node, file.scope(node))
    if found is None or not found.native or (found.enum is None and found.labels is None):
        return
    types = created_types(file.project)
    used = found.name if found.named else _implicit(found)
    twin = _of_column(node, file, types) or (_twin(found, types) if used not in types else None) if used else None
    twin = twin if twin is not None and twin.name != used else None
    if twin is not None and (found.name or not found.named):
        yield _report(node, found, twin.name, file, twin)
    elif not found.named:
        yield _report(node, found, used if used in types else _proposed(found), file, None)
    else:
        yield file.good(node, keys=(found.enum.owner.key,) if found.enum else ())


def _report(node: ast.Call, found: EnumType, name: str, file: SourceFile, twin: Created | None) -> Report:
    used = found.name or _implicit(found)
    if twin is not None:
        message = f'the type is called "{used}" here and "{twin.name}" in the migrations'
    else:
        message = "this enum type has no explicit name" + (f'; SQLAlchemy makes up "{used}"' if used else "")
    return file.report(
        node,
        message,
        f'{ast.unparse(node.func)}(..., name="{name}")',
        keys=(found.enum.owner.key,) if found.enum else (),
        edits=_add_name(node, name, file) if not found.named and found.helper is None else (),
        safe=twin is None and used == name,
        related=[Related(twin.place, f'"{twin.name}" is created here')] if twin is not None else (),
        severity=Severity.ERROR if twin is not None else None,
    )


def _implicit(found: EnumType) -> str:
    return found.enum.name.lower() if found.enum is not None else ""


def _proposed(found: EnumType) -> str:
    return snake(found.enum.name) if found.enum is not None else "..."


def _of_column(node: ast.Call, file: SourceFile, types: dict[str, Created]) -> Created | None:
    """The type that the migrations leave the column with whose declaration contains *node*."""
    known = enums_after_migrations(file.project) if types else {}
    return types.get(known.get(_column_around(node, file), "")) if known else None


def _column_around(node: ast.Call, file: SourceFile) -> tuple[str, str]:
    """The names of the table and the column, of a class or a `Table`, whose declaration contains *node*."""
    inner: ast.AST = node
    for above in file.ancestors(node):
        if isinstance(above, ast.Call) and file.is_call_to(above, *TABLES) and isinstance(inner, ast.Call):
            names = [file.scope(above).literal(one.args[0]) if one.args else None for one in (above, inner)]
            return str(names[0]), str(names[1])
        if isinstance(above, ast.ClassDef):
            model = model_of(file.project, file.class_info(above))
            target = inner.targets[0] if isinstance(inner, ast.Assign) else getattr(inner, "target", None)
            attribute = model.attributes.get(getattr(target, "id", "")) if model is not None else None
            if model is None or attribute is None:
                return "", ""
            return model.table, column_name(attribute.field)
        inner = above
    return "", ""


def _twin(found: EnumType, types: dict[str, Created]) -> Created | None:
    """The only type of the migrations that has exactly the labels of this one, or the values of its members."""
    own = [{*labels} for labels in (found.stored, found.enum.values if found.enum is not None else None) if labels]
    same = [created for created in types.values() if created.certain and {*created.labels} in own]
    return same[0] if len(same) == 1 else None


def _add_name(node: ast.Call, name: str, file: SourceFile) -> list[Edit]:
    if name == "...":
        return []
    first = file.place(node.args[0]) if node.args else None
    return [] if first is None else [file.insert(first.end_line, first.end_column, f', name="{name}"')]
