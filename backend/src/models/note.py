"""Notes: a thought that is kept, and perhaps becomes a task."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from src.clock import Timestamp
from src.models.base import VersionedRecord


class Note(VersionedRecord, table=True):
    __tablename__ = "notes"
    __table_args__ = (sa.Index(None, "user_id", "created_at", "id"),)

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    content: str = Field(max_length=2000)
    archived: bool = False
    converted_at: Timestamp | None = None
    """When the note became a task for the first time: the only time that counts in the statistics."""

    @property
    def takes_room(self) -> bool:
        """Whether the note counts against its owner's limit."""
        return not self.archived
