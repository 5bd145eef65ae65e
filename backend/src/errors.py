"""Every error a client can see, and the one shape in which it sees them.

AppError                      500 INTERNAL_ERROR
  BadRequest                  400 BAD_REQUEST
    IdempotencyKeyRequired    400 IDEMPOTENCY_KEY_REQUIRED
  Unauthorized                401 UNAUTHORIZED
    TokenExpired              401 TOKEN_EXPIRED
    InvalidIdToken            401 INVALID_ID_TOKEN
    InvalidRefreshToken       401 INVALID_REFRESH_TOKEN
      RefreshTokenReused      401 INVALID_REFRESH_TOKEN
    InvalidSignature          401 INVALID_SIGNATURE
  InsufficientCredits         402 INSUFFICIENT_CREDITS
  Forbidden                   403 FORBIDDEN
    TierRequired              403 TIER_REQUIRED
  NotFound                    404 NOT_FOUND
    TaskNotFound              404 TASK_NOT_FOUND
  MethodNotAllowed            405 METHOD_NOT_ALLOWED
  Conflict                    409 CONFLICT
    LimitExceeded             409 LIMIT_EXCEEDED
    Archived                  409 ARCHIVED
    SubtasksOpen              409 SUBTASKS_OPEN
    AlreadyCompleted          409 CONFLICT
    NotCompleted              409 CONFLICT
    FocusRunning              409 CONFLICT
    NoFocusRunning            409 CONFLICT
    IdempotencyKeyReused      409 IDEMPOTENCY_KEY_REUSED
    IdempotencyInProgress     409 IDEMPOTENCY_IN_PROGRESS
  PayloadTooLarge             413 PAYLOAD_TOO_LARGE
  UnsupportedMediaType        415 UNSUPPORTED_MEDIA_TYPE
  ValidationFailed            422 VALIDATION_ERROR
  RateLimitExceeded           429 RATE_LIMIT_EXCEEDED
  AIServiceError              502 AI_SERVICE_ERROR
    AIServiceUnavailableError 503 AI_SERVICE_UNAVAILABLE
  ServiceUnavailable          503 SERVICE_UNAVAILABLE
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, ClassVar, cast

from pydantic import MISSING, BaseModel

from src.schemas.enums import ErrorCode


class AppError(Exception):
    """The root. `message` is for the client and names the remedy; its cause is for the log: `raise ... from`."""

    status: ClassVar[int] = 500
    code: ClassVar[ErrorCode] = ErrorCode.INTERNAL_ERROR
    message: ClassVar[str] = "Something went wrong on our side. Quote the request id when you report it."
    keeps_changes: ClassVar[bool] = False
    """True where the work done before the raise must be committed, not rolled back."""

    def __init__(
        self,
        message: str | None = None,
        *,
        details: Sequence["FieldError"] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message or self.message)
        self.details = details
        self.headers = dict(headers or {})


class BadRequest(AppError):
    status, code, message = 400, ErrorCode.BAD_REQUEST, "The request cannot be understood."


class IdempotencyKeyRequired(BadRequest):
    code = ErrorCode.IDEMPOTENCY_KEY_REQUIRED
    message = "Send an Idempotency-Key header: 1 to 255 visible ASCII characters, new for each intent."


class Unauthorized(AppError):
    status, code, message = 401, ErrorCode.UNAUTHORIZED, "Send a valid access token: Authorization: Bearer <token>."

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message, headers={"WWW-Authenticate": "Bearer"})


class TokenExpired(Unauthorized):
    code, message = ErrorCode.TOKEN_EXPIRED, "The access token has expired. Get a new one from /auth/refresh."


class InvalidIdToken(Unauthorized):
    code, message = ErrorCode.INVALID_ID_TOKEN, "The ID token is not valid for this application. Sign in again."


class InvalidRefreshToken(Unauthorized):
    code, message = ErrorCode.INVALID_REFRESH_TOKEN, "The refresh token is unknown, spent or expired. Sign in again."


class RefreshTokenReused(InvalidRefreshToken):
    """A spent token came back: its whole family is revoked, and that must outlive the 401."""

    keeps_changes = True


class InvalidSignature(Unauthorized):
    code, message = ErrorCode.INVALID_SIGNATURE, "The webhook signature is missing, wrong or too old."


class InsufficientCredits(AppError):
    status, code, message = 402, ErrorCode.INSUFFICIENT_CREDITS, "There are not enough credits for this."


class Forbidden(AppError):
    status, code, message = 403, ErrorCode.FORBIDDEN, "You may not do this."


class TierRequired(Forbidden):
    code, message = ErrorCode.TIER_REQUIRED, "This needs the pro tier."


class NotFound(AppError):
    status, code, message = 404, ErrorCode.NOT_FOUND, "There is nothing here."


class TaskNotFound(NotFound):
    code, message = ErrorCode.TASK_NOT_FOUND, "Task not found."


class MethodNotAllowed(AppError):
    status, code, message = 405, ErrorCode.METHOD_NOT_ALLOWED, "This address does not take that method."


class Conflict(AppError):
    status, code = 409, ErrorCode.CONFLICT
    message = "The resource was changed meanwhile. Read it again and repeat with its current version."


class LimitExceeded(Conflict):
    code, message = ErrorCode.LIMIT_EXCEEDED, "A limit of your tier is reached."


class Archived(Conflict):
    code, message = ErrorCode.ARCHIVED, "An archived task is read-only. Unarchive it first."


class SubtasksOpen(Conflict):
    code, message = ErrorCode.SUBTASKS_OPEN, "A subtask is still open. Complete it, or use force-complete."


class AlreadyCompleted(Conflict):
    message = "The task is completed already. Reopen it first."


class NotCompleted(Conflict):
    message = "The task is not completed: there is nothing to reopen."


class FocusRunning(Conflict):
    message = "A focus session is running already. Stop it first."


class NoFocusRunning(Conflict):
    message = "No focus session is running: there is nothing to stop."


class IdempotencyKeyReused(Conflict):
    code, message = (
        ErrorCode.IDEMPOTENCY_KEY_REUSED,
        "This Idempotency-Key was used for another request. Make a new one.",
    )


class IdempotencyInProgress(Conflict):
    code = ErrorCode.IDEMPOTENCY_IN_PROGRESS
    message = "The same request is still being worked on. Repeat it in a moment."


class PayloadTooLarge(AppError):
    status, code, message = 413, ErrorCode.PAYLOAD_TOO_LARGE, "The request body is larger than 1 MiB."


class UnsupportedMediaType(AppError):
    status, code, message = 415, ErrorCode.UNSUPPORTED_MEDIA_TYPE, "Send JSON with Content-Type: application/json."


class ValidationFailed(AppError):
    status, code, message = 422, ErrorCode.VALIDATION_ERROR, "The request is not valid. See details for each field."


class RateLimitExceeded(AppError):
    status, code, message = 429, ErrorCode.RATE_LIMIT_EXCEEDED, "Too many requests. Wait as Retry-After says."


class AIServiceError(AppError):
    status, code, message = (
        502,
        ErrorCode.AI_SERVICE_ERROR,
        "The AI service gave no usable answer. No credit was spent.",
    )


class AIServiceUnavailableError(AIServiceError):
    status, code = 503, ErrorCode.AI_SERVICE_UNAVAILABLE
    message = "The AI service cannot be reached. No credit was spent; try again later."


class ServiceUnavailable(AppError):
    status, code = 503, ErrorCode.SERVICE_UNAVAILABLE
    message = "The service is not available at the moment. Try again later."


class FieldError(BaseModel):
    """One fault of a request: `field` is a dot path such as `subtasks.0.title`."""

    field: str
    message: str


class ErrorBody(BaseModel):
    code: ErrorCode
    message: str
    details: list[FieldError] = cast("list[FieldError]", MISSING)
    """Absent where no single field is at fault."""
    request_id: str


class ErrorResponse(BaseModel):
    """The envelope of every failure."""

    error: ErrorBody


Responses = dict[int | str, dict[str, Any]]


def responses(*errors: type[AppError], also: Responses | None = None) -> Responses:
    """OpenAPI `responses` for the errors a route can raise and *also*: one entry per status, one example per code."""
    documented = deepcopy(also or {})
    for error in errors:
        entry = documented.setdefault(error.status, {"model": ErrorResponse, "description": "", "content": {}})
        entry["description"] = " ".join(filter(None, (entry["description"], f"`{error.code}`: {error.message}")))
        examples = entry["content"].setdefault("application/json", {"examples": {}})["examples"]
        body = {"code": error.code.value, "message": error.message, "request_id": "4fd1c6f0a3b14c0e9b4f0a7d2b6c8e15"}
        examples[error.code.value] = {"value": {"error": body}}
    return documented
