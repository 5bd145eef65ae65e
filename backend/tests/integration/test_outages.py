"""The database goes away and comes back: 503 meanwhile, and no restart of the application."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest
from sqlmodel import select

from src.db import Database
from src.errors import ServiceUnavailable
from src.models.user import User
from tests import restartable
from tests.answers import error_of
from tests.harness import Served, migrate, served


@pytest.fixture(scope="module")
def server() -> Iterator[restartable.Switch]:
    with restartable.running() as switch:
        migrate(switch.url)
        yield switch


@pytest.fixture
async def app(server: restartable.Switch) -> AsyncIterator[Served]:
    async with served(server.url, database_pool_size=2, database_max_overflow=0) as running:
        yield running
        await running.database.dispose()  # The pool may hold connections to a server that was stopped.
        await running.empty()


async def ready(app: Served) -> httpx2.Response:
    async with app.client() as client:
        return await client.get("/health/ready")


async def test_stopped_database_is_503_and_its_return_needs_no_restart(app: Served, server: restartable.Switch) -> None:
    ada = await app.sign_in("ada")
    made = await ada.post("/api/v1/goals", json={"title": "before"})
    await asyncio.gather(*(ada.get("/api/v1/goals") for _ in range(4)))  # The pool holds connections now.
    server.stop()
    for _ in range(3):
        error_of(await ada.get("/api/v1/goals"), 503, "SERVICE_UNAVAILABLE")
        error_of(await ada.post("/api/v1/goals", json={"title": "lost"}), 503, "SERVICE_UNAVAILABLE")
    assert (await ready(app)).json() == {
        "status": "error",
        "checks": {"database": {"status": "error"}, "migrations": {"status": "error"}},
    }
    assert (await ada.get("/health/live")).status_code == 200
    server.start()
    listed = (await ada.get("/api/v1/goals")).json()["data"]
    assert [goal["id"] for goal in listed] == [made.json()["data"]["id"]]
    assert (await ready(app)).status_code == 200


async def test_restart_between_requests_costs_at_most_the_pooled_connections(
    app: Served, server: restartable.Switch
) -> None:
    ada = await app.sign_in("ada")
    await asyncio.gather(*(ada.get("/api/v1/goals") for _ in range(4)))
    server.stop()
    server.start()
    statuses = [(await ada.get("/api/v1/goals")).status_code for _ in range(4)]
    assert statuses == [503, 200, 200, 200]


async def test_connection_lost_before_the_commit_is_an_outage(app: Served, server: restartable.Switch) -> None:
    async def work_across_a_restart() -> None:
        async with app.database.transaction() as session:
            await session.exec(select(User))
            server.stop()
            server.start()

    with pytest.raises(ServiceUnavailable):
        await work_across_a_restart()


async def test_exhausted_pool_is_503(server: restartable.Switch) -> None:
    limits = {"database_pool_size": 1, "database_max_overflow": 0, "database_pool_timeout_seconds": 0.1}
    async with served(server.url, **limits) as app:
        ada = await app.sign_in("ada")
        async with app.database.transaction() as session:
            await session.connection()
            error_of(await ada.get("/api/v1/goals"), 503, "SERVICE_UNAVAILABLE")
            assert (await ready(app)).status_code == 503
        assert (await ada.get("/api/v1/goals")).status_code == 200
        await app.empty()


@pytest.mark.parametrize("part", ["nobody@", "/nothing"])
async def test_refused_connection_is_503(server: restartable.Switch, part: str) -> None:
    url = server.url.replace("postgres@", part) if part == "nobody@" else server.url + part
    async with served(url) as app, app.client() as client:
        answer = await client.post("/api/v1/auth/dev/login", json={"email": "ada@example.com"})
        error_of(answer, 503, "SERVICE_UNAVAILABLE")
        assert (await ready(app)).status_code == 503
        assert server.url.rpartition("@")[2] not in (await ready(app)).text


async def test_unknown_host_is_503() -> None:
    async with served("postgresql+asyncpg://postgres@host.invalid/postgres") as app:
        assert (await ready(app)).status_code == 503


async def test_sqlite_file_out_of_reach_is_503(tmp_path: Path) -> None:
    async with served(f"sqlite+aiosqlite:///{tmp_path}/missing/test.db") as app, app.client() as client:
        answer = await client.post("/api/v1/auth/dev/login", json={"email": "ada@example.com"})
        error_of(answer, 503, "SERVICE_UNAVAILABLE")
        assert (await ready(app)).status_code == 503


async def test_database_that_is_not_migrated_is_not_ready(tmp_path: Path) -> None:
    async with served(f"sqlite+aiosqlite:///{tmp_path}/empty.db") as app:
        answer = await ready(app)
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": {"status": "ok"}, "migrations": {"status": "error"}}


async def test_waiting_writer_of_sqlite_gives_up_as_an_outage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("src.engine.SQLITE_BUSY_SECONDS", 0)
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/test.db")
    async with database.transaction() as first:
        await first.connection()
        with pytest.raises(ServiceUnavailable):
            await write(database)
    await database.dispose()


async def write(database: Database) -> None:
    async with database.transaction() as session:
        await session.connection()
