"""A relationship is read that was not loaded.

## What it does
Follows mapped objects from the query through the functions of the project, and finds the attribute, or the Pydantic
schema, that reads a relationship which no path has loaded.

## Why is this bad
An `AsyncSession` cannot load on access: the read fails with `MissingGreenlet` (`greenlet_spawn has not been called;
can't call await_() here`), while a response is built with a validation error, and only for the rows and the path that
reach it.

## Example
```python
# file: models.py
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    tasks: Mapped[list["Task"]] = relationship(back_populates="user")


class Task(Base):
    __tablename__ = "tasks"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship(back_populates="tasks")

# file: service.py
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models import User


async def titles(session: AsyncSession, user_id: int) -> int:
    user = (await session.execute(select(User).where(User.id == user_id))).scalar_one()
    return len(user.tasks)
```

## Use instead
```python
# file: models.py
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    tasks: Mapped[list["Task"]] = relationship(back_populates="user")


class Task(Base):
    __tablename__ = "tasks"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship(back_populates="tasks")

# file: service.py
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from models import User


async def titles(session: AsyncSession, user_id: int) -> int:
    statement = select(User).where(User.id == user_id).options(selectinload(User.tasks))
    user = (await session.execute(statement)).scalar_one()
    return len(user.tasks)
```

## Known limits
Calls are followed six deep. Silent wherever something is not understood: loader options that are computed, rows of
plain columns, `run_sync`, `awaitable_attrs`, synchronous sessions, objects of which it is not known how they came.
A parent that the session holds already is not missed.
"""

from collections.abc import Iterator

from plumb.analysis.orm_rules import ASYNC_WORDS, reports
from plumb.findings import Report, Severity
from plumb.rule import file_rule
from plumb.source import SourceFile


@file_rule("PB201", "unloaded-relationship", Severity.ERROR, needles=ASYNC_WORDS, kinds=("app",))
def check(file: SourceFile) -> Iterator[Report]:
    """Report what the functions of this file read without having loaded it."""
    yield from reports("PB201", file)
