"""The last catch, inside CORS and the request id, so that even a 500 carries their headers."""

import logging
from collections.abc import Callable

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from src.errors import AppError

logger = logging.getLogger(__name__)


class CatchErrors:
    """Answers an AppError of an inner middleware; any other exception becomes a logged 500 that tells nothing."""

    def __init__(self, app: ASGIApp, render: Callable[[AppError, str], Response]) -> None:
        self.app = app
        self.render = render

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def note_start(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, note_start)
        except Exception as error:
            if not isinstance(error, AppError):
                logger.exception("unhandled exception")
            if started:
                raise
            answer = error if isinstance(error, AppError) else AppError()
            await self.render(answer, scope["state"]["request_id"])(scope, receive, send)
