"""Which database a revision runs on."""

import sqlalchemy as sa
from alembic import op


def on_postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"


def run_sql(statement: str) -> None:
    """Run one statement as it is written: a colon in it is a colon, not a parameter."""
    op.execute(sa.text(statement.replace(":", "\\:")))


def literal(value: str) -> str:
    """*value* as an SQL string."""
    return "'" + value.replace("'", "''") + "'"
