"""Changes of a large table while it is in use: none of them holds a lock that stops readers or writers for long.

Each works in several short transactions, so a revision calls one of them and does nothing else. Each can be run again
after it broke off half-way.
"""

from collections.abc import Sequence
from typing import Any

from alembic import op

from migrations.steps.dialect import on_postgresql, run_sql
from migrations.steps.timeouts import unhurried


def set_not_null(table: str, column: str) -> None:
    """Make a filled column NOT NULL: PostgreSQL takes a validated CHECK for it and reads no row under a lock."""
    if not on_postgresql():
        with op.batch_alter_table(table) as batch:
            batch.alter_column(column, nullable=False)
        return
    check = f"ck_{table}_{column}_not_null"
    with unhurried():
        run_sql(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {check}")
        run_sql(f"ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({column} IS NOT NULL) NOT VALID")
        run_sql(f"ALTER TABLE {table} VALIDATE CONSTRAINT {check}")
        run_sql(f"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL")
        run_sql(f"ALTER TABLE {table} DROP CONSTRAINT {check}")


def create_index(name: str, table: str, columns: Sequence[Any], **options: Any) -> None:
    """Build an index while rows are being written; what an earlier attempt left unfinished goes first."""
    if not on_postgresql():
        op.create_index(name, table, columns, **options)
        return
    with unhurried():
        run_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        op.create_index(name, table, columns, postgresql_concurrently=True, **options)


def drop_index(name: str, table: str) -> None:
    """Drop an index without waiting for the readers of its table under a lock."""
    if not on_postgresql():
        op.drop_index(name, table)
        return
    with unhurried():
        op.drop_index(name, table, postgresql_concurrently=True, if_exists=True)
