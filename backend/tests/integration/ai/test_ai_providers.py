"""Three providers, one behaviour; and what the real one makes of servers that misbehave."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx2
import pytest

from src.errors import AIServiceError, AIServiceUnavailableError
from src.integrations.ai import Action, AIProvider, Question, Reply, TaskBrief
from src.integrations.ai_offline import OfflineAI
from src.integrations.ai_openai import OpenAICompatible
from src.schemas.enums import ActionType, TaskPriority
from tests.ai_server import AIServer, Play, ai_server, completion, drop, hang, reply, streamed
from tests.fake_ai import FakeAI

TASK_ID = UUID("8a7d3c1e-2f4b-4c59-9d0a-6e1b5f7a9c30")
TASK = TaskBrief(TASK_ID, "Write the report", "For the board", TaskPriority.HIGH, datetime(2025, 1, 31, tzinfo=UTC))
QUESTION = Question("What next?", [TASK], datetime(2025, 2, 1, tzinfo=UTC))
ACTION = {"type": "complete_task", "task_id": str(TASK_ID), "description": "Tick it off"}
ANSWER = f"Begin with the report.\n<actions>{json.dumps([ACTION])}</actions>"
TITLES = json.dumps([f"Step {number}" for number in range(12)])


@asynccontextmanager
async def real(*script: bytes | Play, **options: Any) -> AsyncGenerator[tuple[OpenAICompatible, AIServer]]:
    """Yield the real client and the server that it talks to."""
    settings = {"api_key": "key", "model": "small", "timeout_seconds": 20, "backoff_seconds": 0.01, **options}
    async with ai_server(*script) as server, httpx2.AsyncClient() as client:
        yield OpenAICompatible(client, base_url=server.base_url, **settings), server


@pytest.fixture(params=["fake", "offline", "real"])
async def provider(request: pytest.FixtureRequest) -> AsyncIterator[AIProvider]:
    if request.param == "fake":
        action = Action(ActionType.COMPLETE_TASK, "Tick it off", TASK_ID)
        yield FakeAI([f"Step {number}" for number in range(12)], Reply("Begin with the report.", [action]))
    elif request.param == "offline":
        yield OfflineAI()
    else:

        async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked = server.requests[-1]
            answer = TITLES if "You split a task" in asked["messages"][0]["content"] else ANSWER
            if asked["stream"]:
                await streamed(*(answer[at : at + 5] for at in range(0, len(answer), 5)))(reader, writer)
            else:
                writer.write(completion(answer))

        async with real(play) as (client, server):
            yield client


async def collect(provider: AIProvider) -> list[str | Reply]:
    async with provider.stream(QUESTION) as pieces:
        return [piece async for piece in pieces]


async def test_provider_suggests_distinct_titles_and_not_too_many(provider: AIProvider) -> None:
    titles = await provider.suggest_subtasks(TASK, at_most=4)
    assert len(set(titles)) == 4
    assert all(0 < len(title.strip()) <= 200 for title in titles)


async def test_provider_answers_and_offers_actions_on_the_tasks_it_was_shown(provider: AIProvider) -> None:
    answer = await provider.chat(QUESTION)
    assert answer.text.strip() == answer.text != ""
    assert [action.task_id for action in answer.actions[:1]] == [TASK_ID]
    assert all(action.description for action in answer.actions)


async def test_provider_streams_what_it_would_have_answered(provider: AIProvider) -> None:
    *pieces, last = await collect(provider)
    assert last == await provider.chat(QUESTION)
    assert "".join(str(piece) for piece in pieces) == last.text  # pyright: ignore[reportAttributeAccessIssue] the last is a Reply
    assert len(pieces) > 1


async def test_real_one_sends_model_key_and_facts() -> None:
    async with real(completion(ANSWER)) as (client, server):
        await client.chat(QUESTION)
    assert "authorization: bearer key" in server.headers[0].lower()
    assert server.requests[0]["model"] == "small"
    facts = json.loads(server.requests[0]["messages"][1]["content"])
    assert facts["message"] == "What next?"
    assert facts["tasks"][0]["title"] == "Write the report"


@pytest.mark.parametrize(
    "failure",
    [reply("busy", "429 Too Many Requests", Retry_After="0"), reply("oops", "500 Internal Server Error"), drop],
    ids=["429", "500", "drop"],
)
async def test_passing_failure_is_tried_again(failure: bytes | Play) -> None:
    async with real(failure, failure, completion(ANSWER)) as (client, server):
        assert (await client.chat(QUESTION)).text == "Begin with the report."
        assert len(server.requests) == 3


async def test_lasting_failure_is_given_up_after_three_attempts() -> None:
    async with real(reply("oops", "503 Service Unavailable")) as (client, server):
        with pytest.raises(AIServiceUnavailableError):
            await client.chat(QUESTION)
        assert len(server.requests) == 3


async def test_refused_connection_is_unavailable() -> None:
    async with real(b"") as (_, server):
        pass
    async with httpx2.AsyncClient() as client:
        gone = OpenAICompatible(
            client, base_url=server.base_url, api_key="", model="m", timeout_seconds=20, backoff_seconds=0.01
        )
        with pytest.raises(AIServiceUnavailableError):
            await gone.chat(QUESTION)


async def test_retry_after_is_waited_for() -> None:
    async with real(reply("busy", "429 Too Many Requests", Retry_After="1"), completion(ANSWER)) as (client, _):
        began = asyncio.get_running_loop().time()
        await client.chat(QUESTION)
        assert asyncio.get_running_loop().time() - began >= 1


async def test_retry_after_beyond_the_time_limit_is_not_waited_for() -> None:
    async with real(reply("busy", "429 Too Many Requests", Retry_After="3600")) as (client, server):
        with pytest.raises(AIServiceUnavailableError):
            await client.chat(QUESTION)
        assert len(server.requests) == 1


async def test_refusal_is_not_tried_again() -> None:
    async with real(reply("no such key", "401 Unauthorized")) as (client, server):
        with pytest.raises(AIServiceError) as raised:
            await client.chat(QUESTION)
        assert type(raised.value) is AIServiceError
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "body",
    [reply("{"), reply("{}"), reply('{"choices": []}'), completion(""), reply("\xff".encode("latin-1"))],
    ids=["malformed", "no choices", "empty choices", "empty text", "not utf-8"],
)
async def test_answer_of_no_use_is_an_error(body: bytes) -> None:
    async with real(body) as (client, _):
        with pytest.raises(AIServiceError) as raised:
            await client.chat(QUESTION)
        assert type(raised.value) is AIServiceError


@pytest.mark.parametrize("text", ["Sure! First write, then check.", "[1, 2]", '["  "]', "[not json]"])
async def test_answer_that_ignores_the_asked_format_is_an_error(text: str) -> None:
    async with real(completion(text)) as (client, _):
        with pytest.raises(AIServiceError):
            await client.suggest_subtasks(TASK, at_most=4)


async def test_titles_are_found_in_whatever_stands_around_them() -> None:
    async with real(completion('Here you are:\n```json\n{"subtasks": [" A ", "B", "A", ""]}\n```')) as (client, _):
        assert await client.suggest_subtasks(TASK, at_most=4) == ["A", "B"]


async def test_hanging_server_is_given_up_in_time() -> None:
    async with real(hang, timeout_seconds=0.2) as (client, _):
        with pytest.raises(AIServiceUnavailableError):
            await client.chat(QUESTION)
        with pytest.raises(AIServiceUnavailableError):
            await collect(client)


async def test_time_limit_covers_the_whole_stream() -> None:
    never = asyncio.Event()
    async with real(streamed("Begin", " now", pause=never), timeout_seconds=0.3) as (client, _):
        async with client.stream(QUESTION) as pieces:
            assert await anext(pieces) == "Begin"
            with pytest.raises(AIServiceUnavailableError):
                await anext(pieces)
        never.set()


@pytest.mark.parametrize(
    "end", ["", "data: {}\n\n", "data: oops\n\n", 'data: {"error": {"message": "overloaded"}}\n\n']
)
async def test_stream_that_breaks_off_is_an_error(end: str) -> None:
    async with real(streamed("Begin", " now", end=end)) as (client, _):
        with pytest.raises(AIServiceError):
            await collect(client)


async def test_stream_without_its_end_mark_is_unavailable() -> None:
    async with real(streamed("Begin", " now", end=": that was all\n\n")) as (client, _):
        with pytest.raises(AIServiceUnavailableError):
            await collect(client)


async def test_answer_that_is_no_stream_is_an_error() -> None:
    async with real(completion(ANSWER)) as (client, _):
        with pytest.raises(AIServiceError) as raised:
            await collect(client)
        assert type(raised.value) is AIServiceError


async def test_leaving_a_stream_hangs_up() -> None:
    hung_up = asyncio.Event()

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await streamed("Begin", end=": more will come\n\n", ends=False)(reader, writer)
        await hang(reader, writer)
        hung_up.set()

    async with real(play) as (client, _):
        async with client.stream(QUESTION) as pieces:
            assert await anext(pieces) == "Begin"
        await asyncio.wait_for(hung_up.wait(), timeout=10)
