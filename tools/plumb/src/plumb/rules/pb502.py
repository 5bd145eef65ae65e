"""An enum column is declared by string labels instead of its enum class.

## What it does
Finds `Enum("daily", "monthly")` and `Enum(*[member.value for member in Plan])` in columns, where an enum class with
these values exists or the annotation promises one.

## Why is this bad
The right values are stored, but a plain `str` comes back: `user.plan.value` fails with `'str' object has no attribute
'value'`, `user.plan is Plan.DAILY` is false, and a new member of the class is not a new label of the column.

## Example
```python
from enum import StrEnum

from sqlalchemy import Enum
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase): ...


class Plan(StrEnum):
    DAILY = "daily"
    MONTHLY = "monthly"


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    plan: Mapped[Plan] = mapped_column(Enum("daily", "monthly", name="plan"))
```

## Use instead
```python
from enum import StrEnum

from sqlalchemy import Enum
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase): ...


class Plan(StrEnum):
    DAILY = "daily"
    MONTHLY = "monthly"


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    plan: Mapped[Plan] = mapped_column(
        Enum(Plan, name="plan", values_callable=lambda enum: [member.value for member in enum])
    )
```

## Known limits
Silent in migrations, which have to spell out labels, in a TypeDecorator, for `Literal` annotations, and for labels
that cannot be read or belong to no enum class.
"""

import ast
from collections.abc import Iterator

from plumb.analysis.enum_names import snake
from plumb.analysis.enum_types import (
    ENUM_TYPES,
    enum_type,
    enum_with_values,
    helper_for_values,
    is_inside_decorator,
    source_enum,
    stands_as_type,
)
from plumb.findings import Report, Severity
from plumb.index.annotations import Meaning, meaning
from plumb.index.enums import EnumInfo, enum_of
from plumb.rule import node_rule
from plumb.source import SourceFile


@node_rule(
    "PB502",
    "enum-column-of-labels",
    Severity.ERROR,
    nodes=(ast.Call,),
    needles=("Enum", "ENUM", "enum_", "_enum"),
    kinds=("app",),
)
def check(node: ast.Call, file: SourceFile) -> Iterator[Report]:
    """Look at each Enum type that is made of strings."""
    given = node.args[0] if node.args else None
    if file.is_call_to(node, *ENUM_TYPES):
        if is_inside_decorator(node, file) or file.module.binding("", "down_revision"):
            return
    elif not isinstance(given, ast.Name | ast.Attribute) or not _is_of_class(node, given, file):
        return
    scope = file.scope(node)
    found = enum_type(node, scope)
    spread = next((source_enum(part.value, scope) for part in node.args if isinstance(part, ast.Starred)), None)
    if found is None or found.enum is not None or (found.labels is None and spread is None):
        return
    said = _annotation(node, file)
    if said is not None and said.name == "Literal":
        return
    promised = enum_of(file.project, said.symbol) if said is not None else None
    enum = promised or spread or enum_with_values(file.project, found.labels or ())
    if enum is not None:
        yield _report(node, enum, file)


def _is_of_class(node: ast.Call, given: ast.expr, file: SourceFile) -> bool:
    """Whether a call makes the type of a column and is given an enum class."""
    return stands_as_type(node, file) and enum_of(file.project, file.resolve(given)) is not None


def _report(node: ast.Call, enum: EnumInfo, file: SourceFile) -> Report:
    helper = helper_for_values(file.project)
    if helper is not None:
        fix = f"{helper.name}({enum.name})"
    else:
        fix = (
            f'{file.text_of(node.func)}({enum.name}, name="{snake(enum.name)}", '
            "values_callable=lambda enum: [member.value for member in enum])"
        )
    return file.report(
        node,
        f"a column of string labels gives plain strings back, not members of {enum.name}",
        fix,
        keys=(enum.owner.key,),
    )


def _annotation(node: ast.Call, file: SourceFile) -> Meaning | None:
    """What the attribute is annotated with whose column has this type."""
    for above in file.ancestors(node):
        if isinstance(above, ast.AnnAssign):
            return meaning(above.annotation, file.scope(above))
        if isinstance(above, ast.stmt):
            return None
    return None
