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

from plumb.analysis.enum_columns import EnumColumn, enum_columns
from plumb.analysis.enum_names import snake
from plumb.findings import Place, Related, Report, Severity
from plumb.index.models import all_models
from plumb.index.scope import keyword
from plumb.project import Project
from plumb.rule import project_rule


@project_rule("PB506", "enum-type-shared-by-two", Severity.ERROR)
def check(project: Project) -> Iterator[Report]:
    """Compare each type with the first of its name."""
    first: dict[str, tuple[EnumColumn, frozenset[str]]] = {}
    seen: set[tuple[Place, frozenset[str]]] = set()
    for model in all_models(project):
        for column in enum_columns(project, model):
            name, labels = _type(column)
            if not name or not labels or (column.place, labels) in seen:
                continue
            seen.add((column.place, labels))
            known, expected = first.setdefault(name, (column, labels))
            if labels != expected:
                yield _report(column, known, name, labels ^ expected)


def _type(column: EnumColumn) -> tuple[str, frozenset[str]]:
    if column.type is not None:
        type_ = column.type
        if not type_.native or keyword(type_.call, "schema") is not None or (type_.named and not type_.name):
            return "", frozenset()
        name = type_.name or (type_.enum.name.lower() if type_.enum else "")
        return name, frozenset(type_.stored or ())
    if column.inferred and column.annotated is not None:
        return column.annotated.name.lower(), frozenset(column.annotated.names)
    return "", frozenset()


def _report(column: EnumColumn, known: EnumColumn, name: str, difference: frozenset[str]) -> Report:
    labels = ", ".join(f"'{label}'" for label in sorted(difference))
    own = f"{snake(column.model.name)}_{column.attribute.name}"
    return Report(
        column.place,
        f"`{column.model.name}.{column.attribute.name}` and `{known.model.name}.{known.attribute.name}` share the type "
        f'"{name}" but not {labels}',
        f'Give it a name of its own, name="{own}", or the same enum class as `{known.model.name}`.',
        keys=(column.model.owner.key,),
        related=(Related(known.place, f'the type "{name}" is declared here'),),
    )
