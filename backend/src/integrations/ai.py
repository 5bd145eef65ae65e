"""What the product asks of an AI, whoever answers."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from src.schemas.enums import ActionType, TaskPriority


@dataclass(frozen=True, slots=True)
class TaskBrief:
    """What an AI is told about a task."""

    id: UUID
    title: str
    description: str
    priority: TaskPriority
    due_date: datetime | None


@dataclass(frozen=True, slots=True)
class Question:
    message: str
    tasks: Sequence[TaskBrief]
    """Open tasks of the user, newest first; empty where the user does not share them."""
    now: datetime


@dataclass(frozen=True, slots=True)
class Action:
    """Something that the user could do next with one click."""

    type: ActionType
    description: str
    task_id: UUID | None = None
    data: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class Reply:
    text: str
    actions: Sequence[Action] = ()


Pieces = AsyncIterator[str | Reply]
"""Pieces of the text as they come, and at the end the whole Reply."""


class AIProvider(Protocol):
    """Every method raises AIServiceUnavailableError when no answer comes, AIServiceError when it is of no use."""

    async def suggest_subtasks(self, task: TaskBrief, *, at_most: int) -> Sequence[str]:
        """Titles of steps towards *task*, the first one first."""
        ...

    async def chat(self, question: Question) -> Reply: ...

    def stream(self, question: Question) -> AbstractAsyncContextManager[Pieces]:
        """Like `chat`, in pieces. Entering raises what keeps the answer from starting; leaving ends it."""
        ...
