"""The assistant over HTTP. Every call costs credits and must be named with an Idempotency-Key."""

from collections.abc import AsyncIterable

from fastapi import APIRouter
from fastapi.sse import EventSourceResponse, ServerSentEvent

from src.api.deps import AIDep, CurrentUser, DatabaseDep, Now, RulesDep, SessionDep
from src.api.leases import LeasedRoute
from src.api.streams import ChatStreamDep
from src.errors import (
    AIServiceError,
    AIServiceUnavailableError,
    InsufficientCredits,
    ServiceUnavailable,
    TaskNotFound,
    responses,
)
from src.schemas.ai import ChatRead, ChatRequest, SubtasksRequest, SubtaskSuggestions
from src.schemas.base import DataResponse
from src.services import assistant

PAID = responses(InsufficientCredits, AIServiceError, AIServiceUnavailableError, ServiceUnavailable)

router = APIRouter(prefix="/ai", tags=["ai"], route_class=LeasedRoute)


@router.post("/generate-subtasks", responses=responses(TaskNotFound, also=PAID))
async def generate_subtasks(
    database: DatabaseDep,
    session: SessionDep,
    ai: AIDep,
    user: CurrentUser,
    rules: RulesDep,
    now: Now,
    data: SubtasksRequest,
) -> DataResponse[SubtaskSuggestions]:
    """Suggest steps towards a task. None is created: create those that the user picks."""
    found = await assistant.suggest_subtasks(database, session, ai, user.id, data.task_id, rules=rules, now=now)
    return DataResponse[SubtaskSuggestions].of(found)


@router.post("/chat", responses=PAID)
async def chat(
    database: DatabaseDep,
    session: SessionDep,
    ai: AIDep,
    user: CurrentUser,
    rules: RulesDep,
    now: Now,
    data: ChatRequest,
) -> DataResponse[ChatRead]:
    """Ask the assistant. It sees the caller's tasks only where `context` allows it, and changes nothing."""
    answer = await assistant.chat(database, session, ai, user.id, data, rules=rules, now=now)
    return DataResponse[ChatRead].of(answer)


@router.post("/chat/stream", response_class=EventSourceResponse, responses=PAID)
async def stream_chat(stream: ChatStreamDep) -> AsyncIterable[ServerSentEvent]:
    """Ask the assistant and read the answer while it is being written, as server-sent events."""
    async for event in stream.events():
        yield event
