"""The application under test: served in this process, its statements counted, its clock in the test's hands."""

from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx2
from alembic import command
from alembic.config import Config
from fastapi import FastAPI
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from src.api.deps import Resources
from src.config import load_settings
from src.db import Database
from src.integrations.ai import AIProvider
from src.integrations.identity import IdentityProvider
from src.main import create_app
from tests.capabilities import CAPABILITIES, Capabilities

ALEMBIC_INI = Path(__file__).parents[1] / "alembic.ini"
KEPT_TABLES: frozenset[str] = frozenset({"achievement_definitions"})
"""Tables whose rows a migration puts there."""


@dataclass
class Clock:
    """The application's clock: real until it is set."""

    instant: datetime | None = None

    def now(self) -> datetime:
        return self.instant or datetime.now(UTC)

    def set(self, year: int, month: int, day: int, hour: int = 12, minute: int = 0, second: int = 0) -> None:
        self.instant = datetime(year, month, day, hour, minute, second, tzinfo=UTC)

    def advance(self, **duration: float) -> None:
        self.instant = self.now() + timedelta(**duration)


@dataclass
class Served:
    """A running application and what it is made of."""

    app: FastAPI
    state: dict[str, Any]
    clock: Clock

    @property
    def resources(self) -> Resources:
        return self.state["resources"]

    @property
    def database(self) -> Database:
        return self.resources.database

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES[self.database.engine.dialect.name]

    def client(self, **options: Any) -> httpx2.AsyncClient:
        """A client without a token. An exception that escapes the application is answered, not raised here."""
        transport = httpx2.ASGITransport(self._with_state, raise_app_exceptions=False)
        return httpx2.AsyncClient(transport=transport, base_url="http://test", **options)

    async def sign_in(self, name: str = "ada", **options: Any) -> httpx2.AsyncClient:
        """A client that is signed in as *name*@example.com; the account is made at the first time."""
        client = self.client(**options)
        answer = await client.post("/api/v1/auth/dev/login", json={"email": f"{name}@example.com"})
        assert answer.status_code == 200, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['data']['access_token']}"
        return client

    async def empty(self) -> None:
        """Delete every row that a test has made, and set the clock going again."""
        self.clock.instant = None
        async with self.database.transaction() as session:
            for table in reversed(SQLModel.metadata.sorted_tables):
                if table.name not in KEPT_TABLES:
                    await session.exec(table.delete())

    async def _with_state(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app({**scope, "state": dict(self.state)}, receive, send)


@asynccontextmanager
async def served(
    database_url: str, *, identities: IdentityProvider | None = None, ai: AIProvider | None = None, **settings: Any
) -> AsyncGenerator[Served]:
    """Run an application of its own; *settings* are those of `src.config.Settings`, nothing is read from outside.

    Rate limits are off unless a test asks for them: other tests sign in more often than a person does.
    """
    settings = {"environment": "test", "rate_limit_enabled": False, **settings}
    app = create_app(load_settings(_env_file=None, database_url=database_url, **settings))
    async with app.router.lifespan_context(app) as state:
        running = Served(app, cast("dict[str, Any]", state), Clock())
        given: dict[str, Any] = {"clock": running.clock.now}
        if identities is not None:
            given["identities"] = identities
        if ai is not None:
            given["ai"] = ai
        running.state["resources"] = replace(running.resources, **given)
        yield running


def migrate(database_url: str, revision: str = "head") -> None:
    """Bring a database to *revision*, in a thread because the migrations run a loop of their own."""
    config = Config(ALEMBIC_INI)
    config.attributes["database_url"] = database_url
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(command.upgrade, config, revision).result()


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Collect the SQL statements that *database* executes meanwhile, without BEGIN and savepoints."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            seen.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)


@contextmanager
def queries(database: Database, *, at_most: int) -> Iterator[None]:
    """Fail where more statements run than the budget allows, and show them."""
    with statements(database) as seen:
        yield
    assert len(seen) <= at_most, f"{len(seen)} statements, at most {at_most} allowed:\n" + "\n\n".join(seen)


@contextmanager
def commits_fail() -> Iterator[None]:
    """Break every commit at the last moment, as a connection lost does."""

    def fail(_: Any) -> None:
        lost = ConnectionResetError("the server went away")
        raise OperationalError("COMMIT", {}, lost, connection_invalidated=True)

    event.listen(AsyncSession.sync_session_class, "before_commit", fail)
    try:
        yield
    finally:
        event.remove(AsyncSession.sync_session_class, "before_commit", fail)
