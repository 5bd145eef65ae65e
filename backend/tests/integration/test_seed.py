"""Demo data in a database, and seen through the API."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import SQLModel

from src import seed
from src.config import Environment, SettingsError
from src.seed import Amount
from tests.harness import Served

NOW = datetime(2025, 1, 31, tzinfo=UTC)


async def fill(app: Served, users: int, tasks: int = 20) -> tuple[int, list[int]]:
    heard: list[int] = []
    amount = Amount(users=users, tasks=tasks)
    made = await seed.fill(app.database, amount, rules=app.resources.rules, now=NOW, report=heard.append)
    return made, heard


async def everything(app: Served) -> dict[str, list[Any]]:
    async with app.database.reader() as session:
        connection = await session.connection()
        return {
            table.name: list(await connection.execute(table.select().order_by(*table.primary_key)))
            for table in SQLModel.metadata.sorted_tables
        }


async def test_second_run_adds_only_what_is_missing(app: Served) -> None:
    assert await fill(app, users=2) == (2, [2])
    first = await everything(app)
    assert await fill(app, users=2) == (0, [2])
    assert await everything(app) == first
    assert await fill(app, users=30) == (28, [25, 30])
    assert len((await everything(app))["users"]) == 30


async def test_same_run_gives_the_same_rows(app: Served) -> None:
    await fill(app, users=3)
    first = await everything(app)
    await app.empty()
    await fill(app, users=3)
    assert await everything(app) == first


async def test_demo_user_can_sign_in_and_has_a_life(app: Served) -> None:
    await fill(app, users=1, tasks=40)
    client = await app.sign_in("demo1")
    tasks = (await client.get("/api/v1/tasks", params={"limit": 1})).json()
    archived = (await client.get("/api/v1/tasks", params={"limit": 1, "archived": True})).json()
    assert tasks["pagination"]["total"] + archived["pagination"]["total"] == 40
    assert (await client.get(f"/api/v1/tasks/{tasks['data'][0]['id']}")).status_code == 200
    progress = (await client.get("/api/v1/achievements/me")).json()["data"]
    assert "tasks_5" in progress["unlocked"]
    assert progress["stats"]["lifetime_tasks_completed"] >= 5
    history = (await client.get("/api/v1/credits/history")).json()["data"]
    balance = (await client.get("/api/v1/credits/balance")).json()["data"]
    assert history[0]["balance_after"] == balance["total"]
    await client.aclose()


async def test_production_is_refused(app: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = app.resources.rules.model_copy(update={"environment": Environment.PRODUCTION})
    monkeypatch.setattr(seed, "load_settings", lambda: settings)
    with pytest.raises(SettingsError, match="production"):
        await seed.run(Amount())
    assert (await everything(app))["users"] == []
