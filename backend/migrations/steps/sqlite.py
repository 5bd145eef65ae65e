"""Changing a table of SQLite beyond what its ALTER TABLE can do, from the text that made it."""

from collections.abc import Callable, Mapping

import sqlalchemy as sa
from alembic import op

from migrations.steps.dialect import run_sql

REBUILT = "_rebuilt"


def rebuild(table: str, edit: Callable[[str], str], values: Mapping[str, str] | None = None) -> None:
    """Make *table* again with its rows, indexes and triggers, the text of each as *edit* returns it.

    *values* are the columns that do not stay as they are, each with its SQL expression. `env.py` has switched foreign
    keys off and checks them afterwards: dropping the old table deletes no child row.
    """
    connection = op.get_bind()
    made = _texts(connection, "type = 'table' AND name = :table", table)[0]
    kept = _texts(connection, "type IN ('index', 'trigger') AND tbl_name = :table AND sql IS NOT NULL", table)
    columns = [row[1] for row in connection.exec_driver_sql(f'PRAGMA table_info("{table}")')]
    names = ", ".join(f'"{name}"' for name in columns)
    sources = ", ".join((values or {}).get(name, f'"{name}"') for name in columns)
    run_sql(f'CREATE TABLE "{table}{REBUILT}" {edit(made[made.index("(") :])}')
    run_sql(f'INSERT INTO "{table}{REBUILT}" ({names}) SELECT {sources} FROM "{table}"')
    run_sql(f'DROP TABLE "{table}"')
    run_sql(f'ALTER TABLE "{table}{REBUILT}" RENAME TO "{table}"')
    for statement in kept:
        run_sql(edit(statement))


def _texts(connection: sa.Connection, condition: str, table: str) -> list[str]:
    return list(connection.scalars(sa.text(f"SELECT sql FROM sqlite_master WHERE {condition}"), {"table": table}))
