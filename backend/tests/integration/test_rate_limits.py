"""Who comes too often waits; in memory, and in a Redis that processes share."""

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path

import httpx2
import pytest
import uvicorn
from redis import Redis

from src import __main__ as server
from src.config import load_settings
from src.integrations import rate_limits
from src.integrations.rate_limits import Quota, RateLimiter
from tests import redis
from tests.harness import Served, queries, served
from tests.servers import BACKEND, free_port, started

SIGN_IN = "/api/v1/auth/dev/login"
ME = "/api/v1/users/me"
BODY = {"email": "ada@example.com"}


@pytest.fixture
async def limited(database_url: str) -> AsyncIterator[Served]:
    """Serve an application with its rate limits on."""
    async with served(database_url, rate_limit_enabled=True) as running:
        yield running
        await running.empty()


async def test_eleventh_sign_in_of_a_minute_is_refused_and_told_when(limited: Served) -> None:
    client = limited.client(headers={"Origin": "http://localhost:3000"})
    for used in range(1, 11):
        answer = await client.post(SIGN_IN, json=BODY)
        assert answer.status_code == 200
        assert (answer.headers["RateLimit-Limit"], answer.headers["RateLimit-Remaining"]) == ("10", str(10 - used))
    with queries(limited.database, at_most=0):
        refused = await client.post(SIGN_IN, json=BODY)
    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "RATE_LIMIT_EXCEEDED"
    assert refused.json()["error"]["request_id"] == refused.headers["X-Request-ID"]
    assert refused.headers["RateLimit-Remaining"] == "0"
    assert refused.headers["Retry-After"] == refused.headers["RateLimit-Reset"]
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert "RateLimit-Remaining" in refused.headers["Access-Control-Expose-Headers"]


async def test_what_health_keys_and_documentation_cost_is_nothing(limited: Served) -> None:
    client = limited.client()
    for path in ("/health/live", "/health/ready", "/.well-known/jwks.json", "/metrics", "/openapi.json", "/docs"):
        answer = await client.get(path)
        assert answer.status_code == 200
        assert "RateLimit-Limit" not in answer.headers


async def test_users_have_quotas_of_their_own_and_a_stranger_that_of_the_address(limited: Served) -> None:
    ada, bob, stranger = await limited.sign_in("ada"), await limited.sign_in("bob"), limited.client()
    await ada.get(ME)
    for client, status, remaining in ((ada, 200, "298"), (bob, 200, "299"), (stranger, 401, "299")):
        answer = await client.get(ME)
        assert (answer.status_code, answer.headers["RateLimit-Remaining"]) == (status, remaining)
    again = await limited.sign_in("ada")
    assert (await again.get(ME)).headers["RateLimit-Remaining"] == "297"


async def test_forged_token_counts_for_the_address(limited: Served) -> None:
    for remaining in ("299", "298"):
        forger = limited.client(headers={"Authorization": f"Bearer e30.e30.{remaining}"})
        assert (await forger.get(ME)).headers["RateLimit-Remaining"] == remaining


async def test_expired_token_counts_for_its_user(limited: Served) -> None:
    limited.clock.set(2025, 1, 31)
    ada = await limited.sign_in("ada")
    await ada.get(ME)
    limited.clock.advance(hours=1)
    answer = await ada.get(ME)
    assert answer.json()["error"]["code"] == "TOKEN_EXPIRED"
    assert answer.headers["RateLimit-Remaining"] == "298"


async def test_ai_has_a_quota_of_its_own(limited: Served) -> None:
    ada = await limited.sign_in("ada")
    for _ in range(20):
        assert (await ada.post("/api/v1/ai/chat")).headers["RateLimit-Limit"] == "20"
    assert (await ada.post("/api/v1/ai/chat")).status_code == 429
    assert (await ada.get(ME)).status_code == 200


async def test_forwarded_address_counts_only_from_a_trusted_proxy(database_url: str) -> None:
    for trusted, remaining in (([], "8"), ([ip_network("127.0.0.0/8")], "9")):
        async with served(database_url, rate_limit_enabled=True, trusted_proxies=trusted) as app:
            for address in ("198.51.100.1", "198.51.100.2"):
                answer = await app.client(headers={"X-Forwarded-For": address}).post(SIGN_IN, json=BODY)
            assert answer.headers["RateLimit-Remaining"] == remaining
            await app.empty()


