"""A named request is worked on once and answered as often as it is asked, on both databases."""

import asyncio
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlmodel import delete, func, select

from src.models import Goal, IdempotencyKey, User
from src.services import idempotency, users
from tests.answers import error_of
from tests.harness import Served, commits_fail, queries, statements

GOALS = "/api/v1/goals"
ME = "/api/v1/users/me"
KEYED = {"Idempotency-Key": "one-intent"}


async def count(app: Served, table: type[Goal] | type[IdempotencyKey]) -> int:
    async with app.database.reader() as session:
        return (await session.exec(select(func.count()).select_from(table))).one()


async def test_repeated_request_gets_the_same_bytes_and_is_done_once(app: Served, ada: httpx2.AsyncClient) -> None:
    first = await ada.post(GOALS, json={"title": "Write"}, headers=KEYED)
    again = await ada.post(GOALS, json={"title": "Write"}, headers=KEYED)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert await count(app, Goal) == 1


async def test_replayed_204_has_no_body(app: Served, ada: httpx2.AsyncClient) -> None:
    goal = (await ada.post(GOALS, json={"title": "Write"})).json()["data"]
    for replayed in (None, "true"):
        answer = await ada.delete(f"{GOALS}/{goal['id']}", headers=KEYED)
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers.get("Idempotency-Replayed") == replayed
    assert await count(app, Goal) == 0


@pytest.mark.parametrize(
    "other",
    [
        {"method": "POST", "url": GOALS, "json": {"title": "Other"}},
        {"method": "POST", "url": f"{GOALS}?x=1", "json": {"title": "Write"}},
        {"method": "PATCH", "url": ME, "json": {"title": "Write"}},
    ],
    ids=["body", "query", "path"],
)
async def test_key_of_another_request_is_refused(ada: httpx2.AsyncClient, other: dict[str, Any]) -> None:
    await ada.post(GOALS, json={"title": "Write"}, headers=KEYED)
    answer = await ada.request(**other, headers=KEYED)
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_two_users_may_choose_the_same_key(app: Served, ada: httpx2.AsyncClient, bob: httpx2.AsyncClient) -> None:
    for client in (ada, bob):
        answer = await client.post(GOALS, json={"title": "Write"}, headers=KEYED)
        assert "Idempotency-Replayed" not in answer.headers
    assert await count(app, Goal) == 2


@pytest.mark.parametrize("key", ["", "a b", "ä", "k" * 256])
async def test_key_that_is_none_is_400(app: Served, ada: httpx2.AsyncClient, key: str) -> None:
    answer = await ada.post(GOALS, json={"title": "Write"}, headers={b"Idempotency-Key": key.encode()})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "BAD_REQUEST"
    assert "Idempotency-Key" in answer.json()["error"]["message"]
    assert await count(app, Goal) == 0


async def test_longest_key_is_accepted(ada: httpx2.AsyncClient) -> None:
    assert (await ada.post(GOALS, json={"title": "A"}, headers={"Idempotency-Key": "~" * 255})).status_code == 201


