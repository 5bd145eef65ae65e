"""Answers kept for their Idempotency-Key."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from src.clock import Timestamp
from src.models.base import Record


class IdempotencyKey(Record, table=True):
    """One request that a user named, and its answer once there is one."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (sa.UniqueConstraint("user_id", "key"),)

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    key: str = Field(max_length=255)
    fingerprint: str = Field(max_length=64)
    """SHA-256 of method, path, query and body: another request under the same key is a mistake."""
    status: int | None = None
    """Empty while the work is being done outside a transaction."""
    body: bytes = b""
    media_type: str | None = Field(default=None, max_length=100)
    expires_at: Timestamp = Field(index=True)
    """Until when the answer is kept, or the work may take. After it the key is as new."""
