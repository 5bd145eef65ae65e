"""Everything under `/api/v1`, and the errors that every route there shares."""

from fastapi import APIRouter, Depends

from src.api import achievements, ai, auth, credits, focus, notes, subtasks, tasks, tombstones, users, webhooks
from src.api.deps import utf8_body
from src.errors import (
    AppError,
    PayloadTooLarge,
    RateLimitExceeded,
    ServiceUnavailable,
    TokenExpired,
    Unauthorized,
    UnsupportedMediaType,
    ValidationFailed,
    responses,
)

EVERYWHERE = responses(PayloadTooLarge, ValidationFailed, RateLimitExceeded, AppError, ServiceUnavailable)
JSON = responses(UnsupportedMediaType)
"""Not for webhooks: their signature is over the raw bytes, whatever media type they claim to be."""
SIGNED_IN = JSON | responses(Unauthorized, TokenExpired)


def api_router(*, development: bool) -> APIRouter:
    """The versioned API. The development sign-in is in it only where *development* is true."""
    router = APIRouter(prefix="/api/v1", dependencies=[Depends(utf8_body)], responses=EVERYWHERE)
    router.include_router(auth.router, responses=JSON)
    router.include_router(webhooks.router)
    if development:
        router.include_router(auth.dev_router, responses=JSON)
    for noun in (users, tasks, subtasks, notes, focus, tombstones, achievements, credits, ai):
        router.include_router(noun.router, responses=SIGNED_IN)
    return router
