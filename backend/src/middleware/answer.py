"""What an answer turned out to be, for a middleware that tells of it once it is over."""

import time

from starlette.types import Message, Send


class Answer:
    """Passes on what is sent and notes the status, which is 0 until there is one."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._begun = time.perf_counter()
        self.status = 0

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.perf_counter() - self._begun

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)
