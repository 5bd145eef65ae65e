"""A caller who comes too often is refused before anything is done for the request."""

from collections.abc import Awaitable, Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from src.errors import RateLimitExceeded
from src.integrations.rate_limits import Usage


class RateLimit:
    """Raises RateLimitExceeded where *count* says so; else the answer, whatever it is, tells what is left."""

    def __init__(self, app: ASGIApp, count: Callable[[Scope], Awaitable[Usage | None]]) -> None:
        self.app = app
        self.count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        usage = await self.count(scope) if scope["type"] == "http" else None
        if usage is None:
            await self.app(scope, receive, send)
            return
        headers = usage.headers()
        if usage.exceeded:
            raise RateLimitExceeded(headers={**headers, "Retry-After": str(usage.reset_seconds)})

        async def send_with_usage(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        await self.app(scope, receive, send_with_usage)
