"""What routes are given: each dependency is an alias with the reason beside it.

All are `async`, though few of them wait: a plain function would cost a thread with every request.
"""

import json
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, cast

from fastapi import Depends, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel.ext.asyncio.session import AsyncSession

from src.api.client_address import Network
from src.clock import utc_now
from src.db import Database
from src.errors import FieldError, Unauthorized, ValidationFailed
from src.integrations.ai import AIProvider
from src.integrations.identity import IdentityProvider
from src.integrations.prometheus import Metrics
from src.integrations.rate_limits import RateLimiter
from src.rules import Rules
from src.schemas.base import PageQuery
from src.tokens import AccessTokens, Actor


@dataclass(frozen=True, slots=True)
class Resources:
    """What lives as long as the application: made in its lifespan, handed to every request."""

    database: Database
    rules: Rules
    tokens: AccessTokens
    identities: IdentityProvider
    revisions: frozenset[str]
    """The migration heads that this code was written for."""
    webhook_secret: str
    limiter: RateLimiter
    ai: AIProvider
    metrics: Metrics
    trusted_proxies: Sequence[Network] = ()
    """Whose forwarded addresses count."""
    clock: Callable[[], datetime] = utc_now


async def resources(request: Request) -> Resources:
    return cast(Resources, request.state.resources)


ResourcesDep = Annotated[Resources, Depends(resources)]


async def utf8_body(request: Request) -> None:
    """Refuse what only the JSON parser understands: it takes UTF-16 and UTF-32 as well. Raises ValidationFailed."""
    if json.detect_encoding(await request.body()) not in {"utf-8", "utf-8-sig"}:
        raise ValidationFailed(details=[FieldError(field="body", message="expected UTF-8")])


async def database(resources: ResourcesDep) -> Database:
    return resources.database


DatabaseDep = Annotated[Database, Depends(database)]
"""For work in several transactions, with something in between that no transaction may wait for."""


async def transaction(request: Request, resources: ResourcesDep) -> AsyncGenerator[AsyncSession]:
    if outer := getattr(request.state, "session", None):
        yield outer  # The route class that opened it commits it: see `src.api.idempotency`.
        return
    async with resources.database.transaction() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(transaction, scope="function")]
"""One transaction per request. `scope="function"` commits it before the response leaves: with the default scope the
client has its 201 before the commit that may still fail."""


async def reader(resources: ResourcesDep) -> AsyncGenerator[AsyncSession]:
    async with resources.database.reader() as session:
        yield session


ReaderDep = Annotated[AsyncSession, Depends(reader, scope="function")]
"""For routes that only read: no transaction, and a write through it raises."""


async def now(resources: ResourcesDep) -> datetime:
    return resources.clock()


Now = Annotated[datetime, Depends(now)]
"""The instant of the request. One per request, and a test can set it."""


async def rules(resources: ResourcesDep) -> Rules:
    return resources.rules


RulesDep = Annotated[Rules, Depends(rules)]
"""The numbers of the domain."""


async def tokens(resources: ResourcesDep) -> AccessTokens:
    return resources.tokens


TokensDep = Annotated[AccessTokens, Depends(tokens)]


async def identities(resources: ResourcesDep) -> IdentityProvider:
    return resources.identities


IdentitiesDep = Annotated[IdentityProvider, Depends(identities)]


async def ai(resources: ResourcesDep) -> AIProvider:
    return resources.ai


AIDep = Annotated[AIProvider, Depends(ai)]

bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="The access token of a sign-in.")


async def current_user(
    tokens: TokensDep, now: Now, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> Actor:
    if credentials is None:
        raise Unauthorized
    return tokens.verify(credentials.credentials, now)


CurrentUser = Annotated[Actor, Depends(current_user)]
"""Who the access token speaks for. Costs no statement: the token's claims are enough."""


Paging = Annotated[PageQuery, Query()]
"""Which part of a listing. A listing with filters takes a subclass of PageQuery in its place: two would not know each
other's parameters."""
