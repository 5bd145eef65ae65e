"""Users: found by the identity that signs in, and what they may change about themselves."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from src.db import fetch_one, locked
from src.errors import AppError, Unauthorized
from src.integrations.identity import Identity
from src.models.user import User
from src.rules import Rules
from src.schemas.user import UserUpdate
from src.services import ledger


async def get(session: AsyncSession, user_id: UUID) -> User:
    """Raises Unauthorized where the account behind a valid token is gone."""
    return await fetch_one(session, select(User).where(User.id == user_id), Unauthorized)


async def lock(session: AsyncSession, user_id: UUID, missing: type[AppError] = Unauthorized) -> User:
    """The user, locked until the transaction ends: what is counted per user cannot change meanwhile.

    Where more than one row is locked, the order is user, then task: a fixed order cannot deadlock.
    """
    return await fetch_one(session, locked(select(User).where(User.id == user_id), User), missing)


async def update(session: AsyncSession, user_id: UUID, data: UserUpdate) -> User:
    user = await get(session, user_id)
    user.sqlmodel_update(data.changes())
    await session.flush()
    return user


async def ensure(session: AsyncSession, identity: Identity, *, rules: Rules, now: datetime) -> User:
    """The user of *identity*, made with their first credits at the first sign-in, also when two run at once."""
    user = await _find(session, identity)
    if user is None:
        try:
            async with session.begin_nested():
                await _create(session, identity, rules=rules, now=now)
        except IntegrityError:
            pass  # The twin was faster: its row is the one.
        user = await fetch_one(session, _by_identity(identity), Unauthorized)
    if user.subject is None and identity.subject is not None:
        user.subject = identity.subject
        await session.flush()
    return user


async def _create(session: AsyncSession, identity: Identity, *, rules: Rules, now: datetime) -> None:
    user = User(
        email=identity.email,
        subject=identity.subject,
        name=identity.name,
        avatar_url=identity.avatar_url,
        created_at=now,
        updated_at=now,
    )
    session.add(user)
    await session.flush()
    session.add_all(ledger.opened(user.id, rules=rules, now=now).written)
    await session.flush()


async def _find(session: AsyncSession, identity: Identity) -> User | None:
    return (await session.exec(_by_identity(identity))).first()


def _by_identity(identity: Identity) -> SelectOfScalar[User]:
    """The row with the subject comes first: an address can move to another person, a subject cannot.

    The development sign-in has no subject, and `subject = NULL` must not match the rows that have none either.
    """
    if identity.subject is None:
        return select(User).where(User.email == identity.email)
    same_subject = col(User.subject) == identity.subject
    same = or_(same_subject, col(User.email) == identity.email)
    return select(User).where(same).order_by(same_subject.desc().nulls_last()).limit(1)
