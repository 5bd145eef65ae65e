"""No request body is larger than the limit, whatever its headers claim."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from src.errors import PayloadTooLarge


class BodyLimit:
    """Reads the body before the application does and raises PayloadTooLarge as soon as it is too long.

    FastAPI's own `max_body_size` answers in plain text, past the error envelope.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > self.max_bytes:
            raise PayloadTooLarge
        messages = await self._read(receive)
        if messages[-1]["type"] == "http.disconnect":
            return  # The client left while it was sending: there is nothing to do, and nobody to answer.

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        await self.app(scope, replay, send)

    async def _read(self, receive: Receive) -> list[Message]:
        messages: list[Message] = []
        size, more = 0, True
        while more:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            more = message["type"] == "http.request" and message.get("more_body", False)
            if size > self.max_bytes:
                raise PayloadTooLarge
        return messages
