"""Every failure is the one envelope, with the right status, code, field and headers."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from src.api.deps import rules
from tests.answers import error_of, fields_of
from tests.harness import Served

JSON = {"Content-Type": "application/json"}
GOALS = "/api/v1/goals"
GOAL = f"{GOALS}/00000000-0000-4000-8000-000000000000"
SUBGOAL = "/api/v1/subtasks/00000000-0000-4000-8000-000000000000"

UNREADABLE: dict[str, bytes] = {
    "empty": b"",
    "broken": b'{"title":',
    "not an object": b'"title"',
    "null": b"null",
    "NaN": b"NaN",
    "latin-1": b'{"title":"\xe9"}',
    "UTF-16": '{"title":"a"}'.encode("utf-16"),
    "UTF-16 without a mark": '{"title":"a"}'.encode("utf-16-le"),
    "UTF-32": '{"title":"a"}'.encode("utf-32"),
    "deep arrays": b"[" * 200_000,
    "deep objects": b'{"title":' * 100_000,
    "five thousand digits": b'{"title":"a","status":' + b"9" * 5000 + b"}",
    "lone surrogate as a key": b'{"title":"a","\\ud800":1}',
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
async def test_unreadable_body_is_422(ada: httpx2.AsyncClient, body: bytes) -> None:
    assert fields_of(await ada.post(GOALS, content=body, headers=JSON)) == ["body"]


INVALID: dict[str, tuple[str, bytes]] = {
    "NUL": ("title", b'{"title":"a\\u0000b"}'),
    "lone surrogate": ("title", b'{"title":"\\ud800"}'),
    "missing": ("title", b"{}"),
    "blank": ("title", b'{"title":"   "}'),
    "too long": ("title", b'{"title":"' + b"a" * 201 + b'"}'),
    "null": ("title", b'{"title":null}'),
    "number": ("title", b'{"title":1}'),
    "unknown": ("colour", b'{"title":"a","colour":"red"}'),
    "unknown with NUL": ("colour\0", b'{"title":"a","colour\\u0000":"red"}'),
    "read-only": ("version", b'{"title":"a","version":1}'),
    "enum of another case": ("status", b'{"title":"a","status":"ACTIVE"}'),
    "enum surrogate": ("status", b'{"title":"a","status":"\\udfff"}'),
    "naive": ("due_at", b'{"title":"a","due_at":"2024-01-15T10:30:00"}'),
    "date": ("due_at", b'{"title":"a","due_at":"2024-01-15"}'),
    "Unix time": ("due_at", b'{"title":"a","due_at":1700000000}'),
    "Unix time as text": ("due_at", b'{"title":"a","due_at":"1700000000"}'),
    "before the year 1": ("due_at", b'{"title":"a","due_at":"0001-01-01T00:00:00+14:00"}'),
    "after the year 9999": ("due_at", b'{"title":"a","due_at":"9999-12-31T23:59:59-01:00"}'),
    "no such day": ("due_at", b'{"title":"a","due_at":"2023-02-29T00:00:00Z"}'),
    "no such offset": ("due_at", b'{"title":"a","due_at":"2024-01-15T10:30:00+25:00"}'),
}


@pytest.mark.parametrize(("field", "body"), INVALID.values(), ids=INVALID)
async def test_invalid_field_is_422_by_name(ada: httpx2.AsyncClient, field: str, body: bytes) -> None:
    assert fields_of(await ada.post(GOALS, content=body, headers=JSON)) == [field]


async def test_details_are_bounded(ada: httpx2.AsyncClient) -> None:
    answer = await ada.post(GOALS, json={str(number): 1 for number in range(500)})
    assert len(fields_of(answer)) == 100


@pytest.mark.parametrize("version", [0, 2**63, 2**64, -1, 1.5, "1", None, True])
async def test_version_is_a_positive_integer_of_64_bits(ada: httpx2.AsyncClient, version: Any) -> None:
    assert fields_of(await ada.patch(GOAL, json={"version": version})) == ["version"]


MEDIA_TYPES = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ";;;", ""]


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
async def test_body_of_another_media_type_is_415(ada: httpx2.AsyncClient, media_type: str) -> None:
    answer = await ada.post(GOALS, content=b'{"title":"a"}', headers={"Content-Type": media_type})
    error_of(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


async def test_body_without_media_type_is_415(ada: httpx2.AsyncClient) -> None:
    error_of(await ada.post(GOALS, content=b'{"title":"a"}'), 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "application/merge-patch+json"])
async def test_json_by_any_name_is_accepted(ada: httpx2.AsyncClient, media_type: str) -> None:
    answer = await ada.post(GOALS, content=b'{"title":"a"}', headers={"Content-Type": media_type})
    assert answer.status_code == 201


QUERIES = {
    "limit=0": "limit",
    "limit=101": "limit",
    "limit=9223372036854775808": "limit",
    "limit=ten": "limit",
    "offset=-1": "offset",
    "offset=9223372036854775808": "offset",
    "offset=99999999999999999999999999": "offset",
    "status=ACTIVE": "status",
    "status=%ff": "status",
    "status=%00": "status",
    "state=active": "state",
}


@pytest.mark.parametrize(("query", "field"), QUERIES.items(), ids=QUERIES)
async def test_invalid_query_is_422_by_name(ada: httpx2.AsyncClient, query: str, field: str) -> None:
    assert fields_of(await ada.get(f"{GOALS}?{query}")) == [field]


async def test_largest_offset_is_an_empty_page(ada: httpx2.AsyncClient) -> None:
    answer = await ada.get(f"{GOALS}?offset={2**63 - 1}&limit=100")
    assert answer.json()["data"] == []


@pytest.mark.parametrize("goal_id", ["x", "%00", "%ff", "00000000-0000-4000-8000-00000000000g"])
async def test_id_that_is_no_uuid_is_422(ada: httpx2.AsyncClient, goal_id: str) -> None:
    assert fields_of(await ada.get(f"{GOALS}/{goal_id}")) == ["goal_id"]


@pytest.mark.parametrize("path", ["/", "/nothing", "/api/v1", "/api/v1/nothing", f"{GOALS}/", "/health", "/%00"])
async def test_unknown_address_is_404(ada: httpx2.AsyncClient, path: str) -> None:
    error_of(await ada.get(path), 404, "NOT_FOUND")


ALLOWED = {
    GOALS: "HEAD, GET, POST",
    GOAL: "HEAD, GET, PATCH, DELETE",
    "/health/live": "HEAD, GET",
    "/api/v1/auth/refresh": "POST",
}


@pytest.mark.parametrize(("path", "allowed"), ALLOWED.items())
@pytest.mark.parametrize("method", ["PUT", "OPTIONS", "TRACE", "PURGE"])
async def test_method_that_is_not_offered_is_405(ada: httpx2.AsyncClient, path: str, allowed: str, method: str) -> None:
    answer = await ada.request(method, path)
    error_of(answer, 405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == allowed


@pytest.fixture
async def broken(app: Served) -> AsyncIterator[httpx2.AsyncClient]:
    """Return a client of an application with a fault: each read of a rule raises."""

    def fault() -> None:
        raise ZeroDivisionError("secret cause")

    app.app.dependency_overrides[rules] = fault
    async with app.client() as client:
        yield client
    del app.app.dependency_overrides[rules]


async def test_unexpected_exception_is_a_500_that_tells_nothing(broken: httpx2.AsyncClient) -> None:
    headers = {"Origin": "http://localhost:3000", "X-Request-ID": "mine"}
    answer = await broken.post("/api/v1/auth/dev/login", json={"email": "ada@example.com"}, headers=headers)
    assert error_of(answer, 500, "INTERNAL_ERROR")["request_id"] == "mine"
    assert "secret" not in answer.text
    assert "ZeroDivision" not in answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
