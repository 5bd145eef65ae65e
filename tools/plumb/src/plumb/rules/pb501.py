"""An enum column stores the names of the members, not their values.

## What it does
Finds columns whose SQLAlchemy type stores `"TASKS"` for `TASKS = "tasks"`: a bare enum annotation on a SQLModel
table, `Mapped[Category]` without a type, and `Enum(Category)` without `values_callable`.

## Why is this bad
SQLAlchemy stores names by default. SQL written by hand, migrations, other services and the API all speak of values.
The first row that holds a value fails with `LookupError: 'tasks' is not among the defined enum values`.

## Example
```python
from enum import Enum

from sqlmodel import Field, SQLModel


class Category(str, Enum):
    TASKS = "tasks"
    NOTES = "notes"


class Achievement(SQLModel, table=True):
    id: int = Field(primary_key=True)
    category: Category = Field(index=True)
```

## Use instead
```python
from enum import Enum

from sqlalchemy import Enum as SQLAEnum
from sqlmodel import Field, SQLModel


class Category(str, Enum):
    TASKS = "tasks"
    NOTES = "notes"


class Achievement(SQLModel, table=True):
    id: int = Field(primary_key=True)
    category: Category = Field(
        index=True,
        sa_type=SQLAEnum(Category, name="category", values_callable=lambda enum: [member.value for member in enum]),
    )
```

## Known limits
Silent when all names equal their values, when the values are not strings, and when the type is one that cannot be
read (a TypeDecorator, `**options`, a base class that is not found). It is only a warning when the migrations
create the type with the names: the column works, but everyone who reads the table sees the names.
"""

import ast
from collections.abc import Iterator

from plumb.analysis.enum_columns import EnumColumn, enum_columns
from plumb.analysis.enum_names import snake
from plumb.analysis.enum_types import (
    ENUM_TYPES,
    NAMES,
    VALUES,
    EnumType,
    enum_type,
    helper_for_values,
    is_inside_decorator,
)
from plumb.analysis.migration_enums import labels_of
from plumb.findings import Edit, Good, Place, Related, Report, Severity
from plumb.index.enums import EnumInfo
from plumb.index.models import model_of
from plumb.index.modules import ClassInfo, FunctionInfo
from plumb.rule import node_rule
from plumb.source import SourceFile

SHOWN = 2
CALLABLE = "values_callable=lambda enum: [member.value for member in enum]"


@node_rule(
    "PB501",
    "enum-column-stores-names",
    Severity.ERROR,
    nodes=(ast.ClassDef, ast.Call),
    needles=("table=True", "table = True", "Mapped", "Enum", "ENUM", "enum_type"),
    kinds=("app",),
)
def check(node: ast.ClassDef | ast.Call, file: SourceFile) -> Iterator[Report | Good]:
    """Look at the columns of a model, and at every Enum type that is written."""
    if isinstance(node, ast.Call):
        yield from _written(node, file)
        return
    model = model_of(file.project, file.class_info(node))
    for column in enum_columns(file.project, model) if model is not None else ():
        enum = column.annotated
        inherited = (
            model_of(file.project, column.attribute.owner) is not None and column.attribute.owner != column.model.owner
        )
        if column.inferred and enum is not None and enum.differs and not inherited:
            yield _inferred(column, enum, file)
        elif column.type is not None and not inherited and _is_helped(column.type, file):
            yield _helped(column, column.type, file)
        elif (
            column.type is not None and column.type.stores == VALUES and column.enum is not None and column.enum.differs
        ):
            yield file.good(column.place, keys=(column.enum.owner.key,))


def _written(call: ast.Call, file: SourceFile) -> Iterator[Report]:
    if not file.is_call_to(call, *ENUM_TYPES) or is_inside_decorator(call, file):
        return
    found = enum_type(call, file.scope(call))
    if found is None or found.enum is None or not found.enum.differs or found.stores != NAMES:
        return
    enum = found.enum
    yield file.report(
        call,
        f"this type stores {_told(enum)}",
        _call_fix(found, enum, file),
        keys=(enum.owner.key,),
        edits=_add_callable(call, file),
        severity=_severity(enum, found.name or enum.name.lower(), file),
    )


