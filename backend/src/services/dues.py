"""Dues: whose credits have to be given or to expire by now, and the settling of it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, exists, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from src.errors import NotFound
from src.models.achievement import AchievementDefinition, UserAchievement
from src.models.credit import LIVE, CreditEntry
from src.models.user import User
from src.rules import Rules
from src.schemas.enums import CreditOperation, CreditType, PerkType, UserTier
from src.services import credits
from src.services.ledger import DAY, MONTH


async def daily(session: AsyncSession, *, after: UUID, rules: Rules, now: datetime, limit: int) -> Sequence[UUID]:
    """Users who have daily credits by their tier or by an achievement, and not yet those of today."""
    tiers = [tier for tier in UserTier if rules.limits(tier).daily_credits]
    has_perk = exists().where(
        col(UserAchievement.user_id) == User.id,
        col(UserAchievement.achievement_id) == AchievementDefinition.id,
        col(AchievementDefinition.perk_type) == PerkType.DAILY_CREDITS,
    )
    entitled = or_(col(User.tier).in_(tiers), has_perk)
    missing = ~_given(CreditType.DAILY, now.strftime(DAY))
    statement = select(User.id).where(col(User.id) > after, entitled, missing).order_by(col(User.id)).limit(limit)
    return (await session.exec(statement)).all()


async def month(session: AsyncSession, *, after: UUID, rules: Rules, now: datetime, limit: int) -> Sequence[UUID]:
    """Subscribers who have not been given this month's credits."""
    del rules
    missing = and_(col(User.tier) == UserTier.PRO, ~_given(CreditType.SUBSCRIPTION, now.strftime(MONTH)))
    statement = select(User.id).where(col(User.id) > after, missing).order_by(col(User.id)).limit(limit)
    return (await session.exec(statement)).all()


async def expiry(session: AsyncSession, *, after: UUID, rules: Rules, now: datetime, limit: int) -> Sequence[UUID]:
    """Users of whom something has expired that is still written as remaining."""
    del rules
    user_id = col(CreditEntry.user_id)
    expired = LIVE, col(CreditEntry.expires_at) <= now, user_id > after
    return (await session.exec(select(user_id).where(*expired).distinct().order_by(user_id).limit(limit))).all()


async def settle(session: AsyncSession, found: UUID, /, *, rules: Rules, now: datetime) -> None:
    """Write what fell due for one user; for one who is gone, nothing is."""
    try:
        await credits.account(session, found, rules=rules, now=now, missing=NotFound)
    except NotFound:
        return


def _given(credit_type: CreditType, period: str) -> ColumnElement[bool]:
    return exists().where(
        col(CreditEntry.user_id) == User.id,
        col(CreditEntry.credit_type) == credit_type,
        col(CreditEntry.operation) == CreditOperation.GRANT,
        col(CreditEntry.period) == period,
    )
