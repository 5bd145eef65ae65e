"""The catalogue, streaks, unlocks and perks over HTTP."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx2
import pytest
from sqlmodel import col, delete

from src.models.achievement import AchievementDefinition, UserAchievement
from src.schemas.enums import AchievementCategory
from tests.answers import data_of
from tests.completions import act
from tests.factories.tasks import make_task
from tests.factories.users import make_pro
from tests.harness import Served, queries

CATALOGUE = [
    ("tasks_5", "Task Starter", "tasks", 5, "max_tasks", 15),
    ("tasks_25", "Task Master", "tasks", 25, "max_tasks", 25),
    ("tasks_100", "Centurion", "tasks", 100, "max_tasks", 50),
    ("streak_7", "Week Warrior", "streaks", 7, "daily_credits", 2),
    ("streak_30", "Monthly Master", "streaks", 30, "daily_credits", 5),
    ("focus_10", "Focus Initiate", "focus", 10, "max_notes", 5),
    ("notes_10", "Note Taker", "notes", 10, "max_notes", 5),
]


LIMITS = {
    "max_tasks": 50,
    "max_notes": 10,
    "daily_ai_credits": 0,
}
"""Of the free tier, without an achievement."""


async def complete(client: httpx2.AsyncClient, **fields: object) -> list[str]:
    """Complete a new task and return the ids of what that unlocked."""
    task = await make_task(client, **fields)
    answer = await client.post(f"/api/v1/tasks/{task['id']}/complete", json={"version": task["version"]})
    assert answer.status_code == 200, answer.text
    return [unlock["achievement_id"] for unlock in answer.json()["unlocked_achievements"]]


async def streak(client: httpx2.AsyncClient) -> tuple[int, int]:
    stats = data_of(await client.get("/api/v1/achievements/me/stats"))
    return stats["current_streak"], stats["longest_streak"]


async def test_catalogue_is_what_the_migration_put_there(ada: httpx2.AsyncClient) -> None:
    catalogue = data_of(await ada.get("/api/v1/achievements"))
    keys = ["id", "name", "message", "category", "threshold", "perk_type", "perk_value"]
    assert [list(achievement) for achievement in catalogue] == [keys] * len(CATALOGUE)
    assert [tuple(value for key, value in found.items() if key != "message") for found in catalogue] == CATALOGUE
    assert all(achievement["message"] for achievement in catalogue)


async def test_new_user_has_achieved_nothing_yet(ada: httpx2.AsyncClient) -> None:
    mine = data_of(await ada.get("/api/v1/achievements/me"))
    assert list(mine) == ["stats", "unlocked", "progress", "effective_limits"]
    assert set(mine["stats"].values()) == {0}
    assert mine["unlocked"] == []
    assert mine["progress"][0] == {
        "id": "tasks_5",
        "name": "Task Starter",
        "current": 0,
        "threshold": 5,
        "unlocked": False,
    }
    assert mine["effective_limits"] == LIMITS
    assert mine["stats"] == data_of(await ada.get("/api/v1/achievements/me/stats"))
    assert mine["effective_limits"] == data_of(await ada.get("/api/v1/achievements/me/limits"))


async def test_fifth_completion_brings_its_achievement_along(ada: httpx2.AsyncClient) -> None:
    answers = [(await act(ada, await make_task(ada), "complete")).json() for _ in range(6)]
    unlock = {
        "achievement_id": "tasks_5",
        "achievement_name": "Task Starter",
        "perk": {"type": "max_tasks", "value": 15},
    }
    assert [answer["unlocked_achievements"] for answer in answers] == [[], [], [], [], [unlock], []]


async def test_streak_goes_by_utc_days(app: Served, ada: httpx2.AsyncClient) -> None:
    app.clock.set(2024, 12, 31, 23, 59, 59)
    await complete(ada)
    assert await streak(ada) == (1, 1)
    app.clock.advance(seconds=1)
    assert await streak(ada) == (1, 1)
    await complete(ada)
    await complete(ada)
    assert await streak(ada) == (2, 2)
    app.clock.set(2025, 1, 2, 23, 59, 59)
    assert await streak(ada) == (2, 2)
    app.clock.set(2025, 1, 3, 0, 0, 0)
    assert await streak(ada) == (0, 2)
    await complete(ada)
    assert await streak(ada) == (1, 2)


async def test_week_without_a_gap_brings_daily_credits(app: Served, ada: httpx2.AsyncClient) -> None:
    app.clock.set(2025, 2, 25)
    unlocked = []
    for _ in range(7):
        unlocked += await complete(ada)
        app.clock.advance(days=1)
    assert unlocked == ["tasks_5", "streak_7"]
    limits = data_of(await ada.get("/api/v1/achievements/me/limits"))
    assert limits == {**LIMITS, "max_tasks": 65, "daily_ai_credits": 2}
    app.clock.advance(days=30)
    progress = data_of(await ada.get("/api/v1/achievements/me"))["progress"]
    assert progress[3] == {"id": "streak_7", "name": "Week Warrior", "current": 7, "threshold": 7, "unlocked": True}


async def test_limits_are_those_of_the_tier(app: Served, ada: httpx2.AsyncClient) -> None:
    await make_pro(app, "ada")
    assert data_of(await ada.get("/api/v1/achievements/me/limits")) == {
        "max_tasks": 200,
        "max_notes": 25,
        "daily_ai_credits": 10,
    }


async def test_perks_add_up(ada: httpx2.AsyncClient) -> None:
    unlocked = [name for _ in range(25) for name in await complete(ada)]
    assert unlocked == ["tasks_5", "tasks_25"]
    assert data_of(await ada.get("/api/v1/achievements/me"))["unlocked"] == ["tasks_5", "tasks_25"]
    assert data_of(await ada.get("/api/v1/achievements/me/limits"))["max_tasks"] == 90


@pytest.mark.parametrize(("seconds", "counts"), [(599, 0), (600, 1), (1200, 1)])
async def test_focus_counts_from_half_of_the_estimate(
    app: Served, ada: httpx2.AsyncClient, seconds: int, counts: int
) -> None:
    app.clock.set(2025, 1, 31)
    task = await make_task(ada, estimated_duration=20)
    await ada.post("/api/v1/focus/start", json={"task_id": task["id"]})
    app.clock.advance(seconds=seconds)
    await ada.post("/api/v1/focus/stop")
    await ada.post(f"/api/v1/tasks/{task['id']}/complete", json={"version": task["version"]})
    assert data_of(await ada.get("/api/v1/achievements/me/stats"))["focus_completions"] == counts


async def test_ten_focused_completions_unlock_an_achievement(app: Served, ada: httpx2.AsyncClient) -> None:
    app.clock.set(2025, 1, 31)
    unlocked = []
    for _ in range(10):
        task = await make_task(ada, estimated_duration=1)
        await ada.post("/api/v1/focus/start", json={"task_id": task["id"]})
        app.clock.advance(seconds=30)
        answer = await ada.post(f"/api/v1/tasks/{task['id']}/complete", json={"version": task["version"]})
        unlocked += [unlock["achievement_id"] for unlock in answer.json()["unlocked_achievements"]]
    assert unlocked == ["tasks_5", "focus_10"]
    assert data_of(await ada.get("/api/v1/achievements/me/limits"))["max_notes"] == 15


async def test_focus_without_an_estimate_does_not_count(app: Served, ada: httpx2.AsyncClient) -> None:
    app.clock.set(2025, 1, 31)
    task = await make_task(ada)
    await ada.post("/api/v1/focus/start", json={"task_id": task["id"]})
    app.clock.advance(hours=2)
    await ada.post("/api/v1/focus/stop")
    await ada.post(f"/api/v1/tasks/{task['id']}/complete", json={"version": task["version"]})
    assert data_of(await ada.get("/api/v1/achievements/me/stats"))["focus_completions"] == 0


@pytest.fixture
async def first_step(app: Served) -> AsyncIterator[str]:
    """An achievement that is only a row; it goes again with whoever unlocked it."""
    long_ago = datetime(2025, 1, 1, tzinfo=UTC)
    definition = AchievementDefinition(
        id="tasks_1",
        name="First Step",
        message="One task done.",
        category=AchievementCategory.TASKS,
        threshold=1,
        created_at=long_ago,
        updated_at=long_ago,
    )
    async with app.database.transaction() as session:
        session.add(definition)
    yield "tasks_1"
    async with app.database.transaction() as session:
        await session.exec(delete(UserAchievement).where(col(UserAchievement.achievement_id) == "tasks_1"))
        await session.exec(delete(AchievementDefinition).where(col(AchievementDefinition.id) == "tasks_1"))


async def test_another_row_is_another_achievement(ada: httpx2.AsyncClient, first_step: str) -> None:
    assert data_of(await ada.get("/api/v1/achievements"))[0]["id"] == first_step
    assert await complete(ada) == [first_step]
    mine = data_of(await ada.get("/api/v1/achievements/me"))
    assert mine["unlocked"] == [first_step]
    assert mine["effective_limits"]["max_tasks"] == 50


async def test_achievements_of_another_user_are_not_mine(ada: httpx2.AsyncClient, bob: httpx2.AsyncClient) -> None:
    for _ in range(5):
        await complete(ada)
    mine = data_of(await bob.get("/api/v1/achievements/me"))
    assert (mine["unlocked"], mine["stats"]["lifetime_tasks_completed"]) == ([], 0)


@pytest.mark.parametrize("count", [0, 6])
async def test_reading_costs_the_same_for_any_number_of_rows(app: Served, ada: httpx2.AsyncClient, count: int) -> None:
    for _ in range(count):
        await complete(ada)
    for path, at_most in {"": 1, "/me": 4, "/me/stats": 1, "/me/limits": 2}.items():
        with queries(app.database, at_most=at_most):
            assert (await ada.get(f"/api/v1/achievements{path}")).status_code == 200
