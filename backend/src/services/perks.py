"""Perks: what unlocked achievements add to the limits of a tier."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from src.models.achievement import AchievementDefinition, UserAchievement
from src.models.user import User
from src.rules import Rules, TierLimits
from src.services import users


async def get(session: AsyncSession, user_id: UUID, *, rules: Rules) -> TierLimits:
    """The limits of a user by the tier that the database knows: the token's may be old."""
    return await limits(session, await users.get(session, user_id), rules)


async def limits(session: AsyncSession, user: User, rules: Rules) -> TierLimits:
    """What *user* may have now, all perks included. One statement."""
    unlocked = select(AchievementDefinition).join(UserAchievement).where(UserAchievement.user_id == user.id)
    return added(rules.limits(user.tier), await session.exec(unlocked))


def added(base: TierLimits, unlocked: Iterable[AchievementDefinition]) -> TierLimits:
    """*base* and what the *unlocked* achievements add to it. A perk is named after the limit that it raises."""
    raised = Counter(base._asdict())
    for perk in (achievement.perk for achievement in unlocked):
        if perk is not None:
            raised[perk.type] += perk.value
    return TierLimits(**raised)
