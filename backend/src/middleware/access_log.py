"""One line in the log for each request."""

import logging
import time
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger("access")


class AccessLog:
    """Notes method, path, status and duration. Never the query and never a header: both can hold secrets."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, note_status)
        finally:
            # Quoted, because a path may hold a line break that would forge a second line.
            method, path = quote(scope["method"]), quote(scope["path"])
            duration_ms = round((time.perf_counter() - started) * 1000, 1)
            fields = {"method": method, "path": path, "status": status, "duration_ms": duration_ms}
            logger.info("%s %s %d %.1f ms", method, path, status, duration_ms, extra={"fields": fields})
