"""One line in the log for each request."""

import logging
from urllib.parse import quote

from starlette.types import ASGIApp, Receive, Scope, Send

from src.middleware.answer import Answer

logger = logging.getLogger("access")


class AccessLog:
    """Notes method, path, status and duration. Never the query and never a header: both can hold secrets."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = Answer(send)
        try:
            await self.app(scope, receive, answer)
        finally:
            # Quoted, because a path may hold a line break that would forge a second line.
            method, path = quote(scope["method"]), quote(scope["path"])
            duration_ms = round(answer.seconds * 1000, 1)
            fields = {"method": method, "path": path, "status": answer.status, "duration_ms": duration_ms}
            logger.info("%s %s %d %.1f ms", method, path, answer.status, duration_ms, extra={"fields": fields})
