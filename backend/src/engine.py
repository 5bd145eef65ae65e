"""The database engine: how it connects, and how an outage is told from a refused statement."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import PoolResetState

from src.errors import ServiceUnavailable

SQLITE_BUSY_SECONDS = 10
CONNECT_SECONDS = 5
OUTAGE_STATES = ("08", "28", "3D", "40", "53", "57")
"""Classes of SQLSTATE: connection, authorization, no such database, deadlock, out of resources, shutdown."""
SQLITE_OUTAGES = frozenset({"SQLITE_BUSY", "SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY"})


def create_engine(url: URL, **pool: Any) -> AsyncEngine:
    """An engine whose SQLite behaves like a server: foreign keys enforced, writers queue, readers do not wait."""
    sqlite = url.get_backend_name() == "sqlite"
    # Parameters hold what users wrote; an error that shows them would put it into the log.
    connect = {} if sqlite else {"connect_args": {"timeout": CONNECT_SECONDS}}
    engine = create_async_engine(url, hide_parameters=True, **connect, **pool)
    if sqlite:
        event.listen(engine.sync_engine, "connect", _configure_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        event.listen(engine.sync_engine, "reset", _end_sqlite)
    return engine


@contextmanager
def outages() -> Generator[None]:
    """Raise ServiceUnavailable where the database cannot be had. A statement that it refuses is our fault: a 500."""
    try:
        yield
    except DBAPIError as error:
        if not _is_outage(error):
            raise
        raise ServiceUnavailable from error
    except (PoolTimeout, OSError) as error:
        raise ServiceUnavailable from error


def _is_outage(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None) or ""
    sqlite_name = getattr(error.orig, "sqlite_errorname", "")
    return error.connection_invalidated or state.startswith(OUTAGE_STATES) or sqlite_name in SQLITE_OUTAGES


def _configure_sqlite(connection: Any, _: object) -> None:
    """Take transactions out of the driver's hands and switch on what SQLite leaves off by default."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "foreign_keys=ON",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        f"busy_timeout={SQLITE_BUSY_SECONDS}000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """BEGIN IMMEDIATE takes the write lock first: a deferred one fails with "database is locked" at its first write."""
    if not connection.get_execution_options().get("sqlite_reading"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _end_sqlite(connection: Any, _: object, state: PoolResetState) -> None:
    """End what a failed COMMIT left open: SQLAlchemy takes it for ended, and the next user would go on with it."""
    if state.asyncio_safe and connection.driver_connection.in_transaction:
        connection.rollback()
