"""Users and the refresh tokens that keep them signed in."""

from uuid import UUID

from sqlmodel import Field

from src.clock import Timestamp
from src.models.base import Record, enum_type
from src.schemas.enums import UserTier


class User(Record, table=True):
    __tablename__ = "users"

    email: str = Field(max_length=320, unique=True)
    """Lower case: one person, one row."""
    subject: str | None = Field(default=None, max_length=255, unique=True)
    """The identity provider's `sub`; empty until the first sign-in through it."""
    name: str = Field(max_length=100)
    avatar_url: str | None = Field(default=None, max_length=2048)
    timezone: str = Field(default="UTC", max_length=64)
    tier: UserTier = Field(default=UserTier.FREE, sa_type=enum_type(UserTier))


class RefreshToken(Record, table=True):
    """One link of a rotation chain; the chain is a family, one per signed-in device."""

    __tablename__ = "refresh_tokens"

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    family_id: UUID = Field(index=True)
    token_hash: str = Field(max_length=64, unique=True)
    """SHA-256 of the token: 256 random bits need no salt and no slow hash."""
    expires_at: Timestamp = Field(index=True)
    used_at: Timestamp | None = None
    revoked_at: Timestamp | None = None
