"""A browser can read every answer, and asks first without a token."""

import httpx2
import pytest

from tests.answers import error_of
from tests.harness import Served

ORIGIN = "http://localhost:3000"
GOALS = "/api/v1/goals"


def preflight(origin: str = ORIGIN, method: str = "PATCH", headers: str = "authorization") -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }


@pytest.mark.parametrize("path", [GOALS, "/nothing", "/health/live"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
async def test_preflight_needs_no_token(app: Served, path: str, method: str) -> None:
    asked = "authorization, content-type, idempotency-key, x-request-id"
    async with app.client() as client:
        answer = await client.options(path, headers=preflight(method=method, headers=asked))
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert method in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("refused", "named"),
    [
        (preflight(origin="https://evil.example"), "origin"),
        (preflight(method="TRACE"), "method"),
        (preflight(headers="x-secret"), "headers"),
    ],
    ids=["origin", "method", "headers"],
)
async def test_refused_preflight_is_400_in_the_envelope(app: Served, refused: dict[str, str], named: str) -> None:
    async with app.client() as client:
        answer = await client.options(GOALS, headers=refused)
    assert error_of(answer, 400, "BAD_REQUEST")["message"] == f"Disallowed CORS {named}"
    assert "Origin" in answer.headers["Vary"]


async def test_failures_can_be_read_by_the_browser(app: Served, ada: httpx2.AsyncClient) -> None:
    origin = {"Origin": ORIGIN}
    async with app.client(headers=origin) as nobody:
        answers = [
            await nobody.get(GOALS),
            await ada.get("/nothing", headers=origin),
            await ada.put(GOALS, headers=origin),
            await ada.post(GOALS, content=b"a" * (2**20 + 1), headers=origin),
            await ada.post(GOALS, content=b"a", headers=origin),
            await ada.post(GOALS, json={}, headers=origin),
        ]
    assert [answer.status_code for answer in answers] == [401, 404, 405, 413, 415, 422]
    for answer in answers:
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
        assert {"X-Request-ID", "Idempotency-Replayed", "Retry-After", "RateLimit-Limit"} <= set(exposed)


async def test_unknown_origin_gets_no_permission(ada: httpx2.AsyncClient) -> None:
    answer = await ada.get(GOALS, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Origin" in answer.headers["Vary"]
