"""HEAD answers what GET would, without the body."""

from typing import Any

import httpx2
import pytest

from tests.harness import Served


@pytest.mark.parametrize("path", ["/health/live", "/.well-known/jwks.json", "/api/v1/goals", "/nothing"])
async def test_head_is_get_without_the_body(ada: httpx2.AsyncClient, path: str) -> None:
    got = await ada.get(path, headers={"X-Request-ID": "same"})
    answer = await ada.head(path, headers={"X-Request-ID": "same"})
    assert answer.status_code == got.status_code
    assert answer.headers == got.headers
    assert answer.content == b""


async def test_head_needs_a_token_where_get_does(app: Served) -> None:
    async with app.client() as client:
        answer = await client.head("/api/v1/goals")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_head_is_refused_where_there_is_no_get(ada: httpx2.AsyncClient) -> None:
    answer = await ada.head("/api/v1/auth/refresh")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


async def test_body_does_not_leave_the_application(app: Served) -> None:
    """The client above would drop it unseen."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(dict(message))

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http",
        "method": "HEAD",
        "path": "/health/live",
        "query_string": b"",
        "headers": [],
        "root_path": "",
    }
    await app.app({**scope, "state": dict(app.state)}, receive, send)
    assert [message.get("body", b"") for message in sent] == [b""] * len(sent)
    assert sent[0]["status"] == 200
