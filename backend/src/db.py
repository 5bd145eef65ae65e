"""Database access: a transaction or a reader, eager-loading plans, one row or an error, one page."""

import hashlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import BigInteger, ColumnElement, event, func, inspect, literal
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import async_sessionmaker
from sqlalchemy.orm import ORMExecuteState, defer, joinedload, selectinload
from sqlalchemy.orm.attributes import flag_modified, set_attribute, set_committed_value
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.orm.interfaces import ORMOption
from sqlmodel import Session, SQLModel, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from src.clock import utc_now
from src.engine import create_engine, outages
from src.errors import AppError, Conflict

LAST_VERSION = 2**63 - 1

Row = TypeVar("Row", bound=SQLModel)
Item_co = TypeVar("Item_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Page(Generic[Item_co]):
    """A slice of a listing and the number of rows in the whole of it."""

    items: Sequence[Item_co]
    total: int
    offset: int
    limit: int

    @property
    def has_more(self) -> bool:
        return self.offset + len(self.items) < self.total


class Database:
    """The engine, and the two ways to use it: `transaction()` for work, `reader()` for answers."""

    def __init__(self, url: str, **pool: Any) -> None:
        """Open nothing yet. *pool* is what SQLAlchemy takes: `pool_size`, `max_overflow`, `pool_timeout`."""
        self.engine = create_engine(make_url(url), **pool)
        self._writers = async_sessionmaker(self.engine, class_=AsyncSession, expire_on_commit=False)
        reading = self.engine.execution_options(**_READING[self.engine.dialect.name])
        self._readers = async_sessionmaker(
            reading, class_=AsyncSession, sync_session_class=_ReadOnlySession, expire_on_commit=False, autoflush=False
        )

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncSession]:
        """One session, one transaction: committed at the end, rolled back on an error (but see `keeps_changes`).

        Raises ServiceUnavailable when the database cannot be reached. No connection is taken before the first
        statement. Keep calls to other services outside: a transaction must not wait for a network.
        """
        with outages():
            async with self._writers() as session:
                try:
                    yield session
                except AppError as error:
                    if error.keeps_changes:
                        await session.commit()
                    raise
                await session.commit()

    @asynccontextmanager
    async def reader(self) -> AsyncGenerator[AsyncSession]:
        """A session without a transaction (two round trips less); a write through it raises at once.

        Raises ServiceUnavailable when the database cannot be reached.
        """
        with outages():
            async with self._readers() as session:
                yield session

    async def dispose(self) -> None:
        await self.engine.dispose()


def loads(*paths: Any) -> tuple[ORMOption, ...]:
    """An eager-loading plan, one statement per hop: `loads(Author.letters, (Author.books, Book.reviews))`."""
    return tuple(_option(*path) if isinstance(path, tuple) else _option(path) for path in paths)


def joins(path: Any) -> tuple[ORMOption, ...]:
    """An eager-loading plan within the statement itself: for `fetch_one` and a single collection."""
    return (joinedload(path),)


def leaves(*columns: Any) -> tuple[ORMOption, ...]:
    """A plan that does not read *columns*; touching one later raises."""
    return tuple(defer(column, raiseload=True) for column in columns)


def locked(statement: SelectOfScalar[Row], *of: type[SQLModel]) -> SelectOfScalar[Row]:
    """*statement* with its rows locked until the transaction ends. SQLite has no row locks: there writers queue.

    FOR NO KEY UPDATE: a full FOR UPDATE would hold up every row that is added with a reference to the locked one, and
    whoever has locked something else before adds it would wait in a circle.
    """
    return statement.with_for_update(of=of or None, key_share=True)


async def try_lock(session: AsyncSession, name: str) -> bool:
    """Whether this transaction alone holds the lock *name* until it ends. On SQLite always: there writers queue."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    return (await session.exec(select(func.pg_try_advisory_xact_lock(literal(number, BigInteger))))).one()


async def fetch_one(session: AsyncSession, statement: SelectOfScalar[Row], missing: type[AppError]) -> Row:
    """The single row of *statement* as the database has it now, or raise *missing*."""
    rows = await session.exec(statement.execution_options(populate_existing=True))
    row = rows.unique().one_or_none()
    if row is None:
        raise missing
    return row


async def fetch_page(session: AsyncSession, statement: SelectOfScalar[Row], *, offset: int, limit: int) -> Page[Row]:
    """One page of *statement* and the number of rows on all pages: two statements, however many rows."""
    rows_only = statement.with_only_columns(literal(1), maintain_column_froms=True).order_by(None).subquery()
    total = (await session.exec(select(func.count()).select_from(rows_only))).one()
    rows = await session.exec(statement.offset(offset).limit(limit))
    return Page(rows.all(), total=total, offset=offset, limit=limit)


async def delete_some(session: AsyncSession, table: type[SQLModel], *where: ColumnElement[bool], limit: int) -> int:
    """Delete at most *limit* rows and return how many they were. What a twin is deleting already is passed over."""
    key = inspect(table).primary_key[0]
    # PostgreSQL may run a subquery again for each row, and each time it skips what is locked already; a CTE runs once.
    doomed = select(key).where(*where).limit(limit).with_for_update(skip_locked=True).cte("doomed")
    return (await session.exec(delete(table).where(key.in_(doomed.select())))).rowcount


async def write_version(session: AsyncSession, row: SQLModel, expected: int) -> None:
    """Flush *row* with `UPDATE ... WHERE version = expected`, which raises its version by one, changed or not.

    Raises Conflict when the row has another version by now. The UPDATE decides: a check before it would race.
    """
    if expected == LAST_VERSION:
        raise Conflict  # No row has it: the next one would not fit the column.
    set_committed_value(row, "version", expected)
    set_attribute(row, "updated_at", utc_now())
    flag_modified(row, "updated_at")
    try:
        await session.flush()
    except StaleDataError as error:
        raise Conflict from error


def _option(first: Any, *hops: Any) -> ORMOption:
    option = selectinload(first)
    for hop in hops:
        option = option.selectinload(hop)
    return option


class _ReadOnlySession(Session):
    def _flush(self, objects: Any = None) -> None:  # noqa: ARG002 the signature is SQLAlchemy's
        raise RuntimeError("a reader session cannot write: use Database.transaction()")


@event.listens_for(_ReadOnlySession, "do_orm_execute")
def _refuse_writes(state: ORMExecuteState) -> None:
    if not state.is_select:
        raise RuntimeError("a reader session cannot write: use Database.transaction()")


_READING: dict[str, dict[str, Any]] = {
    "postgresql": {"isolation_level": "AUTOCOMMIT"},
    "sqlite": {"sqlite_reading": True},
}
