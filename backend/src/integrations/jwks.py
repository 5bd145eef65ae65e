"""The published keys of an OpenID Connect issuer, fetched when they are needed and kept for an hour."""

import asyncio
from collections import deque
from datetime import datetime, timedelta
from typing import Any

import httpx2
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from src.errors import ServiceUnavailable

KEYS_TTL = timedelta(hours=1)
RETRY_AFTER = timedelta(minutes=1)
"""How long keys that could not be fetched again go on being used before the next attempt."""
FETCHES_PER_MINUTE = 10
_KINDS: dict[str, type[RSAKey] | type[ECKey]] = {"RSA": RSAKey, "EC": ECKey}


class IssuerKeys:
    """A cache of one key set. Known keys are answered at once, also while others wait for the network."""

    def __init__(self, client: httpx2.AsyncClient, url: str, *, timeout_seconds: float) -> None:
        self._client = client
        self._url = url
        self._timeout_seconds = timeout_seconds
        self._keys: KeySet | None = None
        self._fresh_until: datetime | None = None
        self._fetched: deque[datetime] = deque(maxlen=FETCHES_PER_MINUTE)
        self._fetch_count: int = 0
        self._reachable = False
        self._fetching = asyncio.Lock()

    async def holding(self, key_id: object, now: datetime) -> KeySet:
        """The keys, fetched again where they are old or do not hold *key_id*.

        Raises ServiceUnavailable when the issuer cannot be asked and the keys at hand are no answer.
        """
        if not (self._holds(key_id) and self._fresh_until and now < self._fresh_until):
            await self._refresh(now)
        if self._keys is None or not (self._reachable or self._holds(key_id)):
            raise ServiceUnavailable("The identity provider cannot be reached. Try again later.")
        return self._keys

    def _holds(self, key_id: object) -> bool:
        try:
            return self._keys is not None and (key_id is None or bool(self._keys.get_by_kid(str(key_id))))
        except InvalidKeyIdError:
            return False

    async def _refresh(self, now: datetime) -> None:
        """Fetch the keys. Whoever meets a fetch under way takes its outcome and starts no other."""
        count = self._fetch_count
        async with self._fetching:
            if self._fetch_count != count or not self._may_fetch(now):
                return
            self._fetched.append(now)
            fetched = await self._fetch()
            self._fetch_count += 1
            self._reachable = fetched is not None
            self._keys = fetched or self._keys
            self._fresh_until = now + (KEYS_TTL if self._reachable else RETRY_AFTER)

    def _may_fetch(self, now: datetime) -> bool:
        """Bounded, because anyone can send tokens with invented key ids."""
        busy = len(self._fetched) == FETCHES_PER_MINUTE
        return not (busy and now - self._fetched[0] < timedelta(minutes=1))

    async def _fetch(self) -> KeySet | None:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                response = await self._client.get(self._url)
            published = response.raise_for_status().json()["keys"]
            keys = [key for key in map(_imported, published) if key]
        except (httpx2.HTTPError, TimeoutError, ValueError, TypeError, KeyError):
            return None
        return KeySet(list(keys)) if keys else None


def _imported(data: Any) -> RSAKey | ECKey | None:
    """The key, or None for one of another kind or purpose: an odd key must not spoil the others."""
    try:
        kind = _KINDS[data["kty"]] if data.get("use", "sig") == "sig" else None
        return kind.import_key(data) if kind else None
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
