"""How Alembic meets the application: its settings, its metadata, its asynchronous engine."""

import asyncio
from typing import Any, Literal

import alembic_postgresql_enum  # noqa: F401 imported for its effect: autogenerate sees enum values
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlmodel import AutoString, SQLModel, UTCDateTime

import src.models  # noqa: F401 fills the metadata
from src.config import load_settings
from src.db import create_engine

PLAIN_TYPES = {AutoString: "sa.String(length={0.length})", UTCDateTime: "sa.DateTime(timezone=True)"}


def render_item(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:
    """Write SQLModel's own types as plain SQLAlchemy: a revision must not change its meaning with a library."""
    template = PLAIN_TYPES.get(type(item)) if kind == "type" else None
    return template.format(item) if template else False


def configure(**target: Any) -> None:
    context.configure(
        **target,
        target_metadata=SQLModel.metadata,
        render_item=render_item,
        compare_server_default=True,
        transaction_per_migration=True,
    )


def run(connection: Connection) -> None:
    configure(connection=connection, render_as_batch=connection.dialect.name == "sqlite")
    with context.begin_transaction():
        context.run_migrations()


async def online(url: str) -> None:
    engine = create_engine(make_url(url))
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


def offline(url: str) -> None:
    configure(url=url, literal_binds=True, dialect_opts={"paramstyle": "named"})
    with context.begin_transaction():
        context.run_migrations()


def database_url() -> str:
    return context.config.attributes.get("database_url") or load_settings().database_url


if context.is_offline_mode():
    offline(database_url())
else:
    asyncio.run(online(database_url()))
