"""Idempotency keys: a request that is named by its client is worked on once, and answered as often as it is asked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.exc import IntegrityError
from sqlmodel import and_, col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from src.db import delete_some, try_lock
from src.errors import IdempotencyInProgress, IdempotencyKeyReused, Unauthorized
from src.models.idempotency import IdempotencyKey
from src.services import users


@dataclass(frozen=True, slots=True)
class Named:
    """A request that its user has given a name."""

    user_id: UUID
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    media_type: str | None


async def find(session: AsyncSession, named: Named, *, now: datetime) -> Answer | None:
    """The answer that was kept, or None for a new request, which no twin can start before this transaction ends.

    Raises IdempotencyInProgress while a twin is being worked on, IdempotencyKeyReused for another request.
    """
    if not await try_lock(session, f"idempotency {named.user_id} {named.key}"):
        raise IdempotencyInProgress
    by_name = select(IdempotencyKey).where(IdempotencyKey.user_id == named.user_id, IdempotencyKey.key == named.key)
    row = (await session.exec(by_name)).one_or_none()
    if row is None:
        return None
    if row.expires_at <= now:
        await session.delete(row)
        await session.flush()
        return None
    if row.fingerprint != named.fingerprint:
        raise IdempotencyKeyReused
    if row.status is None:
        raise IdempotencyInProgress
    return Answer(row.status, row.body, row.media_type)


async def keep(session: AsyncSession, named: Named, answer: Answer, *, expires_at: datetime) -> None:
    """Keep the answer of a request that `find` found to be new; both in the transaction of its work.

    Raises Unauthorized where the account is gone.
    """
    session.add(_row(named, expires_at, status=answer.status, body=answer.body, media_type=answer.media_type))
    try:
        await session.flush()
    except IntegrityError as error:
        raise Unauthorized from error


async def lease(session: AsyncSession, named: Named, *, now: datetime, seconds: float) -> UUID:
    """Announce work that will be done outside a transaction: twins are refused until it is done or time is over.

    Raises Unauthorized where the account is gone.
    """
    await users.get(session, named.user_id)
    row = _row(named, now + timedelta(seconds=seconds))
    session.add(row)
    await session.flush()
    return row.id


async def complete(session: AsyncSession, lease_id: UUID, answer: Answer, *, expires_at: datetime) -> None:
    """Keep the answer of leased work. Raises IdempotencyInProgress where the lease ran out and a twin took over."""
    done = {"status": answer.status, "body": answer.body, "media_type": answer.media_type, "expires_at": expires_at}
    completing = update(IdempotencyKey).where(_leased(lease_id)).values(**done)
    if not (await session.exec(completing)).rowcount:
        raise IdempotencyInProgress


async def release(session: AsyncSession, lease_id: UUID) -> None:
    """Forget leased work that came to nothing: the request may be sent again at once."""
    await session.exec(delete(IdempotencyKey).where(_leased(lease_id)))


async def sweep(session: AsyncSession, *, now: datetime, limit: int) -> int:
    """Delete at most *limit* keys that have expired and return how many they were."""
    return await delete_some(session, IdempotencyKey, col(IdempotencyKey.expires_at) <= now, limit=limit)


def _row(named: Named, expires_at: datetime, **answer: Any) -> IdempotencyKey:
    return IdempotencyKey(
        user_id=named.user_id, key=named.key, fingerprint=named.fingerprint, expires_at=expires_at, **answer
    )


def _leased(lease_id: UUID) -> ColumnElement[bool]:
    return and_(col(IdempotencyKey.id) == lease_id, col(IdempotencyKey.status).is_(None))
