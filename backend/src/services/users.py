"""Users: found by the identity that signs in, and what they may change about themselves."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from src.db import fetch_one, locked
from src.errors import AppError, Conflict, Unauthorized
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
    """The user of *identity*, made with their first credits at the first sign-in, also when several run at once.

    Raises Conflict where the address belongs to somebody else's account.
    """
    user = await _find(session, identity)
    if user is None:
        try:
            async with session.begin_nested():
                await _create(session, identity, rules=rules, now=now)
        except IntegrityError:
            pass  # The twin was faster, and its row is the one; or the address is taken, and there is none.
        user = await _find(session, identity)
    if user is None:
        raise Conflict("This email address belongs to another account. Sign in with the identity that made it.")
    return user if identity.subject is None else await _follow(session, user, identity)


async def _follow(session: AsyncSession, user: User, identity: Identity) -> User:
    """Take over what the issuer says of the person today. The name stays: it is the user's own to change."""
    user_id, user.subject, user.avatar_url = user.id, identity.subject, identity.avatar_url
    await session.flush()
    if user.email == identity.email:
        return user
    try:
        async with session.begin_nested():
            user.email = identity.email
    except IntegrityError:
        pass  # Somebody else's account has the address: this one keeps the address it had.
    return await get(session, user_id)


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
    """The row of the subject, or else a row with the address that no subject has claimed.

    An address can move to another person, a subject cannot: an address alone opens nobody's account. The lock makes
    two subjects that claim one row at once take turns.
    """
    same_email = col(User.email) == identity.email
    if identity.subject is None:  # the development sign-in
        return select(User).where(same_email)
    same_subject = col(User.subject) == identity.subject
    claimable = and_(same_email, col(User.subject).is_(None))
    claimed_first = select(User).where(or_(same_subject, claimable)).order_by(col(User.subject).nulls_last()).limit(1)
    return locked(claimed_first, User)
