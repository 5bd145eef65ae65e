"""Achievements on the tour."""

from typing import Any

import httpx2
from sqlmodel import col, delete

from src.models.achievement import AchievementDefinition, UserAchievement
from src.schemas.enums import AchievementCategory
from tests.contract.recording import Recorder
from tests.harness import Served

BODIES: dict[str, Any] = {}


async def visit(record: Recorder, app: Served, ada: httpx2.AsyncClient) -> None:
    """With one in the catalogue that has no perk: those that a migration puts there all have one."""
    plain = AchievementDefinition(
        id="first_task", name="First", message="You began.", category=AchievementCategory.TASKS, threshold=1
    )
    async with app.database.transaction() as session:
        session.add(plain)
    task = await record(ada, "POST", "/tasks", json={"title": "Worth it"})
    await record(ada, "POST", f"/tasks/{task['data']['id']}/complete", json={"version": 1})
    for path in ("/achievements", "/achievements/me", "/achievements/me/stats", "/achievements/me/limits"):
        await record(ada, "GET", path)
    async with app.database.transaction() as session:
        await session.exec(delete(UserAchievement).where(col(UserAchievement.achievement_id) == plain.id))
        await session.exec(delete(AchievementDefinition).where(col(AchievementDefinition.id) == plain.id))
