"""A database that is behind or ahead of the code gets no traffic, and the application changes nothing about it."""

from tests.harness import served
from tests.integration.migrations.chain import Database

READY = {"status": "ok", "checks": {"database": {"status": "ok"}, "migrations": {"status": "ok"}}}
NOT_READY = {"status": "error", "checks": {"database": {"status": "ok"}, "migrations": {"status": "error"}}}


async def readiness(database: Database) -> tuple[int, object]:
    async with served(database.url) as app, app.client() as client:
        answer = await client.get("/health/ready")
        return answer.status_code, answer.json()


async def test_ready_at_the_head(database: Database) -> None:
    database.upgrade()
    assert await readiness(database) == (200, READY)


async def test_not_ready_while_the_database_is_behind(database: Database) -> None:
    database.upgrade()
    database.downgrade("-1")
    assert await readiness(database) == (503, NOT_READY)


async def test_not_ready_while_the_database_is_ahead(database: Database) -> None:
    database.upgrade()
    database.execute("UPDATE alembic_version SET version_num = 'of_a_later_release'")
    assert await readiness(database) == (503, NOT_READY)


async def test_starting_on_an_empty_database_makes_nothing(database: Database) -> None:
    assert await readiness(database) == (503, NOT_READY)
    assert database.snapshot() == set()
