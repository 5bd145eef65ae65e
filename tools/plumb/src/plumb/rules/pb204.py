"""A relationship may load lazily, although the code base is asynchronous.

## What it does
Finds relationships whose loading mode is `"select"` (the default) or `"dynamic"` in a code base that uses
`AsyncSession`; also those of a mixin's `declared_attr`, and those that a `backref` makes at the other end.

## Why is this bad
Whoever reads the attribute without having loaded it gets `MissingGreenlet`, in production and only on the path that
forgot. With `lazy="raise"` the same mistake fails in the first test that touches it, and names the relationship.

## Example
```python
from sqlalchemy import ForeignKey
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

engine = create_async_engine("sqlite+aiosqlite://")
Session = async_sessionmaker(engine)


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    tasks: Mapped[list["Task"]] = relationship(back_populates="user")


class Task(Base):
    __tablename__ = "tasks"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship(back_populates="tasks")
```

## Use instead
```python
from sqlalchemy import ForeignKey
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

engine = create_async_engine("sqlite+aiosqlite://")
Session = async_sessionmaker(engine)


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    tasks: Mapped[list["Task"]] = relationship(back_populates="user", lazy="raise")


class Task(Base):
    __tablename__ = "tasks"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship(back_populates="tasks", lazy="raise")
```

## Known limits
A warning, because a plan at every query makes the default safe, too. Silent in code bases with more synchronous than
asynchronous files, where `awaitable_attrs` of a model with `AsyncAttrs` is asked for the relationship, and where a base
class sets the mode of its subclasses.
"""

from collections.abc import Iterator

from plumb.analysis.async_code import is_async_code_base, is_awaited
from plumb.analysis.declarations import argument_place, declared, place_of, sets_lazy_for_all, with_lazy
from plumb.findings import Good, Report, Severity
from plumb.index.backrefs import backref_from
from plumb.index.models import Attribute, Model
from plumb.rule import file_rule
from plumb.source import SourceFile

ASYNC_ATTRS = ("sqlalchemy.ext.asyncio.AsyncAttrs", "sqlalchemy.ext.asyncio.session.AsyncAttrs")
UNUSABLE = "dynamic"


@file_rule(
    "PB204",
    "relationship-may-lazy-load",
    Severity.WARNING,
    needles=("relationship", "Relationship", "__tablename__", "table=True"),
    kinds=("app",),
)
def check(file: SourceFile) -> Iterator[Report | Good]:
    """Look at every relationship that this file declares, and at what its `backref` declares at the other end."""
    for model, attribute in declared(file):
        found = attribute.relationship
        if found is None or not is_async_code_base(file.project):
            continue
        reverse = backref_from(file.project, model, attribute)
        if (found.may_lazy_load or found.lazy == UNUSABLE) and not _is_meant(model, attribute, file):
            yield _report(model, attribute, file, dynamic=found.lazy == UNUSABLE)
        elif reverse is not None and _may_load(reverse, file):
            yield _of_backref(reverse, attribute, file)
        elif found.lazy in {"raise", "raise_on_sql"}:
            yield file.good(place_of(attribute), keys=(model.owner.key,))


def _may_load(reverse: tuple[Model, Attribute], file: SourceFile) -> bool:
    found = reverse[1].relationship
    return found is not None and found.may_lazy_load and not _is_meant(*reverse, file)


def _is_meant(model: Model, attribute: Attribute, file: SourceFile) -> bool:
    awaited = file.project.hierarchy.inherits(model.owner, *ASYNC_ATTRS) and is_awaited(file.project, attribute.name)
    return awaited or sets_lazy_for_all(model, file)


def _of_backref(reverse: tuple[Model, Attribute], attribute: Attribute, file: SourceFile) -> Report:
    model, found = reverse
    return file.report(
        argument_place(attribute, "backref", file),
        f"`{model.name}.{found.name}`, which the backref declares, loads lazily when it is read, "
        "which an AsyncSession cannot do",
        f'backref=backref("{found.name}", lazy="raise")',
        keys=(model.owner.key,),
    )


def _report(model: Model, attribute: Attribute, file: SourceFile, *, dynamic: bool) -> Report:
    lazy = "write_only" if dynamic else "raise"
    fix = with_lazy(attribute, lazy, file)
    what = "queries synchronously whenever it is used" if dynamic else "loads lazily when it is read"
    return file.report(
        argument_place(attribute, "lazy", file),
        f"`{model.name}.{attribute.name}` {what}, which an AsyncSession cannot do",
        fix or f'Let the helper that declares `{attribute.name}` pass `lazy="{lazy}"`.',
        keys=(model.owner.key,),
    )
