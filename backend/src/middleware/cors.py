"""Who may read the answers from a browser."""

from collections.abc import Callable
from typing import Any

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

from src.errors import AppError, BadRequest
from src.middleware.request_id import current_request_id


class Cors(CORSMiddleware):
    """Starlette's, but a refused preflight is answered in the error envelope as every other failure."""

    def __init__(self, app: ASGIApp, *, render: Callable[[AppError, str], Response], **options: Any) -> None:
        super().__init__(app, **options)
        self.render = render

    def preflight_response(self, request_headers: Headers) -> Response:
        answer = super().preflight_response(request_headers)
        if answer.status_code != BadRequest.status:
            return answer
        kept = {name: value for name, value in answer.headers.items() if not name.startswith("content-")}
        return self.render(BadRequest(bytes(answer.body).decode(), headers=kept), current_request_id.get())
