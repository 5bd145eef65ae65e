"""What is committed when, what a reader may do, and what the database itself enforces."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import httpx2
import pytest
from fastapi import APIRouter, BackgroundTasks
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from src.api.deps import ReaderDep, ResourcesDep, SessionDep
from src.db import Database, delete_some, fetch_page
from src.errors import AppError, Conflict
from src.models.goal import Goal
from src.models.user import User
from tests.answers import error_of
from tests.capabilities import CAPABILITIES
from tests.harness import Served, migrate, queries, served

router = APIRouter(prefix="/trial")


class Kept(AppError):
    keeps_changes = True


def user(email: str) -> User:
    return User(email=email, name="A user")


async def emails(database: Database) -> list[str]:
    async with database.reader() as session:
        return list(await session.exec(select(User.email).order_by(User.email)))


@router.post("/commit", status_code=201)
async def add_user(session: SessionDep, resources: ResourcesDep, later: BackgroundTasks, email: str) -> list[str]:
    """Add a user, and after the response note who is visible to others."""
    session.add(user(email))

    async def note() -> None:
        SEEN.append(await emails(resources.database))

    later.add_task(note)
    return await emails(resources.database)


SEEN: list[list[str]] = []


@router.post("/deferred", status_code=201)
async def break_deferred_constraint(session: SessionDep) -> None:
    """Break a foreign key that is looked at when the transaction commits."""
    connection = await session.connection()
    await connection.exec_driver_sql(CAPABILITIES[connection.dialect.name].deferral)
    session.add(Goal(user_id=uuid4(), title="of nobody"))
    await session.flush()


@router.post("/raise/{kind}")
async def raise_after_work(session: SessionDep, kind: str) -> None:
    session.add(user("raised@example.com"))
    await session.flush()
    raise {"plain": Conflict, "kept": Kept}[kind]


@router.post("/write-through-reader")
async def write_through_reader(session: ReaderDep) -> None:
    session.add(user("reader@example.com"))
    await session.flush()


@router.post("/update-through-reader")
async def update_through_reader(session: ReaderDep) -> None:
    await session.exec(SQLModel.metadata.tables["users"].delete())


@pytest.fixture
async def trial(database_url: str) -> AsyncIterator[Served]:
    """Return an application with the routes above."""
    async with served(database_url) as running:
        running.app.include_router(router)
        SEEN.clear()
        yield running
        await running.empty()


@pytest.fixture
async def client(trial: Served) -> AsyncIterator[httpx2.AsyncClient]:
    async with trial.client() as client:
        yield client


async def test_work_is_committed_before_the_answer_and_before_background_tasks(
    trial: Served, client: httpx2.AsyncClient
) -> None:
    answer = await client.post("/trial/commit?email=a@example.com")
    assert (answer.status_code, answer.json()) == (201, [])
    assert SEEN == [["a@example.com"]]
    assert await emails(trial.database) == ["a@example.com"]


async def test_commit_is_done_when_the_first_byte_leaves(trial: Served) -> None:
    seen: list[list[str]] = []

    async def look(message: object) -> None:
        if isinstance(message, dict) and message["type"] == "http.response.start":
            seen.append(await emails(trial.database))

    body = iter([{"type": "http.request", "body": b"", "more_body": False}])
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/trial/commit",
        "root_path": "",
        "query_string": b"email=a@example.com",
        "headers": [],
        "state": dict(trial.state),
    }
    await trial.app(scope, lambda: asyncio.sleep(0, next(body)), look)
    assert seen == [["a@example.com"]]


async def test_commit_that_fails_answers_its_error(trial: Served, client: httpx2.AsyncClient) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("no commit today")

    event.listen(AsyncSession.sync_session_class, "before_commit", fail)
    try:
        answer = await client.post("/trial/commit?email=a@example.com")
    finally:
        event.remove(AsyncSession.sync_session_class, "before_commit", fail)
    error_of(answer, 500, "INTERNAL_ERROR")
    assert SEEN == []
    assert await emails(trial.database) == []


async def test_deferred_constraint_that_fails_at_the_commit_answers_its_error(
    trial: Served, client: httpx2.AsyncClient
) -> None:
    error_of(await client.post("/trial/deferred"), 500, "INTERNAL_ERROR")
    async with trial.database.reader() as session:
        assert list(await session.exec(select(Goal))) == []


async def test_failed_commit_leaves_no_transaction_to_the_next_user_of_its_connection(
    app: Served, database_url: str
) -> None:
    database = Database(database_url, pool_size=1, max_overflow=0)
    with pytest.raises(IntegrityError):
        await fail_at_the_commit(database)
    await add_all(database, user("a@example.com"))
    async with database.reader() as session:
        assert list(await session.exec(select(Goal))) == []
    assert await emails(app.database) == ["a@example.com"]
    await database.dispose()


async def fail_at_the_commit(database: Database) -> None:
    async with database.transaction() as session:
        await break_deferred_constraint(session)


@pytest.mark.parametrize(
    ("kind", "status", "kept"), [("plain", 409, []), ("kept", 500, ["raised@example.com"])], ids=["plain", "kept"]
)
async def test_error_undoes_the_work_unless_it_keeps_changes(
    trial: Served, client: httpx2.AsyncClient, kind: str, status: int, kept: list[str]
) -> None:
    assert (await client.post(f"/trial/raise/{kind}")).status_code == status
    assert await emails(trial.database) == kept


@pytest.mark.parametrize("how", ["write", "update"])
async def test_reader_refuses_to_write(
    trial: Served, client: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    async with trial.database.transaction() as session:
        session.add(user("a@example.com"))
    error_of(await client.post(f"/trial/{how}-through-reader"), 500, "INTERNAL_ERROR")
    assert "a reader session cannot write" in caplog.text
    assert await emails(trial.database) == ["a@example.com"]


async def test_parameters_of_a_refused_statement_stay_out_of_its_error(app: Served) -> None:
    with pytest.raises(IntegrityError, match="SQL parameters hidden"):
        await add_all(app.database, Goal(user_id=uuid4(), title="private"))


async def add_all(database: Database, *rows: SQLModel) -> None:
    async with database.transaction() as session:
        session.add_all(rows)


async def test_foreign_keys_are_enforced(app: Served) -> None:
    with pytest.raises(IntegrityError):
        await add_all(app.database, Goal(user_id=uuid4(), title="of nobody"))


async def test_deletion_cascades_in_the_database(app: Served) -> None:
    owner = user("a@example.com")
    await add_all(app.database, owner)
    await add_all(app.database, Goal(user_id=owner.id, title="t"))
    async with app.database.transaction() as session:
        await session.exec(SQLModel.metadata.tables["users"].delete())
    async with app.database.reader() as session:
        assert list(await session.exec(select(Goal))) == []


async def test_naive_instant_is_refused(app: Served) -> None:
    naive = datetime(2024, 1, 15, 10, 30)  # noqa: DTZ001 that is the point
    with pytest.raises(StatementError, match="timezone"):
        await add_all(app.database, Goal(user_id=uuid4(), title="t", due_at=naive))


async def test_instant_comes_back_aware_and_in_utc(app: Served) -> None:
    owner = user("a@example.com")
    await add_all(app.database, owner)
    noon = datetime(2024, 1, 15, 12, tzinfo=timezone(timedelta(hours=2)))
    await add_all(app.database, Goal(user_id=owner.id, title="t", due_at=noon))
    async with app.database.reader() as session:
        (found,) = await session.exec(select(Goal.due_at))
    assert (found, found and found.tzinfo) == (noon, UTC)


@pytest.mark.parametrize(("offset", "shown"), [(0, 2), (2, 1), (9, 0)])
async def test_page_counts_all_rows_in_two_statements(app: Served, offset: int, shown: int) -> None:
    await add_all(app.database, *(user(f"{number}@example.com") for number in range(3)))
    async with app.database.reader() as session:
        with queries(app.database, at_most=2):
            page = await fetch_page(session, select(User).order_by(col(User.email)), offset=offset, limit=2)
    assert (len(page.items), page.total) == (shown, 3)
    assert page.has_more is (offset == 0)


ELSEWISE = ("hashjoin", "mergejoin", "hashagg", "sort", "material", "memoize")
"""What the planner does without when it thinks that a table has a handful of rows."""


async def test_clean_up_keeps_its_limit_whatever_the_planner_thinks(postgres_url: str) -> None:
    migrate(postgres_url)
    async with served(postgres_url) as trial:
        async with trial.database.transaction() as session:
            session.add_all(user(f"{number}@example.com") for number in range(9))
        before = await emails(trial.database)
        async with trial.database.transaction() as session:
            connection = await session.connection()
            for method in ELSEWISE:
                await connection.exec_driver_sql(f"SET LOCAL enable_{method} = off")
            assert await delete_some(session, User, col(User.name) == "A user", limit=4) == 4
        assert len(await emails(trial.database)) == len(before) - 4
        await trial.empty()
