"""An object outlives its session.

## What it does
Finds mapped objects that are kept on the request, in a variable, container or cache of the module or in the state of
the application, and those that are given to a background task or to a task of its own.

## Why is this bad
When the session is closed the object can load nothing any more: a relationship, or a column that a commit has expired,
raises `DetachedInstanceError`. While it is open, the object still belongs to it, and two tasks share one connection.

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
    email: Mapped[str]
    tasks: Mapped[list["Task"]] = relationship(back_populates="user", lazy="raise")


class Task(Base):
    __tablename__ = "tasks"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship(back_populates="tasks", lazy="raise")

# file: service.py
from fastapi import BackgroundTasks
from sqlalchemy.ext.asyncio import AsyncSession

from models import User


async def send_welcome(user: User) -> None: ...


async def register(session: AsyncSession, background_tasks: BackgroundTasks, user_id: int) -> None:
    user = await session.get_one(User, user_id)
    background_tasks.add_task(send_welcome, user)
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
    email: Mapped[str]
    tasks: Mapped[list["Task"]] = relationship(back_populates="user", lazy="raise")


class Task(Base):
    __tablename__ = "tasks"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship(back_populates="tasks", lazy="raise")

# file: service.py
from fastapi import BackgroundTasks
from sqlalchemy.ext.asyncio import AsyncSession

from models import User


async def send_welcome(email: str) -> None: ...


async def register(session: AsyncSession, background_tasks: BackgroundTasks, user_id: int) -> None:
    user = await session.get_one(User, user_id)
    background_tasks.add_task(send_welcome, user.email)
```

## Known limits
An error where the function itself makes and closes the session, and where the module or the application keeps the
object. A warning where the session is given to the function: it may live as long as the request. Silent for objects
that were expunged, tasks that the function awaits, and functions that merge what they get into their own session.
"""

from collections.abc import Iterator

from plumb.analysis.orm_rules import ASYNC_WORDS, reports
from plumb.findings import Report, Severity
from plumb.rule import file_rule
from plumb.source import SourceFile


@file_rule("PB208", "object-outlives-session", Severity.ERROR, needles=ASYNC_WORDS, kinds=("app",))
def check(file: SourceFile) -> Iterator[Report]:
    """Report what the functions of this file keep or hand on."""
    yield from reports("PB208", file)
