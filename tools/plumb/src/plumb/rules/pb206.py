"""A column that the database computes is read after a flush.

## What it does
Finds reads of a column with a server-side `onupdate` after the object was changed and flushed or committed.

## Why is this bad
The UPDATE leaves the new value in the database, and SQLAlchemy expires the column. The read needs a statement, which an
`AsyncSession` cannot send on access: the change is stored, and the response is an error all the same, `MissingGreenlet`
(`greenlet_spawn has not been called; can't call await_() here`).

## Example
```python
# file: models.py
from sqlalchemy import DateTime, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Task(Base):
    __tablename__ = "tasks"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    updated_at: Mapped[str] = mapped_column(DateTime(timezone=True), onupdate=func.now())


# file: service.py
from sqlalchemy.ext.asyncio import AsyncSession

from models import Task


async def rename(session: AsyncSession, task: Task, title: str) -> str:
    task.title = title
    await session.flush()
    return task.updated_at
```

## Use instead
```python
# file: models.py
from sqlalchemy import DateTime, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Task(Base):
    __tablename__ = "tasks"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    updated_at: Mapped[str] = mapped_column(DateTime(timezone=True), onupdate=func.now())


# file: service.py
from sqlalchemy.ext.asyncio import AsyncSession

from models import Task


async def rename(session: AsyncSession, task: Task, title: str) -> str:
    task.title = title
    await session.flush()
    await session.refresh(task)
    return task.updated_at
```

## Known limits
Only `onupdate` with an SQL expression and `server_onupdate`: a Python function is called before the UPDATE. Silent with
`eager_defaults`, which lets the UPDATE return what it computes, for changes through `setattr` with computed names, and
behind a test of what the branch that made the change has tested or set. A change that one branch makes is one.
"""

from collections.abc import Iterator

from plumb.analysis.orm_rules import ASYNC_WORDS, reports
from plumb.findings import Report, Severity
from plumb.rule import file_rule
from plumb.source import SourceFile


@file_rule("PB206", "stale-server-value", Severity.ERROR, needles=ASYNC_WORDS, kinds=("app",))
def check(file: SourceFile) -> Iterator[Report]:
    """Report what the functions of this file read of what an UPDATE has computed."""
    yield from reports("PB206", file)
