"""Goals: each belongs to the user who made it."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from src.clock import Timestamp
from src.models.base import VersionedRecord, enum_type
from src.schemas.enums import GoalStatus


class Goal(VersionedRecord, table=True):
    __tablename__ = "goals"
    __table_args__ = (sa.Index(None, "user_id", "created_at", "id"),)

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    title: str = Field(max_length=200)
    status: GoalStatus = Field(default=GoalStatus.ACTIVE, sa_type=enum_type(GoalStatus))
    due_at: Timestamp | None = None