def test_server_itself_believes_no_forwarded_address(monkeypatch: pytest.MonkeyPatch) -> None:
    configured: list[uvicorn.Config] = []
    monkeypatch.setattr(uvicorn, "run", lambda app, **options: configured.append(uvicorn.Config(app, **options)))
    assert server.main() == 0
    assert [config.proxy_headers for config in configured] == [False]


@pytest.mark.parametrize("environment", ["development", "test"])
def test_limits_are_on_unless_a_setting_says_otherwise(environment: str) -> None:
    assert load_settings(_env_file=None, environment=environment).rate_limit_enabled is True
    assert load_settings(_env_file=None, environment=environment, rate_limit_enabled=False).rate_limit_enabled is False


async def test_two_processes_share_a_limit_and_its_end(redis_url: str) -> None:
    quota = Quota("shared", 10, "caller")
    limiter = RateLimiter(redis_url)
    await limiter.hit(quota)
    code = f"""
import asyncio
from src.integrations.rate_limits import Quota, RateLimiter
limiter = RateLimiter({redis_url!r})
async def main():
    print((await limiter.hit(Quota("shared", 10, "caller"))).used)
    await limiter.close()
asyncio.run(main())
"""
    other = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code], cwd=BACKEND, capture_output=True, text=True, check=True
    )
    assert other.stdout == "2\n"
    usage = await limiter.hit(quota)
    assert usage is not None
    assert usage.used == 3
    with Redis.from_url(redis_url) as store:
        key = next(key for key in store.scan_iter() if b"shared" in key)
        assert 0 < int(str(store.ttl(key))) <= 60
    await limiter.close()


async def test_applications_on_one_redis_share_a_limit(database_url: str, redis_url: str) -> None:
    settings = {"rate_limit_enabled": True, "rate_limit_storage_url": redis_url}
    with Redis.from_url(redis_url) as store:
        store.flushdb()
    async with served(database_url, **settings) as one, served(database_url, **settings) as other:
        answers = [await app.client().post(SIGN_IN, json=BODY) for app in [one, other] * 5 + [one, other]]
        assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 2
        await one.empty()


async def test_dead_store_lets_requests_through_until_it_is_back(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(rate_limits, "PAUSE_SECONDS", 0)
    caplog.set_level(logging.WARNING, rate_limits.__name__)
    port = free_port()
    store = {"rate_limit_enabled": True, "rate_limit_storage_url": f"redis://127.0.0.1:{port}/0"}
    async with served(database_url, **store) as app:
        client = app.client()
        with redis_on(port, tmp_path):
            assert await remaining(client) == ["299", "298", "297"]
        assert await remaining(client) == [None, None, None]
        with redis_on(port, tmp_path):
            assert await remaining(client) == ["299", "298", "297"]
    levels = [record.levelname for record in caplog.records if record.name == rate_limits.__name__]
    assert levels == ["ERROR", "WARNING"]


async def test_dead_store_is_not_asked_again_at_once(caplog: pytest.LogCaptureFixture) -> None:
    limiter = RateLimiter(f"redis://127.0.0.1:{free_port()}/0")
    assert await limiter.hit(Quota("name", 1, "caller")) is None
    limiter._store = None  # pyright: ignore[reportAttributeAccessIssue] asking it now would fail
    assert await limiter.hit(Quota("name", 1, "caller")) is None
    await limiter.close()
    assert "does not answer" in caplog.text


async def remaining(client: httpx2.AsyncClient) -> list[str | None]:
    answers = [await client.get(ME) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 401]
    return [answer.headers.get("RateLimit-Remaining") for answer in answers]


@contextmanager
def redis_on(port: int, folder: Path) -> Iterator[None]:
    """Serve an empty store on *port*."""
    binary = next(redis.binaries())
    command = [binary, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    with started(command, folder / "log", lambda: redis.answers(port), cwd=folder):
        yield
