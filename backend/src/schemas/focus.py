"""Focus sessions on the wire."""

from uuid import UUID

from src.clock import Timestamp
from src.schemas.base import Input, Schema


class FocusStart(Input):
    task_id: UUID


class FocusSessionRead(Schema):
    id: UUID
    user_id: UUID
    task_id: UUID
    started_at: Timestamp
    ended_at: Timestamp | None
    duration_seconds: int | None
    created_at: Timestamp
    updated_at: Timestamp
