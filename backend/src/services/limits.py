"""Limits: what the tier allows, plus the perks of unlocked achievements. Count under `users.lock`, or two can pass."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from src.errors import LimitExceeded
from src.models.achievement import AchievementDefinition, UserAchievement
from src.models.user import User
from src.rules import Rules
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
    base, perks = rules.limits(user.tier), await _perks(session, user.id)
    return EffectiveLimits(
        max_tasks=base.max_tasks + perks[PerkType.MAX_TASKS],
        max_notes=base.max_notes + perks[PerkType.MAX_NOTES],
        daily_ai_credits=base.daily_credits + perks[PerkType.DAILY_CREDITS],
    )


def require_room(taken: int, limit: int, *, name: str, what: str) -> None:
    """Raise LimitExceeded, which says which limit it is and how high, unless one more fits below *limit*."""
    if taken >= limit:
        raise LimitExceeded(f"At most {limit} {what} are allowed ({name}).")


async def _perks(session: AsyncSession, user_id: UUID) -> Counter[PerkType]:
    """What the unlocked achievements of a user add up to."""
    unlocked = select(AchievementDefinition).join(UserAchievement).where(UserAchievement.user_id == user_id)
    perks = Counter[PerkType]()
    for perk in (definition.perk for definition in await session.exec(unlocked)):
        if perk is not None:
            perks[perk.type] += perk.value
    return perks
