"""The messages that the pages of rules quote are those that today's libraries give."""

import gc
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import AsyncMock

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InvalidRequestError, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from plumb import catalog
from tests.pages.markdown import page

LONGEST_NAME = 20
"""What is longer in backticks is a message."""


class Base(DeclarativeBase):
    pass


class Plan(Base):
    __tablename__ = "plans"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(default="small")
    kind: Mapped[str] = mapped_column(sa.Enum("daily", "monthly", name="kind"), default="daily")
    ends_at: Mapped[datetime] = mapped_column(sa.DateTime, default=lambda: datetime.now(UTC))
    changed_at: Mapped[datetime] = mapped_column(server_default=sa.func.now(), onupdate=sa.func.now())
    children: Mapped[list["Plan"]] = relationship()
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("plans.id"), default=None)
    reviews: Mapped[list["Plan"]] = relationship(lazy="raise", viewonly=True)


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """Return an SQLite database with one row."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/messages.db")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
        session.add(Plan(id=1))
    yield engine
    await engine.dispose()
    gc.collect()  # What fails to load leaves a coroutine behind, whose warning is expected while the test lasts.


def is_quoted(code: str, error: BaseException) -> bool:
    """Tell whether the page of the rule quotes the error."""
    why = " ".join(catalog.find(code).section("Why is this bad").split())
    message = f"{type(error).__name__}: {error}"
    return any(quote in message for quote in re.findall(r"`([^`]+)`", why) if len(quote) > LONGEST_NAME)


async def loaded(session: AsyncSession) -> Plan:
    return (await session.scalars(sa.select(Plan))).one()


async def read_unloaded(session: AsyncSession) -> None:
    _ = (await loaded(session)).children


async def read_after_rollback(session: AsyncSession) -> None:
    plan = await loaded(session)
    await session.rollback()
    _ = plan.id  # noqa: PB202 This is the fault whose message the page quotes.


async def read_after_commit(session: AsyncSession) -> None:
    plan = await loaded(session)
    await session.commit()
    _ = plan.title


async def read_after_update(session: AsyncSession) -> None:
    plan = await loaded(session)
    plan.title = "large"
    await session.flush()
    _ = plan.changed_at


async def read_label(session: AsyncSession) -> None:
    _ = getattr((await loaded(session)).kind, "value")  # noqa: B009 The type checker knows that it is a string.


async def compare_instants(session: AsyncSession) -> None:
    _ = (await loaded(session)).ends_at < datetime.now(UTC)


async def call_mock(_: AsyncSession) -> None:
    session = AsyncMock()
    _ = (await session.execute()).scalars().unique().all()


async def add_required_column(session: AsyncSession) -> None:
    await session.execute(sa.text("ALTER TABLE plans ADD COLUMN verified BOOLEAN NOT NULL"))


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.parametrize(
    ("code", "provoke"),
    [
        ("PB201", read_unloaded),
        ("PB202", read_after_rollback),
        ("PB203", read_after_commit),
        ("PB206", read_after_update),
        ("PB404", compare_instants),
        ("PB405", compare_instants),
        ("PB502", read_label),
        ("PB705", compare_instants),
        ("PB801", call_mock),
        ("PB901", add_required_column),
    ],
)
async def test_message_is_that_of_the_libraries(
    engine: AsyncEngine, code: str, provoke: Callable[[AsyncSession], Awaitable[None]]
) -> None:
    async with AsyncSession(engine, expire_on_commit=code == "PB203") as session:
        with pytest.raises((StatementError, TypeError, AttributeError)) as raised:
            await provoke(session)
    assert is_quoted(code, raised.value)


async def test_forgotten_plan_is_named_as_the_pattern_says(engine: AsyncEngine) -> None:
    async with AsyncSession(engine, expire_on_commit=False) as session:
        plan = await loaded(session)
        with pytest.raises(InvalidRequestError) as raised:
            _ = plan.reviews
    message = str(raised.value).replace("Plan.reviews", "Author.books")
    assert f"`{message}`" in page("docs/patterns/2-loaded-relationships.md").text


@pytest.mark.parametrize(
    ("code", "statement"),
    [
        ("PB504", "INSERT INTO users VALUES ('TASKS')"),
        ("PB505", "SELECT * FROM users WHERE category = 'TASKS'"),
        ("PB703", "ALTER TABLE users ADD COLUMN done boolean DEFAULT 1"),
        ("PB901", "ALTER TABLE users ADD COLUMN verified boolean NOT NULL"),
        ("PB902", "ALTER TABLE users ALTER COLUMN amount TYPE integer"),
    ],
)
async def test_message_is_that_of_postgresql(postgres_url: str, code: str, statement: str) -> None:
    engine = create_async_engine(postgres_url, poolclass=sa.NullPool)
    async with engine.connect() as connection:
        for prepared in (
            "CREATE TYPE pg_temp.category AS ENUM ('tasks')",
            "CREATE TEMP TABLE users (category category, amount text)",
            "INSERT INTO users VALUES ('tasks', '1')",
        ):
            await connection.execute(sa.text(prepared))
        with pytest.raises(DBAPIError) as raised:
            await connection.execute(sa.text(statement))
    assert is_quoted(code, raised.value)
