"""Databases for the tests of the migrations: empty, one of each kind, thrown away afterwards."""

import secrets
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests import postgres
from tests.integration.migrations.chain import Database


@asynccontextmanager
async def fresh(server_url: str) -> AsyncGenerator[Database]:
    """Make an empty PostgreSQL database and drop it."""
    server, name = server_url.replace("+asyncpg", ""), f"migrations_{secrets.token_hex(6)}"
    await postgres.execute(server, f"CREATE DATABASE {name} TEMPLATE template0")
    yield Database(server_url.rpartition("/")[0] + f"/{name}")
    await postgres.execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def empty_postgresql(postgres_url: str) -> AsyncIterator[Database]:
    async with fresh(postgres_url) as database:
        yield database


@pytest.fixture
async def second_postgresql(postgres_url: str) -> AsyncIterator[Database]:
    async with fresh(postgres_url) as database:
        yield database


@pytest.fixture
def empty_sqlite(tmp_path: Path) -> Database:
    return Database(f"sqlite+aiosqlite:///{tmp_path}/empty.db")


@pytest.fixture
def second_sqlite(tmp_path: Path) -> Database:
    return Database(f"sqlite+aiosqlite:///{tmp_path}/second.db")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """Return an empty database of each kind: whoever asks for it runs on both."""
    return request.getfixturevalue(f"empty_{request.param}")


@pytest.fixture
def second_database(request: pytest.FixtureRequest, database: Database) -> Database:
    """Return another empty one of the same kind, to compare with."""
    return request.getfixturevalue(f"second_{database.kind}")
