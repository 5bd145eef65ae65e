"""A request body may have one mebibyte, whatever its headers claim."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.answers import error_of
from tests.harness import Served

LIMIT = 2**20
JSON = {"Content-Type": "application/json"}


def body_of(size: int) -> bytes:
    start, end = b'{"title":"a"', b"}"
    return start + b" " * (size - len(start) - len(end)) + end


async def in_chunks(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 100_000):
        yield body[start : start + 100_000]


async def test_body_of_the_limit_is_accepted(ada: httpx2.AsyncClient) -> None:
    assert (await ada.post("/api/v1/goals", content=body_of(LIMIT), headers=JSON)).status_code == 201
    assert (await ada.post("/api/v1/goals", content=in_chunks(body_of(LIMIT)), headers=JSON)).status_code == 201


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE", "PURGE"])
async def test_longer_body_is_413(ada: httpx2.AsyncClient, method: str) -> None:
    answer = await ada.request(method, "/api/v1/goals", content=body_of(LIMIT + 1), headers=JSON)
    error_of(answer, 413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize("method", ["POST", "GET", "HEAD"])
async def test_longer_body_without_a_length_is_413(ada: httpx2.AsyncClient, method: str) -> None:
    answer = await ada.request(method, "/api/v1/goals", content=in_chunks(body_of(LIMIT + 1)), headers=JSON)
    assert answer.status_code == 413


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_endless_body_is_not_read_to_its_end(ada: httpx2.AsyncClient, method: str) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100:
            sent += 1
            yield b" " * 100_000

    answer = await ada.request(method, "/api/v1/goals", content=endless(), headers=JSON)
    error_of(answer, 413, "PAYLOAD_TOO_LARGE")
    assert sent == 11


@pytest.mark.parametrize("named", [{}, {"Idempotency-Key": "one-intent"}], ids=["plain", "named"])
async def test_client_that_leaves_while_it_sends_is_no_failure_of_ours(
    app: Served, ada: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture, named: dict[str, str]
) -> None:
    messages = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])
    headers = {"Authorization": ada.headers["Authorization"], **JSON, **named}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/goals",
        "root_path": "",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await app._with_state(scope, lambda: asyncio.sleep(0, next(messages)), send)
    assert sent == []
    assert [record.levelname for record in caplog.records if record.levelno >= logging.ERROR] == []
