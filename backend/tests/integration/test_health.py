"""Whether the process lives and can serve, as probes ask it."""

from tests.harness import Served, queries


async def test_liveness_touches_nothing(app: Served) -> None:
    async with app.client() as client:
        with queries(app.database, at_most=0):
            answer = await client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_ready_database_at_the_expected_revision(app: Served) -> None:
    async with app.client() as client:
        with queries(app.database, at_most=2):
            answer = await client.get("/health/ready")
    ok = {"status": "ok"}
    assert (answer.status_code, answer.json()) == (200, {**ok, "checks": {"database": ok, "migrations": ok}})


async def test_database_of_another_revision_is_not_ready(app: Served) -> None:
    await stamp(app, "unknown")
    try:
        async with app.client() as client:
            answer = await client.get("/health/ready")
    finally:
        await stamp(app, *app.resources.revisions)
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": {"status": "ok"}, "migrations": {"status": "error"}}


async def stamp(app: Served, revision: str) -> None:
    async with app.database.engine.begin() as connection:
        await connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