def _inferred(column: EnumColumn, enum: EnumInfo, file: SourceFile) -> Report:
    return file.report(
        column.place,
        f"`{column.attribute.name}` stores {_told(enum)}",
        _column_fix(column, enum, file),
        keys=(enum.owner.key, column.model.owner.key),
        severity=_severity(enum, enum.name.lower(), file),
    )


def _is_helped(found: EnumType, file: SourceFile) -> bool:
    """Whether a function or class of the project makes the type, of the names of the class that it is given."""
    differs = found.enum is not None and found.enum.differs and found.stores == NAMES
    return differs and isinstance(file.resolve(found.call.func), FunctionInfo | ClassInfo)


def _helped(column: EnumColumn, found: EnumType, file: SourceFile) -> Report:
    enum, helper = found.enum, file.resolve(found.call.func)
    assert enum is not None
    assert isinstance(helper, FunctionInfo | ClassInfo)
    return file.report(
        column.place,
        f"`{helper.name}` makes a type that stores {_told(enum)}",
        f"in `{helper.name}`: Enum(..., {CALLABLE})",
        keys=(enum.owner.key, column.model.owner.key),
        related=[Related(Place(helper.path, helper.fact.line, 1, helper.fact.line, 1), "the type is made here")],
        severity=_severity(enum, found.name or enum.name.lower(), file),
    )


def _severity(enum: EnumInfo, type_name: str, file: SourceFile) -> Severity:
    """A warning where the migrations created the type with the names, so that both sides agree."""
    labels = set(labels_of(file.project, type_name) or ())
    agree = bool(labels & set(enum.names)) and not labels & (set(enum.values or ()) - set(enum.names))
    return Severity.WARNING if agree else Severity.ERROR


def _column_fix(column: EnumColumn, enum: EnumInfo, file: SourceFile) -> str:
    field = column.attribute.field
    annotation = field.annotation.text if field.annotation else ""
    type_ = _type_text(enum, file)
    if column.model.style == "sqlalchemy":
        arguments = [type_, *_arguments(column)]
        return f"{field.name}: {annotation} = mapped_column({', '.join(arguments)})"
    arguments = [*_arguments(column), f"sa_type={type_}"]
    return f"{field.name}: {annotation} = Field({', '.join(arguments)})"


def _arguments(column: EnumColumn) -> list[str]:
    value = column.attribute.field.value
    if value is None:
        return []
    node = value.node
    if not isinstance(node, ast.Call):
        return [f"default={value.text}"]
    return [ast.unparse(part) for part in node.args] + [ast.unparse(word) for word in node.keywords]


def _type_text(enum: EnumInfo, file: SourceFile) -> str:
    helper = helper_for_values(file.project)
    if helper is not None:
        return f"{helper.name}({enum.name})"
    return f'Enum({enum.name}, name="{snake(enum.name)}", {CALLABLE})'


def _call_fix(found: EnumType, enum: EnumInfo, file: SourceFile) -> str:
    helper = helper_for_values(file.project)
    if helper is not None:
        return f"{helper.name}({enum.name})"
    written = [ast.unparse(part) for part in found.call.args] + [
        ast.unparse(word) for word in found.call.keywords if word.arg != "values_callable"
    ]
    return f"{ast.unparse(found.call.func)}({', '.join([*written, CALLABLE])})"


def _add_callable(call: ast.Call, file: SourceFile) -> list[Edit]:
    """Write the argument behind the last one; types that name another callable are left to their author."""
    if any(word.arg == "values_callable" for word in call.keywords):
        return []
    last = max(
        [*call.args, *(word.value for word in call.keywords)], key=lambda node: (node.end_lineno, node.end_col_offset)
    )
    place = file.place(last)
    return [file.insert(place.end_line, place.end_column, f", {CALLABLE}")]


def _told(enum: EnumInfo) -> str:
    return f"the names of `{enum.name}` ({_sample(enum.names)}), not its values ({_sample(enum.values or ())})"


def _sample(labels: tuple[str, ...]) -> str:
    shown = ", ".join(f'"{label}"' for label in labels[:SHOWN])
    return shown + (", ..." if len(labels) > SHOWN else "")
