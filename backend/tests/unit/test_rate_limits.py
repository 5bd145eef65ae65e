"""Counting in memory, and what a caller is told."""

import time

import pytest

from src.integrations.rate_limits import Quota, RateLimiter, Usage


def test_usage_tells_what_is_left_and_never_less_than_nothing() -> None:
    assert Usage(10, 4, 30).headers() == {
        "RateLimit-Limit": "10",
        "RateLimit-Remaining": "6",
        "RateLimit-Reset": "30",
    }
    assert Usage(10, 11, 30).headers()["RateLimit-Remaining"] == "0"
    assert [Usage(10, used, 30).exceeded for used in (9, 10, 11)] == [False, False, True]


async def test_minute_begins_with_the_first_request_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    limiter, began = RateLimiter("memory://"), time.time()
    for after, expected in ((0, Usage(5, 1, 60)), (45, Usage(5, 2, 15)), (59.5, Usage(5, 3, 1)), (61, Usage(5, 1, 60))):
        monkeypatch.setattr(time, "time", lambda instant=began + after: instant)
        assert await limiter.hit(Quota("name", 5, "caller")) == expected


async def test_names_and_callers_are_counted_apart() -> None:
    limiter = RateLimiter("memory://")
    for quota in (Quota("ai", 5, "ada"), Quota("ai", 5, "bob"), Quota("default", 5, "ada")):
        usage = await limiter.hit(quota)
        assert usage is not None
        assert usage.used == 1
