"""How long each route takes to answer, and with which status."""

import time
from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from src.integrations.prometheus import Metrics


class RequestMetrics:
    """Tells *metrics* of each request, by the path of the route that took it: *paths* has that of each endpoint.

    `scope["route"].path` would lack the prefixes of routers that are included. Nothing inside may copy the scope, for
    that is where the router says which endpoint it found.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, paths: Mapping[object, str]) -> None:
        self.app = app
        self.metrics = metrics
        self.paths = paths

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

        with self.metrics.active.track_inprogress():
            try:
                await self.app(scope, receive, note_status)
            finally:
                path = self.paths.get(scope.get("endpoint"), "")
                self.metrics.answered(scope["method"], path, status, time.perf_counter() - started)
