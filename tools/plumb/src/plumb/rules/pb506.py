"""Two columns share an enum type by name but not its labels.

## What it does
Compares all enum types of the models that carry the same name, given or made up from the class, and reports those whose
labels differ from the first.

## Why is this bad
The database has one type of that name. Whichever table is created first decides its labels, and the other column
fails on the labels that are missing.

## Example
```python
from sqlalchemy import Column, Enum, Integer
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Task(Base):
    __tablename__ = "tasks"
    id = Column(Integer, primary_key=True)
    status = Column(Enum("open", "done", name="status"))


class Order(Base):
    __tablename__ = "orders"
    id = Column(Integer, primary_key=True)
    status = Column(Enum("paid", "sent", name="status"))
```

## Use instead
```python
from sqlalchemy import Column, Enum, Integer
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Task(Base):
    __tablename__ = "tasks"
    id = Column(Integer, primary_key=True)
    status = Column(Enum("open", "done", name="task_status"))


class Order(Base):
    __tablename__ = "orders"
    id = Column(Integer, primary_key=True)
    status = Column(Enum("paid", "sent", name="order_status"))
```

## Known limits
Types in different schemas, types that are no native ones, and labels that cannot be read are left out.
"""

from collections.abc import Iterator
from typing import NamedTuple

from plumb.analysis.enum_columns import EnumColumn, enum_columns
from plumb.analysis.enum_names import snake
from plumb.analysis.enum_types import EnumType
from plumb.analysis.stored_enums import enums_of_tables
from plumb.findings import Place, Related, Report, Severity
from plumb.index.models import all_models
from plumb.index.scope import keyword
from plumb.project import Project
from plumb.rule import project_rule


class Column(NamedTuple):
    """A column, by the names of its owner and its own, with the name of its type and the labels that it has."""

    owner: str
    name: str
    place: Place
    type_name: str
    labels: frozenset[str]
    keys: tuple[str, ...] = ()


@project_rule("PB506", "enum-type-shared-by-two", Severity.ERROR)
def check(project: Project) -> Iterator[Report]:
    """Compare each type with the first of its name."""
    first: dict[str, Column] = {}
    seen: set[tuple[Place, frozenset[str]]] = set()
    for column in _columns(project):
        if not column.type_name or not column.labels or (column.place, column.labels) in seen:
            continue
        seen.add((column.place, column.labels))
        known = first.setdefault(column.type_name, column)
        if column.labels != known.labels:
            yield _report(column, known)


def _columns(project: Project) -> Iterator[Column]:
    for model in all_models(project):
        for one in enum_columns(project, model):
            yield Column(model.name, one.attribute.name, one.place, *_type(one), (model.owner.key,))
    for owner, name, place, type_ in enums_of_tables(project):
        yield Column(owner, name, place, *_of(type_))


def _type(column: EnumColumn) -> tuple[str, frozenset[str]]:
    if column.type is not None:
        return _of(column.type)
    if column.inferred and column.annotated is not None:
        return column.annotated.name.lower(), frozenset(column.annotated.names)
    return "", frozenset()


def _of(type_: EnumType) -> tuple[str, frozenset[str]]:
    if not type_.native or keyword(type_.call, "schema") is not None:
        return "", frozenset()
    return type_.called, frozenset(type_.stored or ())


def _report(column: Column, known: Column) -> Report:
    labels = ", ".join(f"'{label}'" for label in sorted(column.labels ^ known.labels))
    return Report(
        column.place,
        f"`{column.owner}.{column.name}` and `{known.owner}.{known.name}` share the type "
        f'"{column.type_name}" but not {labels}',
        f'Give it a name of its own, name="{snake(column.owner)}_{column.name}", or the same enum class as '
        f"`{known.owner}`.",
        keys=column.keys,
        related=(Related(known.place, f'the type "{column.type_name}" is declared here'),),
    )
