"""Limits: what the tier allows, plus the perks of unlocked achievements. Count under `users.lock`, or two can pass."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from src.errors import LimitExceeded
from src.models.achievement import AchievementDefinition, UserAchievement
from src.models.user import User
from src.rules import Rules, TierLimits
from src.schemas.enums import PerkType
from src.services import users


@dataclass(frozen=True, slots=True)
class EffectiveLimits:
    """What a user may have, all perks included."""

    max_tasks: int
    max_notes: int
    daily_ai_credits: int


async def get(session: AsyncSession, user_id: UUID, *, rules: Rules) -> EffectiveLimits:
    """The limits of a user by the tier that the database knows: the token's may be old."""
    return await effective(session, await users.get(session, user_id), rules)


async def effective(session: AsyncSession, user: User, rules: Rules) -> EffectiveLimits:
    """The limits of *user* as they are now. One statement."""
    unlocked = select(AchievementDefinition).join(UserAchievement).where(UserAchievement.user_id == user.id)
    return with_perks(rules.limits(user.tier), await session.exec(unlocked))


def with_perks(base: TierLimits, unlocked: Iterable[AchievementDefinition]) -> EffectiveLimits:
    """*base* and what the *unlocked* achievements add to it."""
    sums = Counter[PerkType]()
    for perk in (achievement.perk for achievement in unlocked):
        if perk is not None:
            sums[perk.type] += perk.value
    return EffectiveLimits(
        max_tasks=base.max_tasks + sums[PerkType.MAX_TASKS],
        max_notes=base.max_notes + sums[PerkType.MAX_NOTES],
        daily_ai_credits=base.daily_credits + sums[PerkType.DAILY_CREDITS],
    )


def require_room(taken: int, limit: int, *, name: str, what: str) -> None:
    """Raise LimitExceeded, which says which limit it is and how high, unless one more fits below *limit*."""
    if taken >= limit:
        raise LimitExceeded(f"At most {limit} {what} are allowed ({name}).")
