"""Tombstones: what was deleted, kept whole for a while."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from src.clock import Timestamp
from src.db import leaves
from src.models.base import Record, enum_type
from src.schemas.enums import TombstoneEntityType


class Tombstone(Record, table=True):
    __tablename__ = "tombstones"
    __table_args__ = (sa.Index(None, "user_id", "deleted_at", "id"),)

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    entity_type: TombstoneEntityType = Field(sa_type=enum_type(TombstoneEntityType))
    entity_id: UUID = Field(unique=True)
    deleted_at: Timestamp
    recoverable_until: Timestamp = Field(index=True)
    snapshot: dict[str, Any] = Field(sa_type=sa.JSON)
    """The row and everything that was deleted with it: see `services.snapshots`."""


LISTED_TOMBSTONE = leaves(Tombstone.snapshot)
