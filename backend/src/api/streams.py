"""A chat as server-sent events: `delta` for each piece, then `done` with the whole answer, or `error`."""

import logging
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from fastapi.sse import ServerSentEvent, format_sse_event
from pydantic import BaseModel

from src.api import errors
from src.api.deps import AIDep, CurrentUser, DatabaseDep, Now, RulesDep
from src.api.leases import Lease
from src.db import Database
from src.errors import AppError, ServiceUnavailable
from src.schemas.ai import ChatDelta, ChatRead, ChatRequest
from src.schemas.base import DataResponse
from src.services import assistant
from src.services.assistant import Conversation
from src.services.idempotency import Answer

MEDIA_TYPE = "text/event-stream; charset=utf-8"

logger = logging.getLogger(__name__)


class ChatStream:
    """The events of one conversation, in order. What has been sent is kept under the request's name at the end."""

    def __init__(self, database: Database, conversation: Conversation, lease: Lease, request_id: str) -> None:
        self._database, self._conversation = database, conversation
        self._lease, self._request_id = lease, request_id
        self._sent = b""

    async def events(self) -> AsyncIterator[ServerSentEvent]:
        """Settle before `done` leaves: a client that has read it has paid, and one that has not can ask again."""
        try:
            async for text in self._conversation.texts():
                yield self._event("delta", ChatDelta(text=text))
            done = self._event("done", DataResponse[ChatRead].of(self._conversation.answer()))
            async with self._database.transaction() as session:
                await self._conversation.settle(session)
                await self._lease.complete(session, Answer(200, self._sent, MEDIA_TYPE))
            self._conversation.ended = True
            yield done
        except AppError as error:
            yield await self._failure(error)
        except Exception:
            logger.exception("unhandled exception in a stream")
            yield await self._failure(AppError())

    def _event(self, name: str, payload: BaseModel) -> ServerSentEvent:
        event = ServerSentEvent(event=name, raw_data=payload.model_dump_json())
        self._sent += format_sse_event(event=event.event, data_str=event.raw_data)
        return event

    async def _failure(self, error: AppError) -> ServerSentEvent:
        """The credit is back before the client reads that none was spent; where it cannot be, that is what it reads."""
        try:
            await self._conversation.give_up()
        except ServiceUnavailable as outage:
            error = outage
        body = errors.render(error, self._request_id).body
        return ServerSentEvent(event="error", raw_data=bytes(body).decode())


async def chat_stream(
    request: Request, database: DatabaseDep, ai: AIDep, user: CurrentUser, rules: RulesDep, now: Now, data: ChatRequest
) -> AsyncGenerator[ChatStream]:
    lease: Lease = request.state.lease
    async with assistant.conversation(database, ai, user.id, data, lease.id, rules=rules, now=now) as conversation:
        yield ChatStream(database, conversation, lease, request.state.request_id)


ChatStreamDep = Annotated[ChatStream, Depends(chat_stream)]
"""Left when the response has been sent, however that went: therefore the scope is the request's, not the function's."""
