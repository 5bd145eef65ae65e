"""Who a person is, according to an OpenID Connect issuer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Protocol

from joserfc import jws, jwt
from joserfc.errors import JoseError
from pydantic import AfterValidator, BaseModel, StringConstraints

from src.errors import InvalidIdToken
from src.integrations.jwks import IssuerKeys
from src.integrations.texts import fitted

ALGORITHMS = ["RS256", "ES256"]
"""Asymmetric only: with HS256 the public key would be the secret, with `none` there is none."""

CLOCK_SKEW_SECONDS = 5

EMAIL_LENGTH = 320
_VISIBLE = r"^@\s\x00-\x1f\x7f-\x9f\ufeff"
"""No `@`, blank or control character. U+0085 and U+FEFF are blanks either here or in JSON Schema's dialect alone."""


def _fits(email: str) -> str:
    """In lower case an address can be longer than it was written: `İ` becomes two characters."""
    if len(email) > EMAIL_LENGTH:
        raise ValueError(f"expected at most {EMAIL_LENGTH} characters, in lower case too")
    return email


EmailAddress = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        to_lower=True,
        max_length=EMAIL_LENGTH,
        pattern=rf"^[{_VISIBLE}]+@[{_VISIBLE}]+\.[{_VISIBLE}.]+$",
    ),
    AfterValidator(_fits),
]
"""An address in lower case. That it exists is for the issuer to say; names reserved for tests are as good as others."""


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
    """Verifies ID tokens with the issuer's published keys."""

    def __init__(self, keys: IssuerKeys, *, issuer: str, audience: str) -> None:
        self._keys = keys
        self._issuers = [issuer, issuer.removeprefix("https://")]  # Google signs with either form.
        self._audience = audience

    async def verify(self, id_token: str, now: datetime) -> Identity:
        if not self._audience:
            raise InvalidIdToken("Sign-in with an ID token is not set up here: OIDC_AUDIENCE is empty.")
        try:
            keys = await self._keys.holding(_key_id(id_token), now)
            claims = jwt.decode(id_token, keys, ALGORITHMS).claims
            self._registry(now).validate(claims)
            return _identity(claims)
        except (JoseError, ValueError) as error:
            raise InvalidIdToken from error

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


class _Claims(BaseModel):
    """What identifies the person: it must fit the database as it is."""

    sub: Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00]+$")]
    email: EmailAddress


def _key_id(id_token: str) -> object:
    """The key that the token names. A token that could not pass anyway is refused before any key is fetched for it."""
    header = jws.extract_compact(id_token.encode()).headers()
    if header.get("alg") not in ALGORITHMS:
        raise InvalidIdToken
    return header.get("kid")


def _identity(claims: dict[str, Any]) -> Identity:
    person = _Claims.model_validate(claims)
    name = _text(claims.get("name"), 100) or person.email.partition("@")[0][:100]
    return Identity(person.sub, person.email, name, _text(claims.get("picture"), 2048) or None)


def _text(value: object, limit: int) -> str:
    """A claim that only decorates; empty where there is none."""
    return fitted(value, limit) if isinstance(value, str) else ""
