"""Payments: what an event of the provider does to a user's credits and tier, once, however often it is delivered."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from src.errors import FieldError, NotFound, ValidationFailed
from src.models.payment import PaymentEvent
from src.rules import Rules
from src.schemas.enums import CreditType
from src.schemas.payment import CreditsPurchased, KnownEvent, SubscriptionEnded
from src.services import credits, subscriptions, users


async def receive(session: AsyncSession, event: KnownEvent, *, rules: Rules, now: datetime) -> None:
    """Handle an event; one that was handled before does nothing. Raises NotFound for a user who does not exist."""
    await users.lock(session, event.user_id, NotFound)
    if not await _is_first(session, event, now):
        return
    if isinstance(event, CreditsPurchased):
        _check_amount(event.amount, rules.purchase_max_credits)
        purchase = CreditType.PURCHASED, event.amount
        await credits.grant(session, event.user_id, *purchase, reference=event.id, rules=rules, now=now)
    elif isinstance(event, SubscriptionEnded):
        await subscriptions.end(session, event.user_id, rules=rules, now=now)
    else:
        await subscriptions.start(session, event.user_id, rules=rules, now=now)


async def _is_first(session: AsyncSession, event: KnownEvent, now: datetime) -> bool:
    """Record the event. The unique id decides: a twin for another user waits here until this one has committed."""
    handled = PaymentEvent(event_id=event.id, user_id=event.user_id, type=event.type, created_at=now, updated_at=now)
    try:
        async with session.begin_nested():
            session.add(handled)
    except IntegrityError:
        return False
    return True


def _check_amount(amount: int, limit: int) -> None:
    if amount > limit:
        message = f"at most {limit} credits can be bought at once, got {amount}"
        raise ValidationFailed(details=[FieldError(field="amount", message=message)])
