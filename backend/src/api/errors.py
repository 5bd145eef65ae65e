"""How an error leaves: one renderer for ours, for the framework's and for the unexpected."""

import logging
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from src.errors import (
    AppError,
    BadRequest,
    ErrorBody,
    ErrorResponse,
    FieldError,
    Forbidden,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    Unauthorized,
    UnsupportedMediaType,
    ValidationFailed,
)

MAX_DETAILS = 100

logger = logging.getLogger(__name__)

_BY_STATUS: dict[int, type[AppError]] = {
    error.status: error
    for error in (
        BadRequest,
        Unauthorized,
        Forbidden,
        NotFound,
        MethodNotAllowed,
        PayloadTooLarge,
        UnsupportedMediaType,
    )
}


def render(error: AppError, request_id: str) -> Response:
    """The error envelope. `request_id` is also in the `X-Request-ID` header."""
    body = ErrorBody(code=error.code, message=str(error), request_id=request_id)
    if error.details:
        body.details = list(error.details)
    content = ErrorResponse(error=body).model_dump_json()
    return Response(content, error.status, error.headers, "application/json")


async def app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    if error.status >= AppError.status:
        logger.error("%s: %s", error.code, error, exc_info=error)
    return render(error, request.state.request_id)


async def validation_error(request: Request, error: Exception) -> Response:
    """422, or 415 where FastAPI left the body as bytes because its media type is not JSON."""
    assert isinstance(error, RequestValidationError)
    if isinstance(error.body, bytes):
        return render(UnsupportedMediaType(), request.state.request_id)
    details = [_field_error(fault) for fault in error.errors()[:MAX_DETAILS]]
    return render(ValidationFailed(details=details), request.state.request_id)


async def http_error(request: Request, error: Exception) -> Response:
    """The framework's own 404, 405 and 400; the last hides why a body could not be read."""
    assert isinstance(error, HTTPException)
    translated = _translate(error)
    if translated.status == MethodNotAllowed.status:
        translated.headers["Allow"] = ", ".join(_allowed_methods(request))
    return render(translated, request.state.request_id)


HANDLERS: dict[int | type[Exception], Callable[[Request, Any], Coroutine[Any, Any, Response]]] = {
    AppError: app_error,
    RequestValidationError: validation_error,
    HTTPException: http_error,
}
"""What the application registers; the subclasses of each kind are its too."""


def refuse_others(kinds: Iterable[int | type[Exception]]) -> None:
    """Raise where the framework would answer a kind of error itself, in another shape. No route is a WebSocket."""
    others = set(kinds) - HANDLERS.keys() - {WebSocketRequestValidationError}
    if others:
        names = ", ".join(sorted(str(kind) for kind in others))
        raise TypeError(f"the framework would answer {names} in a shape of its own: add a handler to HANDLERS")


async def answer(request: Request, error: Exception) -> Response:
    """The answer that *error* would get from the application."""
    handle = next(HANDLERS[kind] for kind in type(error).__mro__ if kind in HANDLERS)
    return await handle(request, error)


def _translate(error: HTTPException) -> AppError:
    cause = error.__cause__
    if isinstance(cause, ValueError | RecursionError):
        fault = "expected UTF-8" if isinstance(cause, UnicodeError) else "expected JSON within the usual limits"
        return ValidationFailed(details=[FieldError(field="body", message=fault)])
    translated = _BY_STATUS.get(error.status_code, AppError)()
    translated.headers.update(error.headers or {})
    return translated


def _allowed_methods(request: Request) -> list[str]:
    """Every method of the address. FastAPI's header names those of the first matching route alone."""
    address = {"type": "http", "path": request.scope["path"], "root_path": request.scope.get("root_path", "")}
    methods = [
        method
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if any(route.matches({**address, "method": method})[0] is Match.FULL for route in request.app.routes)
    ]
    return ["HEAD", *methods] if "GET" in methods else methods


def _field_error(fault: dict[str, Any]) -> FieldError:
    if fault["type"] == "json_invalid" and fault["loc"][1:]:  # FastAPI's own; pydantic's message names the place.
        place = f"at character {fault['loc'][1]}"
        return FieldError(field="body", message=f"{fault['msg']} {place}: {fault['ctx']['error']}")
    return FieldError(field=_path(fault["loc"]), message=fault["msg"].removeprefix("Value error, "))


def _path(location: Sequence[int | str]) -> str:
    """`("body", "subtasks", 0, "title")` as `subtasks.0.title`. A name that is not valid Unicode is made so."""
    path = ".".join(str(part) for part in location[1:]) or str(location[0])
    return path.encode("utf-8", "replace").decode()
