"""An attribute is read after a rollback has expired it.

## What it does
Finds reads of columns and relationships of objects whose session was rolled back since they were loaded, also on the
path through an `except` block that goes on, and where nobody has called `rollback()`: a flush or a commit that fails
has rolled back by then, and so has the block of `session.begin()`, or a helper before it raised.

## Why is this bad
`rollback()` expires everything that the session holds, the primary key too and whatever `expire_on_commit` says. The
read needs a statement, which an `AsyncSession` cannot send on access: the handler of one error raises another,
`MissingGreenlet` (`greenlet_spawn has not been called; can't call await_() here`).

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
import logging

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from models import User


async def rename(session: AsyncSession, user_id: int, name: str) -> None:
    user = await session.get_one(User, user_id)
    user.name = name
    try:
        await session.commit()
    except IntegrityError:
        await session.rollback()
        logging.warning("user %s keeps the name", user.id)
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
import logging

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from models import User


async def rename(session: AsyncSession, user_id: int, name: str) -> None:
    user = await session.get_one(User, user_id)
    user.name = name
    try:
        await session.commit()
    except IntegrityError:
        await session.rollback()
        logging.warning("user %s keeps the name", user_id)
```

## Known limits
An object that the rolled back transaction itself has added keeps its attributes, and so does everything that a
savepoint spares. Silent after a branch of which only one side rolls back, where a later test may tell which, and in a
handler for what something else in its `try` may raise as well. Tests are looked at where they name a rollback or an
`IntegrityError`.
"""

from collections.abc import Iterator

from plumb.analysis.orm_rules import ASYNC_WORDS, reports
from plumb.findings import Report, Severity
from plumb.rule import file_rule
from plumb.source import SourceFile

TESTED = ("rollback", "IntegrityError")


@file_rule("PB202", "read-after-rollback", Severity.ERROR, needles=ASYNC_WORDS, kinds=("app", "test"))
def check(file: SourceFile) -> Iterator[Report]:
    """Report what the functions of this file read after a rollback; of tests, only of those that name one."""
    if file.kind == "test" and not any(word in file.text for word in TESTED):
        return
    yield from reports("PB202", file)
