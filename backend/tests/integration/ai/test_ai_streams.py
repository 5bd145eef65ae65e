"""The assistant's answer while it is being written, and what happens when somebody stops listening."""

import asyncio
import logging
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
import uvicorn

from src.errors import AIServiceError
from src.integrations.ai import Reply
from tests.assistant import CHAT, HELLO, STREAM, ask, events, open_work, total
from tests.fake_ai import FakeAI
from tests.harness import Served, commits_fail


async def test_stream_sends_pieces_and_then_what_chat_would_have_answered(
    app: Served, ai: FakeAI, ada: httpx2.AsyncClient
) -> None:
    streamed = await ask(ada, STREAM, HELLO)
    assert streamed.status_code == 200
    assert streamed.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    *deltas, (last, body) = events(streamed)
    assert {name for name, _ in deltas} == {"delta"}
    assert "".join(payload["text"] for _, payload in deltas) == body["data"]["response"] == ai.reply.text
    assert last == "done"
    assert (body["data"]["credits_used"], body["data"]["credits_remaining"]) == (1, 4)
    assert ai.left.is_set()
    assert await total(ada) == 4
    assert await open_work(app) == (0, 0)
    assert body["data"].keys() == (await ask(ada, CHAT, HELLO)).json()["data"].keys()


@pytest.mark.parametrize(
    ("error", "code"), [(AIServiceError(), "AI_SERVICE_ERROR"), (ZeroDivisionError("a secret"), "INTERNAL_ERROR")]
)
async def test_failure_in_the_middle_of_a_stream_is_told_in_it_and_costs_nothing(
    app: Served, ai: FakeAI, ada: httpx2.AsyncClient, error: Exception, code: str
) -> None:
    ai.error, ai.fails_after = error, 2  # pyright: ignore[reportAttributeAccessIssue] any error can happen
    failed = await ask(ada, STREAM, HELLO, "same")
    assert failed.status_code == 200
    *deltas, (last, body) = events(failed)
    assert [payload["text"] for _, payload in deltas] == ["Begin", " with"]
    assert last == "error"
    assert body["error"]["request_id"] == failed.headers["X-Request-ID"]
    assert body["error"]["code"] == code
    assert "a secret" not in failed.text
    assert await total(ada) == 5
    assert await open_work(app) == (0, 0)
    ai.error = None
    assert events(await ask(ada, STREAM, HELLO, "same"))[-1][0] == "done"


async def test_credit_and_key_are_back_when_the_failure_is_told(
    app: Served, ai: FakeAI, ada: httpx2.AsyncClient
) -> None:
    ai.error, ai.fails_after = AIServiceError(), 2
    found: list[tuple[int, int]] = []

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        async def look(message: Any) -> None:
            if b"event: error" in message.get("body", b""):
                found.append(await open_work(app))
            await send(message)

        await app._with_state(scope, receive, look)

    transport, token = httpx2.ASGITransport(watched), {"Authorization": ada.headers["Authorization"]}
    async with httpx2.AsyncClient(transport=transport, base_url="http://test", headers=token) as client:
        await ask(client, STREAM, HELLO)
    assert found == [(0, 0)]


async def test_failure_whose_credit_cannot_be_given_back_does_not_say_that_it_was(
    ai: FakeAI, ada: httpx2.AsyncClient
) -> None:
    ai.error, ai.fails_after, ai.gate = AIServiceError(), 2, asyncio.Event()
    asking = asyncio.create_task(ask(ada, STREAM, HELLO))
    await ai.asked.wait()
    with commits_fail():
        ai.gate.set()
        last, body = events(await asking)[-1]
    assert (last, body["error"]["code"]) == ("error", "SERVICE_UNAVAILABLE")


async def test_stream_that_ends_without_its_answer_is_a_failure_and_costs_nothing(
    app: Served, ai: FakeAI, ada: httpx2.AsyncClient
) -> None:
    ai.unfinished = True
    *deltas, (last, body) = events(await ask(ada, STREAM, HELLO))
    assert "".join(payload["text"] for _, payload in deltas) == ai.reply.text
    assert (last, body["error"]["code"]) == ("error", "AI_SERVICE_ERROR")
    assert await total(ada) == 5
    assert await open_work(app) == (0, 0)


async def test_client_that_leaves_gets_its_credit_and_its_key_back(
    app: Served, ai: FakeAI, ada: httpx2.AsyncClient
) -> None:
    ai.gate = asyncio.Event()
    headers = {"Authorization": ada.headers["Authorization"], "Idempotency-Key": "same"}
    async with listening(app) as address, httpx2.AsyncClient(base_url=address, headers=headers) as client:
        async with client.stream("POST", STREAM, json=HELLO) as answer:
            pieces = answer.aiter_text()
            assert await anext(pieces) == 'event: delta\ndata: {"text":"Begin"}\n\n'
            assert await total(ada) == 4
        await asyncio.wait_for(ai.left.wait(), timeout=10)
    assert await total(ada) == 5
    assert await open_work(app) == (0, 0)
    ai.gate = None
    assert (await ask(ada, STREAM, HELLO, "same")).status_code == 200


async def test_client_that_leaves_while_it_is_written_to_gets_its_credit_back_and_is_no_fault(
    app: Served, ai: FakeAI, ada: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """More is written than the connection buffers, so the writer waits for a client that never reads on."""
    ai.reply = Reply(" ".join(["word" * 2_000] * 2_000))
    headers = {"Authorization": ada.headers["Authorization"], "Idempotency-Key": "same"}
    async with listening(app) as address, httpx2.AsyncClient(base_url=address, headers=headers) as client:
        async with client.stream("POST", STREAM, json=HELLO):
            await ai.asked.wait()
        await asyncio.wait_for(ai.left.wait(), timeout=10)
    assert await total(ada) == 5
    assert await open_work(app) == (0, 0)
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []


@asynccontextmanager
async def listening(app: Served) -> AsyncGenerator[str]:
    """Serve *app* on a real connection, which a client can really close."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app._with_state, interface="asgi3", lifespan="off", log_config=None))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving
