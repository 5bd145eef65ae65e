"""Access tokens: signed by us, verified without a database, published as a key set."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import ECKey, RSAKey

from src.errors import TokenExpired, Unauthorized
from src.schemas.enums import UserTier

MIN_RSA_BITS: Final = 2048
REMEMBERED_TOKENS: Final = 4096


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is calling, as far as the token tells: the tier may be as old as the token."""

    id: UUID
    tier: UserTier


class AccessTokens:
    """Signs and verifies JWTs with one asymmetric key."""

    def __init__(self, private_key: str, *, issuer: str, audience: str, ttl_seconds: int) -> None:
        self.ttl_seconds = ttl_seconds
        self._key, self._algorithm = import_signing_key(private_key)
        self._issuer, self._audience = issuer, audience
        self._header = {"alg": self._algorithm, "kid": self._key.thumbprint()}
        # A token comes back with every request of its lifetime: its signature is checked once, its times always.
        self._signed_claims = lru_cache(REMEMBERED_TOKENS)(self._check_signature)

    def issue(self, user_id: UUID, tier: UserTier, now: datetime) -> str:
        issued_at = int(now.timestamp())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(user_id),
            "tier": tier.value,
            "iat": issued_at,
            "exp": issued_at + self.ttl_seconds,
            "jti": str(uuid4()),
        }
        return jwt.encode(self._header, claims, self._key, [self._algorithm])

    def verify(self, token: str, now: datetime) -> Actor:
        """Who *token* speaks for. Raises TokenExpired, or Unauthorized for every other fault."""
        try:
            claims = self._signed_claims(token)
            # `iat` is left out: a host whose clock runs half a second ahead is not an attacker.
            self._registry(now).validate({name: value for name, value in claims.items() if name != "iat"})
            return Actor(UUID(claims["sub"]), UserTier(claims["tier"]))
        except ExpiredTokenError as error:
            raise TokenExpired from error
        except (JoseError, ValueError) as error:
            raise Unauthorized from error

    def subject(self, token: str) -> str | None:
        """Whose token this is, expired or not; None for one that was not signed here."""
        try:
            return str(self._signed_claims(token).get("sub"))
        except (JoseError, ValueError):
            return None

    def key_set(self) -> dict[str, Any]:
        """The public half as an RFC 7517 key set."""
        parameters = {"kid": self._header["kid"], "alg": self._algorithm, "use": "sig"}
        return {"keys": [{**self._key.as_dict(private=False), **parameters}]}

    def _check_signature(self, token: str) -> dict[str, Any]:
        return jwt.decode(token, self._key, [self._algorithm]).claims

    def _registry(self, now: datetime) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._audience},
            sub={"essential": True},
            tier={"essential": True},
            exp={"essential": True},
            jti={"essential": True},
        )


def import_signing_key(pem: str) -> tuple[RSAKey | ECKey, str]:
    """The private key and its JWS algorithm. Raises ValueError for a weak, public or foreign key."""
    for kind, algorithm in ((RSAKey, "RS256"), (ECKey, "ES256")):
        try:
            key = kind.import_key(pem)
        except (JoseError, ValueError, TypeError):
            continue
        _refuse_weak(key)
        return key, algorithm
    raise ValueError(f"expected a PEM private key: RSA of at least {MIN_RSA_BITS} bits, or EC P-256")


def generate_signing_key() -> str:
    """A new RSA private key as PEM."""
    return RSAKey.generate_key(MIN_RSA_BITS).as_pem(private=True).decode()


def _refuse_weak(key: RSAKey | ECKey) -> None:
    if not key.is_private:
        raise ValueError("expected a private key, got a public one")
    if isinstance(key, RSAKey) and key.raw_value.key_size < MIN_RSA_BITS:
        raise ValueError(f"the RSA key has {key.raw_value.key_size} bits, at least {MIN_RSA_BITS} are needed")
    if isinstance(key, ECKey) and key.curve_name != "P-256":
        raise ValueError(f"the EC key is on {key.curve_name}, P-256 is needed")
