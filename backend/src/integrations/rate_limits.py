"""How often a caller has come within a minute: counted in this process, or in a Redis that processes share."""

import logging
import math
import time
from dataclasses import dataclass
from typing import Any, cast

from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.errors import StorageError
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

WINDOW_SECONDS = 60
STORE_TIMEOUT_SECONDS = 0.25
PAUSE_SECONDS = 1.0
"""How long a store that did not answer is left alone: requests must not queue for it."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Quota:
    """What a caller may do in a minute. The minute begins with the caller's first request."""

    name: str
    per_minute: int
    caller: str


@dataclass(frozen=True, slots=True)
class Usage:
    limit: int
    used: int
    reset_seconds: int

    @property
    def exceeded(self) -> bool:
        return self.used > self.limit

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "RateLimit-Reset": str(self.reset_seconds),
        }


class RateLimiter:
    """Counts in the store of *url*: `memory://`, or `redis://host:port/number`."""

    def __init__(self, url: str) -> None:
        self._pool = None if url.startswith("memory:") else _pool(url)
        self._store: Storage = MemoryStorage() if self._pool is None else _redis(url, self._pool)
        self._ask_again_at = 0.0
        self._broken = False

    async def hit(self, quota: Quota) -> Usage | None:
        """Count one request. None where the store does not answer: then nobody is held up, and the log says so once."""
        if time.monotonic() < self._ask_again_at:
            return None
        key = f"{quota.name}/{quota.caller}"
        try:
            used = await self._store.incr(key, WINDOW_SECONDS)
            left = await self._store.get_expiry(key) - time.time()
        except StorageError as error:
            self._note_failure(error)
            return None
        self._note_answer()
        return Usage(quota.per_minute, used, max(1, math.ceil(left)))

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.aclose()

    def _note_failure(self, error: StorageError) -> None:
        self._ask_again_at = time.monotonic() + PAUSE_SECONDS
        if not self._broken:
            logger.error("the rate limit store does not answer, requests pass uncounted: %s", error)
        self._broken = True

    def _note_answer(self) -> None:
        if self._broken:
            logger.warning("the rate limit store answers again")
        self._broken = False


def _pool(url: str) -> ConnectionPool:
    """One retry, at once: it heals a connection that the store closed, and waits for nothing."""
    return ConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType] its **kwargs have no type
        url,
        socket_timeout=STORE_TIMEOUT_SECONDS,
        socket_connect_timeout=STORE_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 1),
    )


def _redis(url: str, pool: ConnectionPool) -> RedisStorage:
    # The annotation of **options leaves out the pool that the documentation names.
    options = cast("dict[str, Any]", {"connection_pool": pool})
    return RedisStorage(
        f"async+{url}", wrap_exceptions=True, implementation="redispy", key_prefix="rate-limit", **options
    )
