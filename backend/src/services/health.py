"""Health: what the database says of itself, within a time limit."""

import asyncio
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from sqlalchemy import String, column, literal, table
from sqlalchemy.exc import DBAPIError
from sqlmodel import select
from sqlmodel.sql.expression import SelectOfScalar

from src.db import Database
from src.errors import ServiceUnavailable

TIMEOUT_SECONDS = 2


class Health(NamedTuple):
    database: bool
    migrations: bool


async def check(database: Database, expected_revisions: AbstractSet[str]) -> Health:
    """Whether the database answers, and whether it stands exactly at *expected_revisions*: neither behind nor ahead."""
    if await _query(database, select(literal("alive"))) is None:
        return Health(database=False, migrations=False)
    current = await _query(database, select(column("version_num", String)).select_from(table("alembic_version")))
    return Health(database=True, migrations=current == expected_revisions)


async def _query(database: Database, statement: SelectOfScalar[str]) -> set[str] | None:
    """The first column, or None where the database gives no answer in time."""
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS), database.reader() as session:
            return set(await session.exec(statement))
    except (ServiceUnavailable, DBAPIError, TimeoutError):
        return None
