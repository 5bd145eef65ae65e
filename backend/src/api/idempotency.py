"""The Idempotency-Key header: a repeated request gets the answer of the first one, and its work is done once."""

import hashlib
import re
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, ClassVar

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.exceptions import HTTPException

from src.api import errors
from src.api.deps import Resources, bearer, current_user
from src.errors import (
    AppError,
    BadRequest,
    ErrorResponse,
    IdempotencyInProgress,
    IdempotencyKeyRequired,
    IdempotencyKeyReused,
    RateLimitExceeded,
    Responses,
    Unauthorized,
    responses,
)
from src.services import idempotency
from src.services.idempotency import Answer, Named

HEADER = "Idempotency-Key"
REPLAYED = {"Idempotency-Replayed": "true"}
VISIBLE = re.compile(r"[!-~]{1,255}")
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})

REFUSALS = (AppError, RequestValidationError, HTTPException)

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class IdempotentRoute(APIRoute):
    """A route of signed-in users whose writes may be named: the answer is kept in the transaction of the work.

    The route class opens the transaction and `SessionDep` joins it. A refusal (4xx) is an answer like any other: its
    work is rolled back to a savepoint and the refusal is kept. A 5xx or 429 is not: the client shall try again.
    """

    required: ClassVar[bool] = False

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: set[str] | list[str] | None = None,
        responses: Responses | None = None,
        **options: Any,
    ) -> None:
        self._writes = not WRITING.isdisjoint(methods or ())
        if self._writes:
            responses = _documented(responses, required=self.required)
            options["openapi_extra"] = {"parameters": [{**_PARAMETER, "required": self.required}]}
        super().__init__(path, endpoint, methods=methods, responses=responses, **options)

    def get_route_handler(self) -> Handler:
        work = super().get_route_handler()
        if not self._writes:
            return work

        async def answer(request: Request) -> Response:
            named = HEADER in request.headers
            return await self.once(request, work) if named or self.required else await work(request)

        return answer

    async def once(self, request: Request, work: Handler) -> Response:
        named, now, expires_at = await name(request)
        async with request.state.resources.database.transaction() as session:
            kept = await idempotency.find(session, named, now=now)
            if kept is not None:
                return replay(request, kept)
            request.state.session = session
            response = await _attempt(request, session, work)
            await idempotency.keep(session, named, answer_of(response), expires_at=expires_at)
        return response


async def _attempt(request: Request, session: AsyncSession, work: Handler) -> Response:
    """The answer of *work*, or its refusal with the work undone. Raises what must not be kept."""
    savepoint = await session.begin_nested()
    try:
        response = await work(request)
    except REFUSALS as error:
        response = await errors.answer(request, error)
        if not keepable(response):
            raise
        await (savepoint.commit() if getattr(error, "keeps_changes", False) else savepoint.rollback())
        return response
    await savepoint.commit()
    return response


async def name(request: Request) -> tuple[Named, datetime, datetime]:
    """The named request, now, and until when its answer is kept.

    Raises Unauthorized first, then IdempotencyKeyRequired, or BadRequest for a key that is none.
    """
    resources: Resources = request.state.resources
    now = resources.clock()
    user = await current_user(resources.tokens, now, await bearer(request))
    key = request.headers.get(HEADER)
    if key is None:
        raise IdempotencyKeyRequired
    if not VISIBLE.fullmatch(key):
        raise BadRequest(f"{HEADER}: expected 1 to 255 visible ASCII characters.")
    asked = "\0".join((request.method, request.scope["path"], request.scope["query_string"].decode("latin-1"), ""))
    fingerprint = hashlib.sha256(asked.encode() + await request.body()).hexdigest()
    return Named(user.id, key, fingerprint), now, now + timedelta(seconds=resources.rules.idempotency_key_ttl_seconds)


def keepable(response: Response) -> bool:
    """Not so: a failure, a caller who came too often, and an account that is gone."""
    never = (Unauthorized.status, RateLimitExceeded.status)
    return response.status_code < AppError.status and response.status_code not in never


def answer_of(response: Response) -> Answer:
    return Answer(response.status_code, bytes(response.body), response.headers.get("content-type"))


def replay(request: Request, kept: Answer) -> Response:
    """The same status and bytes. A refusal quotes the id of the request that was refused, so the header does too."""
    if kept.status >= BadRequest.status:
        request.state.request_id = ErrorResponse.model_validate_json(kept.body).error.request_id
    headers = REPLAYED | ({"Content-Type": kept.media_type} if kept.media_type else {})
    return Response(kept.body, kept.status, headers)


def _documented(own: Responses | None, *, required: bool) -> Responses:
    missing = [IdempotencyKeyRequired] if required else []
    return responses(BadRequest, *missing, IdempotencyKeyReused, IdempotencyInProgress, also=own)


_PARAMETER = {
    "name": HEADER,
    "in": "header",
    "description": "A name for this request, new for each intent: repeated, it is answered again but done once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
