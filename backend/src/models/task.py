"""Tasks and their subtasks."""

from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import column_property
from sqlmodel import Field, col

from src.clock import Timestamp
from src.db import joins
from src.models.base import Record, VersionedRecord, enum_type, related
from src.schemas.enums import CompletedBy, SubtaskSource, TaskPriority

_IS_OPEN = sa.text("completed_at IS NULL AND NOT archived")


class Task(VersionedRecord, table=True):
    __tablename__ = "tasks"
    __table_args__ = (
        sa.Index(None, "user_id", "created_at", "id"),
        sa.Index("ix_tasks_open", "user_id", postgresql_where=_IS_OPEN, sqlite_where=_IS_OPEN),
    )

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    title: str = Field(max_length=200)
    description: str = Field(default="", max_length=2000)
    priority: TaskPriority = Field(default=TaskPriority.MEDIUM, sa_type=enum_type(TaskPriority))
    due_date: Timestamp | None = None
    estimated_duration: int | None = None
    """Minutes."""
    focus_time_seconds: int = 0
    completed_at: Timestamp | None = None
    completed_by: CompletedBy | None = Field(default=None, sa_type=enum_type(CompletedBy))
    counted_at: Timestamp | None = None
    """When the statistics counted the task: once in its life, however often it is reopened."""
    archived: bool = False

    subtasks: list["Subtask"] = related(
        "task", order_by="Subtask.order_index", cascade="all, delete-orphan", passive_deletes=True
    )

    if TYPE_CHECKING:
        subtask_count: ClassVar[Any]
        subtask_completed_count: ClassVar[Any]

    @property
    def completed(self) -> bool:
        return self.completed_at is not None

    @property
    def takes_room(self) -> bool:
        """Whether the task counts against its owner's limit."""
        return not self.completed and not self.archived


class Subtask(Record, table=True):
    __tablename__ = "subtasks"
    __table_args__ = (sa.UniqueConstraint("task_id", "order_index"),)

    task_id: UUID = Field(foreign_key="tasks.id", ondelete="CASCADE")
    title: str = Field(max_length=200)
    completed_at: Timestamp | None = None
    order_index: int
    source: SubtaskSource = Field(default=SubtaskSource.USER, sa_type=enum_type(SubtaskSource))

    task: Task = related("subtasks")

    @property
    def completed(self) -> bool:
        return self.completed_at is not None


_of_task = sa.select(sa.func.count()).where(col(Subtask.task_id) == Task.id).correlate_except(Subtask)
Task.subtask_count = column_property(_of_task.scalar_subquery())
Task.subtask_completed_count = column_property(_of_task.where(col(Subtask.completed_at).is_not(None)).scalar_subquery())

TASK_DETAIL = joins(Task.subtasks)
