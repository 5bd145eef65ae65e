"""Users, sign-in and tokens on the wire."""

from functools import cache
from importlib.resources import files
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from src.clock import Timestamp
from src.integrations.identity import EmailAddress
from src.schemas.base import Input, Patch, Schema, omittable
from src.schemas.enums import UserTier

UserName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
OpaqueToken = Annotated[str, StringConstraints(min_length=1, max_length=512)]


@cache
def _zones() -> frozenset[str]:
    """The names of the IANA database, but for the one that says that no zone was chosen.

    `available_timezones()` adds what else lies in the machine's own folder, such as `localtime`.
    """
    return frozenset((files("tzdata") / "zones").read_text("utf-8").split()) - {"Factory"}


def _known_zone(value: str) -> str:
    if value not in _zones():
        raise ValueError("expected an IANA time zone name, for example Europe/Berlin")
    return value


TimeZoneName = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known_zone)]


class UserRead(Schema):
    id: UUID
    email: str
    name: str
    avatar_url: str | None
    timezone: str
    tier: UserTier
    created_at: Timestamp
    updated_at: Timestamp


class UserUpdate(Patch):
    name: UserName = omittable()
    timezone: TimeZoneName = omittable()


class GoogleSignIn(Input):
    id_token: str = Field(min_length=1, max_length=16_384, description="The OpenID Connect ID token.")


class DevSignIn(Input):
    email: EmailAddress
    name: UserName | None = None


class RefreshRequest(Input):
    refresh_token: OpaqueToken


class TokensRead(Schema):
    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="Seconds until the access token expires.")


class SessionRead(TokensRead):
    user: UserRead
