"""Who a person is, according to an OpenID Connect issuer."""

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import httpx2
from joserfc import jws, jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from src.errors import InvalidIdToken, ServiceUnavailable

ALGORITHMS = ["RS256", "ES256"]
"""Asymmetric only: with HS256 the public key would be the secret, with `none` there is none."""

CLOCK_SKEW_SECONDS = 5
KEYS_TTL = timedelta(hours=1)
REFRESHES_PER_MINUTE = 10


@dataclass(frozen=True, slots=True)
class Identity:
    """A person whose email address the issuer has verified."""

    subject: str | None
    email: str
    name: str
    avatar_url: str | None


class IdentityProvider(Protocol):
    async def verify(self, id_token: str, now: datetime) -> Identity:
        """Raises InvalidIdToken, or ServiceUnavailable when the issuer's keys cannot be had."""
        ...


class OidcProvider:
    """Verifies ID tokens with the issuer's published keys, fetched when needed and kept for an hour."""

    def __init__(self, client: httpx2.AsyncClient, *, issuer: str, audience: str, jwks_url: str) -> None:
        self._client = client
        self._issuers = [issuer, issuer.removeprefix("https://")]  # Google signs with either form.
        self._audience = audience
        self._jwks_url = jwks_url
        self._keys: KeySet | None = None
        self._refreshed: deque[datetime] = deque(maxlen=REFRESHES_PER_MINUTE)
        self._refreshing = asyncio.Lock()

    async def verify(self, id_token: str, now: datetime) -> Identity:
        if not self._audience:
            raise InvalidIdToken("Sign-in with an ID token is not set up here: OIDC_AUDIENCE is empty.")
        try:
            keys = await self._keys_for(jws.extract_compact(id_token.encode()).headers().get("kid"), now)
            claims = jwt.decode(id_token, keys, ALGORITHMS).claims
            self._registry(now).validate(claims)
        except (JoseError, ValueError) as error:
            raise InvalidIdToken from error
        return _identity(claims)

    def _registry(self, now: datetime) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=CLOCK_SKEW_SECONDS,
            iss={"essential": True, "values": self._issuers},
            aud={"essential": True, "value": self._audience},
            exp={"essential": True},
            sub={"essential": True},
            email={"essential": True},
            email_verified={"essential": True, "value": True},
        )

    async def _keys_for(self, key_id: object, now: datetime) -> KeySet:
        """The issuer's keys, fetched again when they are old or do not hold *key_id*."""
        async with self._refreshing:
            known = self._keys is not None and (key_id is None or _holds(self._keys, key_id))
            fresh = bool(self._refreshed) and now - self._refreshed[-1] < KEYS_TTL
            if not (known and fresh) and self._may_refresh(now):
                await self._refresh(now, tolerate_failure=known)
        if self._keys is None:
            raise ServiceUnavailable("The identity provider cannot be reached. Try again later.")
        return self._keys

    def _may_refresh(self, now: datetime) -> bool:
        """Bounded, because anyone can send tokens with invented key ids."""
        busy = len(self._refreshed) == REFRESHES_PER_MINUTE
        return not (busy and now - self._refreshed[0] < timedelta(minutes=1))

    async def _refresh(self, now: datetime, *, tolerate_failure: bool) -> None:
        self._refreshed.append(now)
        try:
            response = await self._client.get(self._jwks_url)
            response.raise_for_status()
            self._keys = KeySet.import_key_set(response.json())
        except (httpx2.HTTPError, JoseError, ValueError, TypeError, KeyError) as error:
            if not tolerate_failure:
                raise ServiceUnavailable("The identity provider cannot be reached. Try again later.") from error


def _holds(keys: KeySet, key_id: object) -> bool:
    try:
        keys.get_by_kid(str(key_id))
    except InvalidKeyIdError:
        return False
    return True


def _identity(claims: dict[str, Any]) -> Identity:
    email = str(claims["email"]).strip().lower()
    name = str(claims.get("name") or "").strip() or email.partition("@")[0]
    picture = claims.get("picture")
    return Identity(str(claims["sub"]), email, name[:100], str(picture)[:2048] if picture else None)
