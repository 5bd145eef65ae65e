"""Staying signed in: rotation, reuse, several devices, signing out."""

import asyncio
import hashlib
from typing import Any

import httpx2
import pytest
from sqlmodel import select, text

from src.config import load_settings
from src.main import create_app
from src.models.user import RefreshToken, User
from src.schemas.enums import UserTier
from src.services import auth
from tests.answers import error_of, fields_of
from tests.harness import Served, queries
from tests.production import production

AUTH = "/api/v1/auth"


async def sign_in(client: httpx2.AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await client.post(f"{AUTH}/dev/login", json={"email": "ada@example.com", **body})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def refresh(client: httpx2.AsyncClient, session: dict[str, Any]) -> httpx2.Response:
    return await client.post(f"{AUTH}/refresh", json={"refresh_token": session["refresh_token"]})


async def refreshed(client: httpx2.AsyncClient, session: dict[str, Any]) -> dict[str, Any]:
    answer = await refresh(client, session)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def sign_out(client: httpx2.AsyncClient, token: str) -> int:
    return (await client.post(f"{AUTH}/logout", json={"refresh_token": token})).status_code


@pytest.fixture
async def client(app: Served) -> httpx2.AsyncClient:
    return app.client()


async def test_session_has_the_documented_shape(client: httpx2.AsyncClient) -> None:
    session = await sign_in(client, name="Ada")
    assert set(session) == {"access_token", "refresh_token", "token_type", "expires_in", "user"}
    assert (session["token_type"], session["expires_in"]) == ("Bearer", 900)
    tokens = await refreshed(client, session)
    assert set(tokens) == {"access_token", "refresh_token", "token_type", "expires_in"}


async def test_address_is_one_person_in_any_case(client: httpx2.AsyncClient) -> None:
    first = await sign_in(client, email="Ada@Example.com", name="Ada")
    second = await sign_in(client, email="ADA@example.COM", name="Other")
    assert second["user"] == first["user"]
    assert (first["user"]["email"], first["user"]["name"]) == ("ada@example.com", "Ada")


NO_ADDRESSES: dict[str, dict[str, Any]] = {
    "missing": {},
    "null": {"email": None},
    "no sign": {"email": "ada"},
    "too long": {"email": "a" * 330 + "@example.com"},
    "too long in lower case": {"email": "İ" * 300 + "@example.com"},
    "blank of this dialect": {"email": "a\x85da@example.com"},
    "blank of another dialect": {"email": "a\ufeffda@example.com"},
}


@pytest.mark.parametrize("body", NO_ADDRESSES.values(), ids=NO_ADDRESSES)
async def test_address_that_is_none_is_422(client: httpx2.AsyncClient, body: dict[str, Any]) -> None:
    assert fields_of(await client.post(f"{AUTH}/dev/login", json=body)) == ["email"]


async def test_longest_address_is_accepted(client: httpx2.AsyncClient) -> None:
    longest = "a" * 308 + "@example.com"
    assert (await sign_in(client, email=longest))["user"]["email"] == longest


async def test_development_sign_in_does_not_exist_in_production() -> None:
    app = create_app(load_settings(_env_file=None, **production(rate_limit_enabled="false")))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as client:
        answer = await client.post(f"{AUTH}/dev/login", json={"email": "ada@example.com"})
    error_of(answer, 404, "NOT_FOUND")
    assert f"{AUTH}/dev/login" not in app.openapi()["paths"]


async def test_no_cache_keeps_tokens(client: httpx2.AsyncClient) -> None:
    first = await client.post(f"{AUTH}/dev/login", json={"email": "ada@example.com"})
    second = await refresh(client, first.json()["data"])
    assert [answer.headers["Cache-Control"] for answer in (first, second)] == ["no-store"] * 2


async def test_refresh_token_works_once_and_its_second_use_ends_the_family(client: httpx2.AsyncClient) -> None:
    first = await sign_in(client)
    second = await refreshed(client, first)
    third = await refreshed(client, second)
    error = error_of(await refresh(client, first), 401, "INVALID_REFRESH_TOKEN")
    assert error["message"]
    error_of(await refresh(client, third), 401, "INVALID_REFRESH_TOKEN")


async def test_other_devices_stay_signed_in(client: httpx2.AsyncClient) -> None:
    phone, laptop = await sign_in(client), await sign_in(client)
    await refreshed(client, phone)
    error_of(await refresh(client, phone), 401, "INVALID_REFRESH_TOKEN")
    assert await refreshed(client, laptop)


async def test_of_twenty_uses_at_once_one_wins_and_the_family_ends(client: httpx2.AsyncClient) -> None:
    session = await sign_in(client)
    answers = await asyncio.gather(*(refresh(client, session) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 19
    (winner,) = [answer.json()["data"] for answer in answers if answer.status_code == 200]
    error_of(await refresh(client, winner), 401, "INVALID_REFRESH_TOKEN")


@pytest.mark.parametrize(("days", "status"), [(6.99, 200), (7, 401)])
async def test_refresh_token_lives_seven_days(
    app: Served, client: httpx2.AsyncClient, days: float, status: int
) -> None:
    app.clock.set(2025, 1, 31)
    session = await sign_in(client)
    app.clock.advance(days=days)
    assert (await refresh(client, session)).status_code == status


async def test_expired_token_does_not_end_its_family(app: Served, client: httpx2.AsyncClient) -> None:
    """It was lost, not stolen: nobody has used it."""
    app.clock.set(2025, 1, 31)
    session = await sign_in(client)
    app.clock.advance(days=8)
    error_of(await refresh(client, session), 401, "INVALID_REFRESH_TOKEN")
    async with app.database.reader() as reader:
        assert list(await reader.exec(select(RefreshToken.revoked_at))) == [None]


@pytest.mark.parametrize("token", ["unknown", "x" * 512, "é"])
async def test_unknown_refresh_token_is_401(client: httpx2.AsyncClient, token: str) -> None:
    answer = await refresh(client, {"refresh_token": token})
    error_of(answer, 401, "INVALID_REFRESH_TOKEN")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_signing_out_ends_the_device_and_can_be_repeated(client: httpx2.AsyncClient) -> None:
    phone, laptop = await sign_in(client), await sign_in(client)
    later = await refreshed(client, phone)
    assert [await sign_out(client, later["refresh_token"]) for _ in range(2)] == [204, 204]
    error_of(await refresh(client, later), 401, "INVALID_REFRESH_TOKEN")
    assert await sign_out(client, "unknown") == 204
    assert await refreshed(client, laptop)


@pytest.mark.parametrize("spent_before", [False, True], ids=["signing out", "a spent token"])
async def test_family_ends_with_the_token_that_is_being_made(
    app: Served, client: httpx2.AsyncClient, *, spent_before: bool
) -> None:
    """The new token of a refresh under way is seen by nobody else, when the end of its family begins."""
    first = await sign_in(client)
    latest = await refreshed(client, first) if spent_before else first
    made_of = {"rules": app.resources.rules, "now": app.clock.now()}
    async with app.database.transaction() as session:
        made = await auth.refresh(session, app.resources.tokens, latest["refresh_token"], **made_of)
        ending = asyncio.create_task(
            refresh(client, first) if spent_before else sign_out(client, first["refresh_token"])
        )
        await waits_for_a_lock(app)
    await ending
    error_of(await refresh(client, {"refresh_token": made.refresh_token}), 401, "INVALID_REFRESH_TOKEN")


async def waits_for_a_lock(app: Served) -> None:
    """Return once a transaction waits for another one. Where writers queue, none begins before."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(10):
        while app.capabilities.row_locks:
            async with app.database.engine.connect() as connection:
                if await connection.scalar(waiting):
                    return
            await asyncio.sleep(0.01)


async def test_refresh_token_is_stored_only_as_a_hash(app: Served, client: httpx2.AsyncClient) -> None:
    session = await sign_in(client)
    async with app.database.reader() as reader:
        (row,) = await reader.exec(select(RefreshToken))
    assert row.token_hash == hashlib.sha256(session["refresh_token"].encode()).hexdigest()
    assert session["refresh_token"] not in repr(row.model_dump())
    assert len(session["refresh_token"]) >= 43


async def test_refreshed_token_carries_the_tier_of_today(app: Served, client: httpx2.AsyncClient) -> None:
    session = await sign_in(client)
    async with app.database.transaction() as writer:
        (await writer.exec(select(User))).one().tier = UserTier.PRO
    tokens = await refreshed(client, session)
    assert app.resources.tokens.verify(tokens["access_token"], app.clock.now()).tier is UserTier.PRO


HEADERS: dict[str, bytes] = {
    "none": b"",
    "another scheme": b"Basic YTpi",
    "no token": b"Bearer ",
    "garbage": b"Bearer garbage",
    "not ASCII": b"Bearer \xff\xfe",
    "two tokens": b"Bearer a b",
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
async def test_missing_or_bad_token_is_401(client: httpx2.AsyncClient, header: bytes) -> None:
    answer = await client.get("/api/v1/users/me", headers=[(b"Authorization", header)])
    error_of(answer, 401, "UNAUTHORIZED")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_expired_token_is_told_from_a_bad_one(app: Served) -> None:
    app.clock.set(2025, 1, 31)
    ada = await app.sign_in("ada")
    app.clock.advance(seconds=899)
    assert (await ada.get("/api/v1/users/me")).status_code == 200
    app.clock.advance(seconds=1)
    answer = await ada.get("/api/v1/users/me")
    error_of(answer, 401, "TOKEN_EXPIRED")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_token_is_checked_before_the_body(client: httpx2.AsyncClient) -> None:
    error_of(await client.post("/api/v1/goals", json={}), 401, "UNAUTHORIZED")


async def test_served_keys_verify_the_token(app: Served, client: httpx2.AsyncClient) -> None:
    answer = await client.get("/.well-known/jwks.json")
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.json() == app.resources.tokens.key_set()


async def test_verifying_a_token_costs_no_statement(app: Served, ada: httpx2.AsyncClient) -> None:
    with queries(app.database, at_most=0):
        assert (await ada.get("/api/v1/goals?limit=0")).status_code == 422


@pytest.mark.parametrize("count", [0, 20])
async def test_a_device_costs_the_same_beside_any_number_of_others(
    app: Served, client: httpx2.AsyncClient, count: int
) -> None:
    with queries(app.database, at_most=5):
        await sign_in(client)
    for _ in range(count):
        await sign_in(client)
    with queries(app.database, at_most=2):
        session = await sign_in(client)
    with queries(app.database, at_most=3):
        tokens = await refreshed(client, session)
    with queries(app.database, at_most=3):
        assert await sign_out(client, tokens["refresh_token"]) == 204
