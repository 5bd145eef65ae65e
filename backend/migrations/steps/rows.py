"""Filling rows in batches: each is a short transaction of its own, and a run that broke off is simply run again."""

import logging
import time
from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

from migrations.steps.dialect import on_postgresql, run_sql
from migrations.steps.timeouts import unhurried

log = logging.getLogger("alembic.runtime.migration")

REPORT_EVERY_BATCHES = 20


class Backfill(NamedTuple):
    """What rows get, and which rows lack it; both in SQL that either database understands."""

    table: str
    assign: str
    """`"display_name = name"`"""
    missing: str
    """`"display_name IS NULL"`: true of a row until it is filled. It is what makes a run restartable."""
    key: str = "id"
    """A unique, indexed column: the table is walked along it once, whatever order the rows were made in."""
    batch_size: int = 5_000


class Batch(NamedTuple):
    """The keys of a batch, as far as they have bounds."""

    above: object | None
    upto: object | None


def fill(backfill: Backfill) -> None:
    """Fill the rows from a revision that does nothing else: what a batch has committed, no failure takes back.

    SQLite has no other writer to hold up: there it is part of the run's one transaction.
    """
    if op.get_context().as_sql:
        with unhurried():
            run_sql(_loop(backfill))
    elif on_postgresql():
        with unhurried():
            walk(op.get_bind(), backfill)
    else:
        walk(op.get_bind(), backfill)


def require_filled(backfill: Backfill) -> None:
    """Stop a revision that takes the rows for filled while some are not."""
    if op.get_context().as_sql:
        complaint = f"RAISE EXCEPTION '{backfill.table} has rows that are not filled: run its backfill first'"
        check = f"IF EXISTS (SELECT FROM {backfill.table} WHERE {backfill.missing}) THEN {complaint}; END IF"
        run_sql(f"DO $$ BEGIN {check}; END $$")
    elif left := op.get_bind().scalar(_sql(f"SELECT count(*) FROM {backfill.table} WHERE {backfill.missing}")):
        raise RuntimeError(f"{left} rows of {backfill.table} are not filled yet: run its backfill first")


def walk(connection: sa.Connection, backfill: Backfill, *, pause_seconds: float | None = None) -> int:
    """Fill batch after batch and return how many rows were filled.

    With a pause, even of 0 seconds, each batch is committed before the next begins; without, the caller's transaction
    or autocommit decides.
    """
    total = _about(connection, backfill.table)
    filled = walked = batches = 0
    batch = Batch(None, None)
    while batches == 0 or batch.upto is not None:
        batch = Batch(batch.upto, _boundary(connection, backfill, batch.upto))
        filled += _fill(connection, backfill, batch)
        if pause_seconds is not None:
            connection.commit()
            time.sleep(pause_seconds)
        batches += 1
        walked += backfill.batch_size
        if batches % REPORT_EVERY_BATCHES == 0:
            log.info("%s: %d rows filled, %d of about %d walked", backfill.table, filled, walked, total)
    log.info("%s: %d rows filled, done", backfill.table, filled)
    return filled


def _boundary(connection: sa.Connection, backfill: Backfill, above: object | None) -> object | None:
    """The key that ends the batch after *above*; None where fewer rows than a batch are left."""
    key, table = backfill.key, backfill.table
    where = f"WHERE {key} > :above" if above is not None else ""
    statement = f"SELECT {key} FROM {table} {where} ORDER BY {key} LIMIT 1 OFFSET {backfill.batch_size - 1}"
    return connection.scalar(_sql(statement, above=above))


def _fill(connection: sa.Connection, backfill: Backfill, batch: Batch) -> int:
    bounds = {f"{backfill.key} > :above": batch.above, f"{backfill.key} <= :upto": batch.upto}
    where = " AND ".join([f"({backfill.missing})", *(text for text, bound in bounds.items() if bound is not None)])
    statement = f"UPDATE {backfill.table} SET {backfill.assign} WHERE {where}"
    return connection.execute(_sql(statement, above=batch.above, upto=batch.upto)).rowcount


def _sql(statement: str, **bounds: object | None) -> sa.TextClause:
    return sa.text(statement).bindparams(**{name: bound for name, bound in bounds.items() if bound is not None})


def _about(connection: sa.Connection, table: str) -> int:
    """How many rows there are: by estimate where counting them would take long."""
    estimate = "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = CAST(:name AS regclass)"
    if connection.dialect.name == "postgresql":
        return connection.scalar(_sql(estimate.replace("::bigint", "\\:\\:bigint"), name=table)) or 0
    return connection.scalar(_sql(f"SELECT count(*) FROM {table}")) or 0


def _loop(backfill: Backfill) -> str:
    """The same walk for a plain SQL script: a block that commits after each batch, outside of a transaction."""
    table, key = backfill.table, backfill.key
    return f"""DO $$
DECLARE
    above {table}.{key}%TYPE;
    upto {table}.{key}%TYPE;
BEGIN
    LOOP
        upto := (SELECT {key} FROM {table} WHERE above IS NULL OR {key} > above
            ORDER BY {key} LIMIT 1 OFFSET {backfill.batch_size - 1});
        UPDATE {table} SET {backfill.assign}
        WHERE ({backfill.missing}) AND (above IS NULL OR {key} > above) AND (upto IS NULL OR {key} <= upto);
        COMMIT;
        EXIT WHEN upto IS NULL;
        above := upto;
    END LOOP;
END $$"""
