"""The errors that every operation can give, provoked at each of them in the same way."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2

from src.db import Database
from src.schemas.enums import UserTier
from src.services import idempotency
from src.services.idempotency import Named
from tests.contract import tour
from tests.contract.facts import operations
from tests.contract.recording import Recorder
from tests.harness import Served, served

NOWHERE = "postgresql+asyncpg://nobody@127.0.0.1:1/nothing"
MIB = 2**20
ONE_A_MINUTE = {f"rate_limit_{kind}_per_minute": 1 for kind in ("sign_in", "ai", "default")}


class Target:
    """One operation, and how to call it well."""

    def __init__(self, name: str, operation: dict[str, Any], now: datetime) -> None:
        self.method, _, self.template = name.partition(" ")
        self.statuses = set(operation["responses"])
        self.has_body = "requestBody" in operation
        self.signed_in = bool(operation.get("security"))
        keys = [parameter for parameter in operation.get("parameters", ()) if parameter["name"] == "Idempotency-Key"]
        self.takes_key, self.needs_key = bool(keys), any(parameter["required"] for parameter in keys)
        self.name, self.now = name, now

    @property
    def options(self) -> dict[str, Any]:
        """A valid body and the headers that it needs, new each time."""
        content = tour.BODIES.get(self.name, {})
        if not isinstance(content, dict):
            return content(self.now)
        body = {"json": content} if self.has_body else {}
        return {**body, "headers": {"Idempotency-Key": str(uuid4())} if self.needs_key else {}}

    def path(self, identifier: str | None = None) -> str:
        """The path as the recorder takes it, every parameter filled with *identifier* or an id that nobody has."""
        filled = re.sub(r"\{\w+\}", identifier or str(uuid4()), self.template)
        return filled.removeprefix("/api/v1") if filled.startswith("/api/v1") else f"/{filled}"


def targets(record: Recorder, app: Served) -> list[Target]:
    return [Target(name, operation, app.clock.now()) for name, operation in operations(record.document)]


async def with_a_bad_request(record: Recorder, app: Served, client: httpx2.AsyncClient) -> None:
    """401, 404, 413, 415 and 422, wherever they are documented."""
    anonymous = app.client()
    for target in targets(record, app):
        call = (target.method, target.path())
        if target.signed_in:
            await record(anonymous, *call, **target.options)
            expired = app.resources.tokens.issue(uuid4(), UserTier.FREE, app.clock.now() - timedelta(days=1))
            options = target.options
            options["headers"]["Authorization"] = f"Bearer {expired}"
            await record(anonymous, *call, **options)
        if "404" in target.statuses:
            await record(client, *call, **target.options)
        if target.has_body:
            await _with_a_bad_body(record, client, target)
        elif "422" in target.statuses:
            bad = target.path("not-an-id") if "{" in target.template else f"{target.path()}?limit=0"
            await record(client, target.method, bad)
    await anonymous.aclose()


async def _with_a_bad_body(record: Recorder, client: httpx2.AsyncClient, target: Target) -> None:
    for content, media_type in (
        (b" " * (MIB + 1), "application/json"),
        (b"title=Write", "text/plain"),
        (b'{"unknown_field": 1}', "application/json"),
    ):
        headers = {**target.options["headers"], "Content-Type": media_type}
        await record(client, target.method, target.path(), content=content, headers=headers)


async def with_a_bad_key(record: Recorder, app: Served, client: httpx2.AsyncClient) -> None:
    """The refusals of the Idempotency-Key, wherever it is taken."""
    for target in targets(record, app):
        if target.takes_key:
            await record(client, target.method, target.path(), **_keyed(target, "no spaces allowed"))
            key = str(uuid4())
            await record(client, target.method, target.path(), **_keyed(target, key))
            await record(client, target.method, f"{target.path()}?again", **_keyed(target, key))
            async with _twin_in_flight(app, client, twin := str(uuid4())):
                await record(client, target.method, target.path(), **_keyed(target, twin))


def _keyed(target: Target, key: str) -> dict[str, Any]:
    return {**target.options, "headers": {"Idempotency-Key": key}}


async def with_a_broken_application(record: Recorder, app: Served) -> None:
    """500 for a fault of ours, and 503 for a database that cannot be reached."""
    unreachable = Database(NOWHERE)
    for status, database in (("500", _Broken()), ("503", unreachable)):
        async with _with_database(app, database) as client:
            for target in targets(record, app):
                if status in target.statuses:
                    await record(client, target.method, target.path(), **target.options)
    await unreachable.dispose()


async def with_too_many_requests(record: Recorder, database_url: str, **settings: Any) -> None:
    """429 from an application that lets next to nothing through."""
    async with served(database_url, rate_limit_enabled=True, **ONE_A_MINUTE, **settings) as app:
        client = app.client()
        token = app.resources.tokens.issue(uuid4(), UserTier.FREE, app.clock.now())
        client.headers["Authorization"] = f"Bearer {token}"
        for target in targets(record, app):
            for _ in range(2 if "429" in target.statuses else 0):
                await record(client, target.method, target.path(), **target.options)
        await client.aclose()
        await app.empty()


@asynccontextmanager
async def _twin_in_flight(app: Served, client: httpx2.AsyncClient, key: str) -> AsyncGenerator[None]:
    """Be the request that is still being worked on, where a database lets two be under way at once."""
    token = client.headers["Authorization"].removeprefix("Bearer ")
    user_id = app.resources.tokens.verify(token, app.clock.now()).id
    async with app.database.transaction() as session:
        if app.capabilities.concurrent_writers:
            await idempotency.find(session, Named(user_id, key, ""), now=app.clock.now())
        yield


class _Broken:
    """A database whose every use is a programming error."""

    def transaction(self) -> Any:
        raise RuntimeError("a fault of ours")

    reader = transaction


@asynccontextmanager
async def _with_database(app: Served, database: Any) -> AsyncGenerator[httpx2.AsyncClient]:
    sound = app.resources
    client = await app.sign_in("ada")
    app.state["resources"] = replace(sound, database=database)
    try:
        yield client
    finally:
        app.state["resources"] = sound
        await client.aclose()
