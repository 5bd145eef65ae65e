"""Goals on the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from src.clock import Timestamp
from src.schemas.base import Input, PageQuery, Patch, Schema, Version, omittable
from src.schemas.enums import GoalStatus

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class GoalCreate(Input):
    title: Title
    status: GoalStatus = GoalStatus.ACTIVE
    due_at: Timestamp | None = None


class GoalUpdate(Patch):
    title: Title = omittable()
    status: GoalStatus = omittable()
    due_at: Timestamp | None = omittable()
    version: Version


class GoalFilter(PageQuery):
    """Which goals a listing holds."""

    status: GoalStatus | None = None


class GoalRead(Schema):
    id: UUID
    user_id: UUID
    title: str
    status: GoalStatus
    due_at: Timestamp | None
    version: int
    created_at: Timestamp
    updated_at: Timestamp
