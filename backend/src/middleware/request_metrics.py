"""How long each route takes to answer, and with which status."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from src.integrations.prometheus import Metrics
from src.middleware.answer import Answer


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
        answer = Answer(send)
        with self.metrics.active.track_inprogress():
            try:
                await self.app(scope, receive, answer)
            finally:
                path = self.paths.get(scope.get("endpoint"), "")
                self.metrics.answered(scope["method"], path, answer.status, answer.seconds)
