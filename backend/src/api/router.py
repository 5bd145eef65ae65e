"""Everything under `/api/v1`, and the errors that every route there shares."""

from fastapi import APIRouter, Depends

from src.api import achievements, ai, auth, credits, focus, goals, notes, subtasks, tasks, tombstones, users, webhooks
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
UTF8 = [Depends(utf8_body)]
"""Neither is for webhooks: their signature is over the raw bytes, and nothing is said about these before it holds."""
SIGNED_IN = JSON | responses(Unauthorized, TokenExpired)

OF_A_USER = (
    users,
    tasks,
    subtasks,
    notes,
    focus,
    tombstones,
    achievements,
    credits,
    ai,
    goals,
)
"""The nouns whose routes all ask who is calling."""


def api_router(*, development: bool) -> APIRouter:
    """The versioned API. The development sign-in is in it only where *development* is true."""
    router = APIRouter(prefix="/api/v1", responses=EVERYWHERE)
    router.include_router(auth.router, dependencies=UTF8, responses=JSON)
    router.include_router(webhooks.router)
    if development:
        router.include_router(auth.dev_router, dependencies=UTF8, responses=JSON)
    for noun in OF_A_USER:
        router.include_router(noun.router, dependencies=UTF8, responses=SIGNED_IN)
    return router
