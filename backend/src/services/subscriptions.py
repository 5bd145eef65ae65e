"""Subscriptions: who has one is pro. The credits of a month are given when it begins, or when the subscription does."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from src.rules import Rules
from src.schemas.enums import UserTier
from src.services import credits, users


async def start(session: AsyncSession, user_id: UUID, *, rules: Rules, now: datetime) -> None:
    """Make the user pro and give this month's credits. Renewing a running one gives nothing twice."""
    ledger = await credits.account(session, user_id, rules=rules, now=now)
    await _set_tier(session, user_id, UserTier.PRO)
    ledger.subscribe(rules)
    await credits.store(session, ledger)


async def end(session: AsyncSession, user_id: UUID, *, rules: Rules, now: datetime) -> None:
    """Make the user free. Nothing is taken away: what was given expires when it would have, without a carryover."""
    await credits.account(session, user_id, rules=rules, now=now)
    await _set_tier(session, user_id, UserTier.FREE)


async def _set_tier(session: AsyncSession, user_id: UUID, tier: UserTier) -> None:
    """Called with the account open: the user is locked."""
    user = await users.get(session, user_id)
    user.tier = tier
    await session.flush()
