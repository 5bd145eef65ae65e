"""A child is linked by its key beside a parent whose loaded collection is read without it.

## What it does
Finds children that are given nothing but the parent's key, while the parent's collection is loaded already and is read
afterwards: the child is not in it. The report stands where the child is linked, and names the read.

## Why is this bad
A foreign key that is set by hand tells SQLAlchemy nothing: the collection in memory stays as it was, through flushes
and later queries, and the response lacks the child that has just been stored.

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
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from models import Task, User


async def add_task(session: AsyncSession, user_id: int, title: str) -> list[Task]:
    statement = select(User).where(User.id == user_id).options(selectinload(User.tasks))
    user = (await session.scalars(statement)).one()
    session.add(Task(title=title, user_id=user.id))
    await session.flush()
    return user.tasks
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
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from models import Task, User


async def add_task(session: AsyncSession, user_id: int, title: str) -> list[Task]:
    statement = select(User).where(User.id == user_id).options(selectinload(User.tasks))
    user = (await session.scalars(statement)).one()
    session.add(Task(title=title, user=user))
    await session.flush()
    return user.tasks
```

## Known limits
An error where the collection is returned, or read by a schema; a warning where the function merely reads it: it may
want the children of before. Silent where several relationships or keys lead from one model to the other.
"""

from collections.abc import Iterator

from plumb.analysis.orm_rules import ASYNC_WORDS, reports
from plumb.findings import Report, Severity
from plumb.rule import file_rule
from plumb.source import SourceFile


@file_rule("PB209", "child-linked-by-key", Severity.ERROR, needles=ASYNC_WORDS, kinds=("app",))
def check(file: SourceFile) -> Iterator[Report]:
    """Report the collections that the functions of this file read too late or too early."""
    yield from reports("PB209", file)
