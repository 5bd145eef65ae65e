"""A server on this machine that speaks the chat completions protocol, as well or as badly as a test wants."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

Play = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class AIServer:
    """Plays one entry of its script per request, the last one again and again, and remembers what it was sent."""

    script: list[bytes | Play]
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    base_url: str = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(line for line in head.lower().splitlines() if line.startswith("content-length:"))
            self.requests.append(json.loads(await reader.readexactly(int(length.partition(":")[2]))))
            self.headers.append(head)
            play = self.script.pop(0) if len(self.script) > 1 else self.script[0]
            if isinstance(play, bytes):
                writer.write(play)
                await writer.drain()
            else:
                await play(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # The client has left, which some tests are about.
        finally:
            writer.close()


@asynccontextmanager
async def ai_server(*script: bytes | Play) -> AsyncGenerator[AIServer]:
    server = AIServer(list(script))
    listening = await asyncio.start_server(server.answer, "127.0.0.1", 0)
    server.base_url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
    try:
        yield server
    finally:
        listening.close()
        await listening.wait_closed()


def reply(body: str | bytes, status: str = "200 OK", content_type: str = "application/json", **headers: str) -> bytes:
    """Return a whole HTTP answer."""
    content = body.encode() if isinstance(body, str) else body
    fields = {"Content-Type": content_type, "Content-Length": str(len(content)), "Connection": "close", **headers}
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode() + content


def completion(text: str) -> bytes:
    return reply(json.dumps({"id": "1", "object": "chat.completion", "choices": [{"message": {"content": text}}]}))


def streamed(
    *pieces: str, end: str = "data: [DONE]\n\n", ends: bool = True, pause: asyncio.Event | None = None
) -> Play:
    """Return a play that sends *pieces* and *end* in chunks; before the last piece it waits for *pause*."""

    async def play(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        for place, piece in enumerate(pieces, start=1):
            if pause is not None and place == len(pieces):
                await pause.wait()
            await _chunk(writer, f"data: {json.dumps({'choices': [{'delta': {'content': piece}}]})}\n\n")
        await _chunk(writer, end)
        if ends:
            await _chunk(writer, "")

    return play


async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Say nothing until the client leaves."""
    await reader.read()


async def drop(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close the connection without a word."""
    writer.transport.abort()


async def _chunk(writer: asyncio.StreamWriter, text: str) -> None:
    content = text.encode()
    writer.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
    await writer.drain()