async def test_kept_refusal_stays_though_its_cause_is_gone(app: Served, ada: httpx2.AsyncClient) -> None:
    goal = (await ada.post(GOALS, json={"title": "Write"})).json()["data"]
    refused = await ada.patch(f"{GOALS}/{goal['id']}", json={"title": "Late", "version": 2}, headers=KEYED)
    assert refused.json()["error"]["code"] == "CONFLICT"
    await ada.patch(f"{GOALS}/{goal['id']}", json={"title": "Now at 2", "version": 1})
    again = await ada.patch(f"{GOALS}/{goal['id']}", json={"title": "Late", "version": 2}, headers=KEYED)
    assert (again.status_code, again.content) == (409, refused.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["X-Request-ID"] == again.json()["error"]["request_id"]
    assert (await ada.get(f"{GOALS}/{goal['id']}")).json()["data"]["title"] == "Now at 2"
    assert await count(app, IdempotencyKey) == 1


@pytest.mark.parametrize(
    ("body", "status"), [(b'{"title": ""}', 422), (b'{"title"', 422), (b"\xff", 422)], ids=["field", "syntax", "utf-8"]
)
async def test_invalid_request_is_kept_too(ada: httpx2.AsyncClient, body: bytes, status: int) -> None:
    headers = {**KEYED, "Content-Type": "application/json"}
    first, again = [await ada.post(GOALS, content=body, headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code) == (status, status)
    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"


async def test_request_without_a_token_is_not_kept(app: Served) -> None:
    stranger = app.client(headers=KEYED)
    assert (await stranger.post(GOALS, json={"title": "Write"})).status_code == 401
    assert await count(app, IdempotencyKey) == 0


@pytest.mark.parametrize("title", ["Write", ""], ids=["work", "refusal"])
async def test_account_that_is_gone_is_401_and_nothing_is_kept(
    app: Served, ada: httpx2.AsyncClient, title: str
) -> None:
    async with app.database.transaction() as session:
        await session.exec(delete(User))
    error_of(await ada.post(GOALS, json={"title": title}, headers=KEYED), 401, "UNAUTHORIZED")
    assert await count(app, IdempotencyKey) == 0


async def test_sign_in_is_never_kept(app: Served) -> None:
    client = app.client(headers=KEYED)
    first, again = [await client.post("/api/v1/auth/dev/login", json={"email": "a@example.com"}) for _ in range(2)]
    assert first.json()["data"]["refresh_token"] != again.json()["data"]["refresh_token"]
    assert await count(app, IdempotencyKey) == 0


async def test_expired_key_is_as_new(app: Served) -> None:
    app.clock.set(2025, 1, 31, 23, 59)
    ada = await app.sign_in("ada")
    await ada.post(GOALS, json={"title": "Write"}, headers=KEYED)
    app.clock.advance(hours=23, minutes=59, seconds=59)
    ada = await app.sign_in("ada")
    kept = await ada.post(GOALS, json={"title": "Write"}, headers=KEYED)
    assert kept.headers["Idempotency-Replayed"] == "true"
    app.clock.advance(seconds=1)
    fresh = await ada.post(GOALS, json={"title": "Another"}, headers=KEYED)
    assert fresh.status_code == 201
    assert "Idempotency-Replayed" not in fresh.headers
    assert await count(app, IdempotencyKey) == 1


async def test_sweep_deletes_what_has_expired_and_no_more(app: Served) -> None:
    app.clock.set(2025, 1, 31)
    for name in ("old", "young"):
        ada = await app.sign_in("ada")
        await ada.post(GOALS, json={"title": name}, headers={"Idempotency-Key": name})
        app.clock.advance(hours=12)
    async with app.database.transaction() as session:
        assert await idempotency.sweep(session, now=app.clock.now(), limit=100) == 1
    assert await count(app, IdempotencyKey) == 1


async def test_twins_of_a_request_in_work_are_told_so_or_wait(app: Served, ada: httpx2.AsyncClient) -> None:
    """The work is held up by the lock on the account that it changes, so that nineteen twins surely meet it."""
    async with app.database.transaction() as session:
        ada_id = (await session.exec(select(User.id))).one()
        await users.lock(session, ada_id)
        requests = [asyncio.create_task(ada.patch(ME, json={"name": "W"}, headers=KEYED)) for _ in range(20)]
        arriving = asyncio.as_completed(requests, timeout=30)
        for _ in range(19 if app.capabilities.concurrent_writers else 0):
            await next(arriving)
    answers = [await request for request in requests]
    in_progress = [answer for answer in answers if answer.status_code == 409]
    done = [answer for answer in answers if answer.status_code == 200]
    assert len(done) == (1 if app.capabilities.concurrent_writers else 20)
    assert len(in_progress) == 20 - len(done)
    assert {answer.json()["error"]["code"] for answer in in_progress} <= {"IDEMPOTENCY_IN_PROGRESS"}
    assert len({answer.content for answer in done}) == 1


async def test_named_request_does_not_wait_for_the_lock_on_its_user(app: Served, ada: httpx2.AsyncClient) -> None:
    """The kept answer refers to the user. To wait for that, with the row of the work locked, is half of a deadlock."""
    goal = (await ada.post(GOALS, json={"title": "Write"})).json()["data"]
    async with app.database.transaction() as session:
        await users.lock(session, UUID(goal["user_id"]))
        request = asyncio.create_task(ada.delete(f"{GOALS}/{goal['id']}", headers=KEYED))
        await asyncio.wait([request], timeout=10 if app.capabilities.concurrent_writers else 0)
        waited = not request.done()
    assert (await request).status_code == 204
    assert waited is not app.capabilities.concurrent_writers


async def test_twenty_requests_at_once_make_one_row(app: Served, ada: httpx2.AsyncClient) -> None:
    answers = await asyncio.gather(*(ada.post(GOALS, json={"title": "W"}, headers=KEYED) for _ in range(20)))
    done = {answer.content for answer in answers if answer.status_code == 201}
    refused = {answer.json()["error"]["code"] for answer in answers if answer.status_code != 201}
    assert len(done) == 1
    assert refused <= {"IDEMPOTENCY_IN_PROGRESS"}
    assert await count(app, Goal) == 1
    assert await count(app, IdempotencyKey) == 1


async def test_failing_commit_leaves_neither_work_nor_answer(app: Served, ada: httpx2.AsyncClient) -> None:
    with commits_fail():
        lost = await ada.post(GOALS, json={"title": "Write"}, headers=KEYED)
    assert lost.status_code == 503
    assert (await count(app, Goal), await count(app, IdempotencyKey)) == (0, 0)
    again = await ada.post(GOALS, json={"title": "Write"}, headers=KEYED)
    assert again.status_code == 201
    assert (await count(app, Goal), await count(app, IdempotencyKey)) == (1, 1)


async def test_request_without_a_key_pays_nothing(app: Served, ada: httpx2.AsyncClient) -> None:
    with statements(app.database) as plain:
        await ada.post(GOALS, json={"title": "Write"})
    with queries(app.database, at_most=len(plain) + (3 if app.capabilities.row_locks else 2)):
        await ada.post(GOALS, json={"title": "Write"}, headers=KEYED)
    assert not [statement for statement in plain if "idempotency" in statement]
    with queries(app.database, at_most=2 if app.capabilities.row_locks else 1):
        await ada.post(GOALS, json={"title": "Write"}, headers=KEYED)
