"""Achievements: the catalogue, and how far a user has come in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from src.models.achievement import AchievementDefinition, UserAchievement
from src.rules import Rules, TierLimits
from src.schemas.enums import AchievementCategory
from src.services import perks, progress, users
from src.services.progress import Stats

CATEGORIES = list(AchievementCategory)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a user has come with one achievement."""

    id: str
    name: str
    current: int
    threshold: int
    unlocked: bool


@dataclass(frozen=True, slots=True)
class Overview:
    stats: Stats
    unlocked: Sequence[str]
    progress: Sequence[Progress]
    effective_limits: TierLimits


async def catalogue(session: AsyncSession) -> Sequence[AchievementDefinition]:
    """Every achievement there is, by category, the easier one first."""
    definitions = await session.exec(select(AchievementDefinition))
    return sorted(definitions, key=lambda found: (CATEGORIES.index(found.category), found.threshold, found.id))


async def overview(session: AsyncSession, user_id: UUID, *, rules: Rules, now: datetime) -> Overview:
    user = await users.get(session, user_id)
    stats = await progress.get(session, user_id, now=now)
    ids = set(await session.exec(select(UserAchievement.achievement_id).where(UserAchievement.user_id == user_id)))
    definitions = await catalogue(session)
    unlocked = [found for found in definitions if found.id in ids]
    steps = [
        Progress(found.id, found.name, progress.measure(stats, found.category), found.threshold, found.id in ids)
        for found in definitions
    ]
    effective_limits = perks.added(rules.limits(user.tier), unlocked)
    return Overview(stats, [found.id for found in unlocked], steps, effective_limits)
