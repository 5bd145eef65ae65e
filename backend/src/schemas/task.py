"""Tasks and subtasks on the wire."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, Strict, StringConstraints

from src.clock import Timestamp
from src.schemas.achievement import AchievementUnlock
from src.schemas.base import Flag, Input, PageQuery, Patch, Schema, Version, omittable
from src.schemas.enums import CompletedBy, SubtaskSource, TaskPriority

TITLE_LENGTH = 200

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TITLE_LENGTH)]
Description = Annotated[
    str, Field(max_length=2000, description="At most 1000 characters on the free tier, 2000 on pro.")
]
Minutes = Annotated[int, Strict(), Field(ge=1, le=720, description="Minutes.")]


class TaskCreate(Input):
    title: Title
    description: Description = ""
    priority: TaskPriority = TaskPriority.MEDIUM
    due_date: Timestamp | None = None
    estimated_duration: Minutes | None = None


class TaskUpdate(Patch):
    title: Title = omittable()
    description: Description = omittable()
    priority: TaskPriority = omittable()
    due_date: Timestamp | None = omittable()
    estimated_duration: Minutes | None = omittable()
    archived: Flag = omittable()
    version: Version


class TaskVersion(Input):
    """For an action on a task as it was read."""

    version: Version


class TaskFilter(PageQuery):
    """Which tasks a listing holds. Both due bounds are exclusive."""

    completed: bool | None = None
    priority: TaskPriority | None = None
    archived: bool = False
    due_before: Timestamp | None = None
    due_after: Timestamp | None = None


class SubtaskCreate(Input):
    title: Title
    source: SubtaskSource = SubtaskSource.USER


class SubtaskUpdate(Patch):
    title: Title = omittable()
    completed: Flag = omittable()


class SubtaskOrder(Input):
    subtask_ids: list[UUID] = Field(
        max_length=1000, description="The ids of all subtasks of the task, in the new order."
    )


class SubtaskRead(Schema):
    id: UUID
    task_id: UUID
    title: str
    completed: bool
    completed_at: Timestamp | None
    order_index: int = Field(description="Gapless from 0.")
    source: SubtaskSource
    created_at: Timestamp
    updated_at: Timestamp


class TaskRead(Schema):
    id: UUID
    user_id: UUID
    title: str
    description: str
    priority: TaskPriority
    due_date: Timestamp | None
    estimated_duration: int | None = Field(description="Minutes.")
    focus_time_seconds: int
    completed: bool
    completed_at: Timestamp | None
    completed_by: CompletedBy | None
    archived: bool
    subtask_count: int
    subtask_completed_count: int
    version: int
    created_at: Timestamp
    updated_at: Timestamp


class TaskDetail(TaskRead):
    subtasks: list[SubtaskRead]


class TaskCompletionResponse(Schema):
    """A completed task and what its completion brought: the one envelope without `data`."""

    task: TaskDetail
    unlocked_achievements: list[AchievementUnlock]
    streak: int = Field(description="Days in a row with a completion, today included.")

    @classmethod
    def of(cls, source: object) -> Self:
        return cls.model_validate(source)
