"""Questions to the assistant and its answers on the wire."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, Strict, StringConstraints

from src.schemas.base import Flag, Input, Schema
from src.schemas.enums import ActionType

ChatMessage = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class SubtasksRequest(Input):
    task_id: UUID


class ChatContext(Input):
    """What the assistant may look at."""

    include_tasks: Flag = Field(default=False, description="Show the assistant the open tasks, newest first.")
    task_limit: Annotated[int, Strict(), Field(ge=1, le=50)] = 10


class ChatRequest(Input):
    message: ChatMessage
    context: ChatContext | None = None


class SuggestedSubtask(Schema):
    title: str


class SubtaskSuggestions(Schema):
    suggested_subtasks: list[SuggestedSubtask]
    credits_used: int
    credits_remaining: int


class SuggestedAction(Schema):
    type: ActionType
    task_id: UUID | None = Field(description="The task that the action is about; `null` for `create_task`.")
    description: str = Field(description="What will happen, as a sentence to show on a button.")
    data: dict[str, Any] = Field(
        description="`title` for `create_task`, `titles` (a list) for `add_subtasks`, empty for the others."
    )


class ChatRead(Schema):
    response: str
    suggested_actions: list[SuggestedAction]
    credits_used: int
    credits_remaining: int


class ChatDelta(Schema):
    """The payload of a `delta` event."""

    text: str
