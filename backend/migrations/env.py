"""How Alembic meets the application: one migrator at a time, each revision whole or not at all."""

import asyncio
import logging
import sys
import time
from typing import Any

import sqlalchemy as sa
from alembic import context
from sqlalchemy.engine import make_url
from sqlmodel import SQLModel

import src.models  # noqa: F401 fills the metadata
from migrations import autogenerate
from migrations.leaving import LEAVING_COLUMNS, LEAVING_TABLES
from migrations.steps.timeouts import LOCK, STATEMENT
from src.config import load_settings
from src.engine import create_engine

LOCK_KEY = 7_089_462_113
"""The advisory lock that a migrator of PostgreSQL holds. Locks belong to a database, so one number serves all."""
POLL_SECONDS = 0.2
WAIT_SECONDS = 600
"""How long a run on SQLite waits for the end of another."""

log = logging.getLogger("alembic.runtime.migration")


def configure(**target: Any) -> None:
    context.configure(
        **target,
        target_metadata=SQLModel.metadata,
        include_object=stays,
        render_item=autogenerate.render_item,
        process_revision_directives=autogenerate.rewriter,
        # The batch form is plain ALTER on PostgreSQL, and on SQLite the only one.
        render_as_batch=True,
        compare_server_default=True,
        transaction_per_migration=True,
    )


def stays(item: Any, name: str | None, kind: str, reflected: bool, _: Any) -> bool:  # noqa: FBT001 Alembic's signature
    """Whether autogenerate looks at an object; see `migrations.leaving`."""
    leaves = (
        name in LEAVING_TABLES if kind == "table" else kind == "column" and (item.table.name, name) in LEAVING_COLUMNS
    )
    return not (reflected and leaves)


def online(url: str) -> None:
    asyncio.run(_online(url))


async def _online(url: str) -> None:
    engine = create_engine(make_url(url), poolclass=sa.NullPool)
    run = {"postgresql": run_postgresql, "sqlite": run_sqlite}[engine.dialect.name]
    try:
        async with engine.connect() as connection:
            await connection.run_sync(run)
    finally:
        await engine.dispose()


def run_postgresql(connection: sa.Connection) -> None:
    """A transaction per revision; the lock lasts as long as the connection, so it outlives their commits."""
    wait_for_lock(connection)
    for statement in limits():
        connection.execute(sa.text(statement))
    connection.commit()
    configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()


def wait_for_lock(connection: sa.Connection) -> None:
    """Ask until the lock is free.

    To wait inside one statement would hold a snapshot, for which a concurrent index build of the other migrator waits.
    """
    announced = False
    while not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(LOCK_KEY))):
        connection.commit()
        if not announced:
            log.info("Another migration is running: waiting for its end.")
            announced = True
        time.sleep(POLL_SECONDS)
    connection.commit()


def limits() -> list[str]:
    """The time limits of a revision that sets none of its own."""
    return [f"SET lock_timeout = '{LOCK}'", f"SET statement_timeout = '{STATEMENT}'"]


def run_sqlite(connection: sa.Connection) -> None:
    """One transaction for the whole run, which is the only lock that SQLite has.

    Foreign keys are off: a table that is rebuilt is dropped, which would delete the rows that hang on it.
    `check_foreign_keys` looks before the commit.
    """
    for pragma in ("foreign_keys=OFF", f"busy_timeout={WAIT_SECONDS}000"):
        connection.connection.cursor().execute(f"PRAGMA {pragma}")
    with connection.begin():
        configure(connection=connection, on_version_apply=check_foreign_keys)
        context.run_migrations()


def check_foreign_keys(*, ctx: Any, step: Any, **_: Any) -> None:
    """Refuse a revision that leaves a row without the row it refers to."""
    orphans = ctx.connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if orphans:
        rows = "; ".join(f"{row[0]} row {row[1]} refers to a missing row of {row[2]}" for row in orphans[:5])
        raise RuntimeError(f"revision {step.up_revision_id} breaks {len(orphans)} foreign keys: {rows}")


def offline(url: str) -> None:
    configure(url=url, literal_binds=True, dialect_opts={"paramstyle": "named"})
    if make_url(url).get_backend_name() == "postgresql":
        for statement in limits():
            context.execute(statement)
    with context.begin_transaction():
        context.run_migrations()


def database_url() -> str:
    return context.config.attributes.get("database_url") or load_settings().database_url


if context.config.cmd_opts is not None:  # started from a command line, not from a test
    logging.basicConfig(format="%(message)s", stream=sys.stderr)
    logging.getLogger("alembic").setLevel(logging.INFO)
if context.is_offline_mode():
    offline(database_url())
else:
    online(database_url())
