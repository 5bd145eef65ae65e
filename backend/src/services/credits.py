"""Credits: the one door to the ledger. Everything that touches it is here, and works under `users.lock`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import and_, col, delete, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from src.db import Page, fetch_page
from src.errors import AppError, Unauthorized
from src.models.credit import LIVE, CreditEntry, CreditReservation
from src.rules import Rules
from src.schemas.credit import CreditFilter
from src.schemas.enums import CreditOperation, CreditType, UserTier
from src.services import perks, users
from src.services.ledger import DAY, Balance, Ledger


@dataclass(frozen=True, slots=True)
class Reservation:
    """Credits that are taken until `settle` or `give_back` closes the reservation."""

    id: UUID
    amount: int
    credits_remaining: int


async def balance(session: AsyncSession, user_id: UUID, *, rules: Rules, now: datetime) -> Balance:
    """What the user can spend. Asking is a need: what is due is given first."""
    return (await account(session, user_id, rules=rules, now=now)).balance


async def search(session: AsyncSession, user_id: UUID, where: CreditFilter) -> Page[CreditEntry]:
    """The user's ledger, newest first. The sequence orders it like `created_at` and, within an instant, `id`."""
    statement = select(CreditEntry).where(CreditEntry.user_id == user_id)
    if where.operation is not None:
        statement = statement.where(CreditEntry.operation == where.operation)
    if where.credit_type is not None:
        statement = statement.where(CreditEntry.credit_type == where.credit_type)
    newest_first = statement.order_by(col(CreditEntry.sequence).desc())
    return await fetch_page(session, newest_first, offset=where.offset, limit=where.limit)


async def grant(
    session: AsyncSession,
    user_id: UUID,
    credit_type: CreditType,
    amount: int,
    *,
    reference: str,
    rules: Rules,
    now: datetime,
) -> Balance:
    """Give credits that never expire."""
    ledger = await account(session, user_id, rules=rules, now=now)
    ledger.grant(credit_type, amount, reference=reference)
    return await store(session, ledger)


async def spend(
    session: AsyncSession, user_id: UUID, amount: int, *, reference: str, rules: Rules, now: datetime
) -> Balance:
    """Take credits in the order in which they are to be spent. Raises InsufficientCredits and takes none."""
    ledger = await account(session, user_id, rules=rules, now=now)
    ledger.spend(amount, reference=reference)
    return await store(session, ledger)


async def reserve(
    session: AsyncSession, user_id: UUID, amount: int, *, reference: str, rules: Rules, now: datetime
) -> Reservation:
    """Take credits for work whose outcome is open. Raises InsufficientCredits and takes none.

    Commit, do the work with no transaction open, then `settle` or `give_back` in a second transaction. A process that
    dies between the two leaves the reservation, and the job `reservations` gives the credits back.
    """
    ledger = await account(session, user_id, rules=rules, now=now)
    first = ledger.sequence + 1
    ledger.spend(amount, reference=reference)
    reservation = CreditReservation(
        user_id=user_id, first_sequence=first, last_sequence=ledger.sequence, created_at=now, updated_at=now
    )
    session.add(reservation)
    left = await store(session, ledger)
    return Reservation(reservation.id, amount, left.total)


async def settle(session: AsyncSession, reservation_id: UUID) -> bool:
    """Keep what was taken: the work is done. False where the reservation was closed before."""
    closed = await session.exec(delete(CreditReservation).where(col(CreditReservation.id) == reservation_id))
    return closed.rowcount == 1


async def give_back(session: AsyncSession, reservation_id: UUID, *, rules: Rules, now: datetime) -> bool:
    """Return what was taken: the work has failed. False, and nothing happens, where it was closed before.

    The credits come back with the type and the expiry that they had; what has expired meanwhile expires.
    """
    reserved_for = select(CreditReservation.user_id).where(CreditReservation.id == reservation_id)
    user_id = (await session.exec(reserved_for)).one_or_none()
    if user_id is None:
        return False
    ledger = await account(session, user_id, rules=rules, now=now)
    taken = await _close(session, user_id, reservation_id)
    ledger.give_back(taken)
    await store(session, ledger)
    return bool(taken)


async def abandoned(session: AsyncSession, *, after: UUID, rules: Rules, now: datetime, limit: int) -> Sequence[UUID]:
    """Reservations that nobody has closed in time: their process has died. The next ones above *after*."""
    given_up = now - timedelta(seconds=rules.reservation_ttl_seconds)
    reservation_id = col(CreditReservation.id)
    overdue = reservation_id > after, col(CreditReservation.created_at) <= given_up
    return (await session.exec(select(reservation_id).where(*overdue).order_by(reservation_id).limit(limit))).all()


async def account(
    session: AsyncSession, user_id: UUID, *, rules: Rules, now: datetime, missing: type[AppError] = Unauthorized
) -> Ledger:
    """The ledger of a user, locked until the transaction ends, with everything written that fell due by *now*."""
    user = await users.lock(session, user_id, missing)
    ledger = await _load(session, user_id, now)
    daily = 0 if ledger.has_daily else (await perks.limits(session, user, rules)).daily_credits
    ledger.settle(rules, daily=daily, subscribed=user.tier is UserTier.PRO)
    await store(session, ledger)
    return ledger


async def store(session: AsyncSession, ledger: Ledger) -> Balance:
    """Write the new lines of *ledger* and what remains of its lots."""
    session.add_all(ledger.written)
    ledger.written.clear()
    await session.flush()
    return ledger.balance


async def _load(session: AsyncSession, user_id: UUID, now: datetime) -> Ledger:
    """The live lots and the last line, read after the lock was taken."""
    of_user = select(CreditEntry).where(CreditEntry.user_id == user_id).execution_options(populate_existing=True)
    lots = (await session.exec(of_user.where(LIVE))).all()
    last = (await session.exec(of_user.order_by(col(CreditEntry.sequence).desc()).limit(1))).first()
    if last is None:
        return Ledger(user_id, now)
    given = await _given(session, user_id, now)
    return Ledger(user_id, now, list(lots), last.sequence, last.balance_after, last.created_at, given)


async def _given(session: AsyncSession, user_id: UUID, now: datetime) -> dict[CreditType, str]:
    """The last period of what is given once per period; of the daily grants only today's counts."""
    credit_type, period = col(CreditEntry.credit_type), col(CreditEntry.period)
    today = and_(credit_type == CreditType.DAILY, period == now.strftime(DAY))
    statement = (
        select(credit_type, func.max(period))
        .where(CreditEntry.user_id == user_id, CreditEntry.operation == CreditOperation.GRANT)
        .where(or_(today, and_(credit_type == CreditType.SUBSCRIPTION, period.is_not(None))))
        .group_by(credit_type)
    )
    return {found: last for found, last in await session.exec(statement) if last is not None}


async def _close(session: AsyncSession, user_id: UUID, reservation_id: UUID) -> Sequence[CreditEntry]:
    """Delete the reservation and return the lines that it stands for; none where a twin was faster."""
    first, last = col(CreditReservation.first_sequence), col(CreditReservation.last_sequence)
    closing = delete(CreditReservation).where(col(CreditReservation.id) == reservation_id).returning(first, last)
    closed = (await session.exec(closing)).one_or_none()
    if closed is None:
        return ()
    sequence = col(CreditEntry.sequence)
    lines = select(CreditEntry).where(CreditEntry.user_id == user_id, sequence.between(*closed)).order_by(sequence)
    return (await session.exec(lines)).all()
