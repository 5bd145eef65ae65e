"""An AI behind the chat completions protocol that OpenAI made common: hosted or local, any base URL."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import httpx2
from pydantic import BaseModel, ValidationError

from src.errors import AIServiceError, AIServiceUnavailableError
from src.integrations import ai_answers, ai_prompts
from src.integrations.ai import Pieces, Question, Reply, TaskBrief
from src.integrations.ai_answers import ReplyReader

ATTEMPTS = 3
END = "[DONE]"


class Message(BaseModel):
    content: str | None = None


class Choice(BaseModel):
    message: Message = Message()
    delta: Message = Message()
    """A piece of the message, where it is streamed."""


class Completion(BaseModel):
    """The part of an answer that matters here."""

    choices: list[Choice]

    def text(self) -> str:
        return "".join((choice.delta.content or choice.message.content or "") for choice in self.choices[:1])


class OpenAICompatible:
    """Implements AIProvider. One time limit covers a whole call: attempts, pauses between them and the answer."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        *,
        base_url: str,
        api_key: str,
        model: str,
        timeout_seconds: float,
        backoff_seconds: float = 0.5,
    ) -> None:
        self._client = client
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._model = model
        self._timeout_seconds = timeout_seconds
        self._backoff_seconds = backoff_seconds

    async def suggest_subtasks(self, task: TaskBrief, *, at_most: int) -> Sequence[str]:
        return ai_answers.titles(await self._complete(ai_prompts.subtasks(task, at_most)))[:at_most]

    async def chat(self, question: Question) -> Reply:
        reader = ReplyReader()
        reader.feed(await self._complete(ai_prompts.chat(question)))
        return reader.reply()

    @asynccontextmanager
    async def stream(self, question: Question) -> AsyncGenerator[Pieces]:
        deadline = self._deadline()
        async with self._answer(ai_prompts.chat(question), deadline, stream=True) as response:
            yield _pieces(response, deadline)

    async def _complete(self, messages: ai_prompts.Messages) -> str:
        deadline = self._deadline()
        async with self._answer(messages, deadline, stream=False) as response, _in_time(deadline):
            return _parse(await response.aread()).text()

    @asynccontextmanager
    async def _answer(
        self, messages: ai_prompts.Messages, deadline: float, *, stream: bool
    ) -> AsyncGenerator[httpx2.Response]:
        """A good answer whose body is still to be read."""
        body: dict[str, Any] = {"model": self._model, "messages": messages, "stream": stream}
        async with _in_time(deadline):
            response = await self._ask(body, deadline)
        try:
            yield response
        finally:
            await response.aclose()

    async def _ask(self, body: dict[str, Any], deadline: float) -> httpx2.Response:
        """Ask again where asking again can help: no connection, 429, 5xx."""
        for attempt in range(1, ATTEMPTS + 1):
            request = self._client.build_request("POST", self._url, json=body, headers=self._headers, timeout=None)
            try:
                response = await self._client.send(request, stream=True)
            except httpx2.TransportError as error:
                cause: Exception = error
                pause = self._backoff(attempt)
            else:
                if response.status_code == HTTPStatus.OK:
                    return response
                await response.aclose()
                cause = _refusal(response)
                pause = max(_asked_for(response), self._backoff(attempt))
            if attempt == ATTEMPTS or asyncio.get_running_loop().time() + pause > deadline:
                raise AIServiceUnavailableError from cause
            await asyncio.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _backoff(self, attempt: int) -> float:
        """Longer each time, and never two callers in step."""
        return self._backoff_seconds * 2 ** (attempt - 1) * random.uniform(0.5, 1)  # noqa: S311 no secret

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self._timeout_seconds


@asynccontextmanager
async def _in_time(deadline: float) -> AsyncGenerator[None]:
    """No answer in time, or a connection that breaks, is an AI that cannot be reached."""
    try:
        async with asyncio.timeout_at(deadline):
            yield
    except (httpx2.SSEError, httpx2.DecodingError) as error:
        raise AIServiceError from error
    except (TimeoutError, httpx2.TransportError) as error:
        raise AIServiceUnavailableError from error


async def _pieces(response: httpx2.Response, deadline: float) -> Pieces:
    reader, events = ReplyReader(), aiter(httpx2.EventSource(response))
    while (piece := await _next(events, deadline)) is not None:
        if fresh := reader.feed(piece):
            yield fresh
    if rest := reader.rest():
        yield rest
    yield reader.reply()


async def _next(events: AsyncIterator[httpx2.ServerSentEvent], deadline: float) -> str | None:
    """The next piece, or None behind the last. Raises AIServiceUnavailableError where the end is missing."""
    async with _in_time(deadline):
        event = await anext(events, None)
    if event is None:
        raise AIServiceUnavailableError
    return None if event.data == END else _parse(event.data).text()


def _parse(body: bytes | str) -> Completion:
    try:
        return Completion.model_validate_json(body)
    except ValidationError as error:
        raise AIServiceError from error


def _refusal(response: httpx2.Response) -> Exception:
    """What to tell of an answer that is not 200. Raises AIServiceError at once where repeating would not help."""
    refusal = httpx2.HTTPStatusError(
        f"{response.status_code} from {response.url}", request=response.request, response=response
    )
    if response.status_code != HTTPStatus.TOO_MANY_REQUESTS and response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        raise AIServiceError from refusal
    return refusal


def _asked_for(response: httpx2.Response) -> float:
    """The seconds of Retry-After. Its other form, a date, is rare here: then the backoff decides."""
    given = response.headers.get("Retry-After", "")
    return float(given) if given.isdecimal() else 0.0
