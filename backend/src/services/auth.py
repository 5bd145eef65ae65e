"""Signing in, staying signed in, signing out. A refresh token works once; a spent one gives the thief away."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid4

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from src.db import delete_some, fetch_one
from src.errors import InvalidRefreshToken, RefreshTokenReused
from src.integrations.identity import Identity
from src.models.user import RefreshToken, User
from src.rules import Rules
from src.services import users
from src.tokens import AccessTokens


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A user with a fresh pair of tokens. The refresh token exists in clear text only here and at the client."""

    user: User
    access_token: str
    refresh_token: str
    expires_in: int
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 a kind of token, not one


async def sign_in(
    session: AsyncSession, tokens: AccessTokens, identity: Identity, *, rules: Rules, now: datetime
) -> SignedIn:
    """Start a family of refresh tokens for this device; other devices stay signed in."""
    user = await users.ensure(session, identity, rules=rules, now=now)
    return await _grant(session, tokens, user, uuid4(), rules=rules, now=now)


async def refresh(
    session: AsyncSession, tokens: AccessTokens, refresh_token: str, *, rules: Rules, now: datetime
) -> SignedIn:
    """Spend a refresh token for a new pair. Raises RefreshTokenReused and revokes the family if it was spent before.

    The UPDATE decides who spends it: of two requests at once, one gets the pair and the other is the thief.
    """
    spend = (
        update(RefreshToken)
        .where(col(RefreshToken.token_hash) == _digest(refresh_token), col(RefreshToken.used_at).is_(None))
        .where(col(RefreshToken.revoked_at).is_(None), col(RefreshToken.expires_at) > now)
        .values(used_at=now)
        .returning(col(RefreshToken.user_id), col(RefreshToken.family_id))
    )
    spent = (await session.exec(spend)).one_or_none()
    if spent is None:
        raise await _refusal(session, refresh_token, now)
    user = await fetch_one(session, select(User).where(User.id == spent.user_id), InvalidRefreshToken)
    return await _grant(session, tokens, user, spent.family_id, rules=rules, now=now)


async def sign_out(session: AsyncSession, refresh_token: str, *, now: datetime) -> None:
    """Revoke the family of *refresh_token*; an unknown one is already signed out."""
    family_id = await _family(session, refresh_token)
    if family_id is not None:
        await _revoke(session, family_id, now)


async def sweep(session: AsyncSession, *, now: datetime, limit: int) -> int:
    """Delete at most *limit* refresh tokens that have expired and return how many they were."""
    return await delete_some(session, RefreshToken, col(RefreshToken.expires_at) <= now, limit=limit)


async def _grant(
    session: AsyncSession, tokens: AccessTokens, user: User, family_id: UUID, *, rules: Rules, now: datetime
) -> SignedIn:
    refresh_token = secrets.token_urlsafe(32)
    session.add(
        RefreshToken(
            user_id=user.id,
            family_id=family_id,
            token_hash=_digest(refresh_token),
            expires_at=now + timedelta(seconds=rules.refresh_token_ttl_seconds),
        )
    )
    await session.flush()
    return SignedIn(user, tokens.issue(user.id, user.tier, now), refresh_token, tokens.ttl_seconds)


async def _refusal(session: AsyncSession, refresh_token: str, now: datetime) -> InvalidRefreshToken:
    """Why the token was not spent. One that was spent before has been copied: its family ends here."""
    statement = select(RefreshToken).where(RefreshToken.token_hash == _digest(refresh_token))
    token = await fetch_one(session, statement, InvalidRefreshToken)
    if token.used_at is None:
        return InvalidRefreshToken()
    await _revoke(session, token.family_id, now)
    return RefreshTokenReused()


async def _family(session: AsyncSession, refresh_token: str) -> UUID | None:
    statement = select(RefreshToken.family_id).where(RefreshToken.token_hash == _digest(refresh_token))
    return (await session.exec(statement)).one_or_none()


async def _revoke(session: AsyncSession, family_id: UUID, now: datetime) -> None:
    """End the family, and again until nothing is left of it.

    An UPDATE waits for a refresh under way, which holds the row that it spends, but does not see the token it made.
    """
    living = col(RefreshToken.family_id) == family_id, col(RefreshToken.revoked_at).is_(None)
    ending = update(RefreshToken).where(*living).values(revoked_at=now)
    while (await session.exec(ending)).rowcount:
        continue


def _digest(refresh_token: str) -> str:
    return hashlib.sha256(refresh_token.encode()).hexdigest()
