"""Focus sessions: stretches of time that a user gives to one task."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from src.clock import Timestamp
from src.models.base import Record

_IS_ACTIVE = sa.text("ended_at IS NULL")


class FocusSession(Record, table=True):
    """Active until it has ended. The unique index decides that a user has one active session at most."""

    __tablename__ = "focus_sessions"
    __table_args__ = (
        sa.Index(
            "uq_focus_sessions_active", "user_id", unique=True, postgresql_where=_IS_ACTIVE, sqlite_where=_IS_ACTIVE
        ),
    )

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    task_id: UUID = Field(foreign_key="tasks.id", ondelete="CASCADE", index=True)
    started_at: Timestamp
    ended_at: Timestamp | None = None

    @property
    def duration_seconds(self) -> int | None:
        return None if self.ended_at is None else int((self.ended_at - self.started_at).total_seconds())
