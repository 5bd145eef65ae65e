"""An attribute is read after a commit has expired it.

## What it does
Finds reads of objects after `commit()` of a session that is made with `expire_on_commit=True`, the default, and after
`expire()` or `expire_all()`.

## Why is this bad
The commit expires everything that the session holds. The next read needs a statement, which an `AsyncSession` cannot
send on access: the work is stored, and the response is an error all the same, `MissingGreenlet` (`greenlet_spawn has
not been called; can't call await_() here`).

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

# file: db.py
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

Sessions = async_sessionmaker(create_async_engine("sqlite+aiosqlite://"))

# file: service.py
from sqlalchemy.ext.asyncio import AsyncSession

from models import User


async def create(session: AsyncSession, name: str) -> int:
    user = User(name=name)
    session.add(user)
    await session.commit()
    return user.id
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

# file: db.py
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

Sessions = async_sessionmaker(create_async_engine("sqlite+aiosqlite://"), expire_on_commit=False)

# file: service.py
from sqlalchemy.ext.asyncio import AsyncSession

from models import User


async def create(session: AsyncSession, name: str) -> int:
    user = User(name=name)
    session.add(user)
    await session.commit()
    return user.id
```

## Known limits
A session is judged by the factory that its dependency uses, or that the function itself calls; else by the factories
that are nearest in the tree of folders. Silent where those disagree, or none can be read. A commit on one of several
paths counts for the next turn of a loop alone, unless a variable that the loop sets may tell of it.
"""

from collections.abc import Iterator

from plumb.analysis.orm_rules import ASYNC_WORDS, reports
from plumb.findings import Report, Severity
from plumb.rule import file_rule
from plumb.source import SourceFile


@file_rule("PB203", "read-after-commit", Severity.ERROR, needles=ASYNC_WORDS, kinds=("app",))
def check(file: SourceFile) -> Iterator[Report]:
    """Report what the functions of this file read after a commit."""
    yield from reports("PB203", file)
