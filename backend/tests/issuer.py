"""An OpenID Connect issuer on a loopback port: real keys, real tokens, and every way to misbehave."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

AUDIENCE = "test-client"
REASONS = {200: "OK", 302: "Found", 500: "Internal Server Error"}


@dataclass
class Issuer:
    """Serves whatever `published` holds as its key set, and counts who asks."""

    port: int = 0
    keys: dict[str, RSAKey | ECKey] = field(default_factory=dict)
    published: list[Any] = field(default_factory=list)
    status: int = 200
    body: str | None = None
    delay_seconds: float = 0
    drip: bool = False
    down: bool = False
    requests: int = 0

    @property
    def url(self) -> str:
        return f"https://issuer.example:{self.port}"

    @property
    def jwks_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/keys"

    def add_key(self, key_id: str, *, publish: bool = True, kind: type[RSAKey] | type[ECKey] = RSAKey) -> None:
        self.keys[key_id] = make_key(kind, key_id)
        if publish:
            self.published.append(self.public(key_id))

    def public(self, key_id: str, **members: Any) -> dict[str, Any]:
        return {**self.keys[key_id].as_dict(private=False), "kid": key_id, "use": "sig", **members}

    def claims(self, **changes: Any) -> dict[str, Any]:
        """The claims of a good token; a change to None leaves the claim out."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "subject-1",
            "email": "Ada@Example.com",
            "email_verified": True,
            "name": "Ada Lovelace",
            "picture": "https://pictures.example/ada.png",
            "iat": now,
            "exp": now + 3600,
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, *, signed_with: str = "first", header: dict[str, Any] | None = None, **changes: Any) -> str:
        key = self.keys[signed_with]
        algorithm = "RS256" if isinstance(key, RSAKey) else "ES256"
        header = {"alg": algorithm, "kid": signed_with, **(header or {})}
        return jwt.encode(header, self.claims(**changes), key, [algorithm])

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):  # The client may lose its patience.
            await self._answer(reader, writer)
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if self.down:
            return
        self.requests += 1
        await asyncio.sleep(self.delay_seconds)
        body = (json.dumps({"keys": self.published}) if self.body is None else self.body).encode()
        head = f"HTTP/1.1 {self.status} {REASONS[self.status]}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
        writer.write(f"{head}Location: /elsewhere\r\n\r\n".encode())
        for byte in body if self.drip else b"":
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.05)
        writer.write(b"" if self.drip else body)
        await writer.drain()


@cache
def make_key(kind: type[RSAKey] | type[ECKey], key_id: str) -> RSAKey | ECKey:
    """Make a key once per run: an RSA key takes a moment."""
    del key_id
    return RSAKey.generate_key(2048) if kind is RSAKey else ECKey.generate_key("P-256")


@asynccontextmanager
async def running() -> AsyncGenerator[Issuer]:
    """Serve an issuer with one published key named `first`."""
    issuer = Issuer()
    issuer.add_key("first")
    server = await asyncio.start_server(issuer.answer, "127.0.0.1", 0)
    issuer.port = server.sockets[0].getsockname()[1]
    try:
        yield issuer
    finally:
        server.close()
