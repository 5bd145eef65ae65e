"""How long a statement of a revision may wait for its lock, and how long it may work."""

from collections.abc import Generator
from contextlib import contextmanager

from alembic import op

from migrations.steps.dialect import on_postgresql

LOCK = "5s"
"""A statement that waits for its lock makes everyone behind it wait too: give up early, and try again."""
STATEMENT = "60s"


def set_timeouts(*, lock: str = LOCK, statement: str = STATEMENT) -> None:
    """Set the limits for the rest of this revision; `statement="30min"` for one that has much to do."""
    if on_postgresql():
        op.execute(f"SET LOCAL lock_timeout = '{lock}'")
        op.execute(f"SET LOCAL statement_timeout = '{statement}'")


@contextmanager
def unhurried() -> Generator[None]:
    """On PostgreSQL: each statement its own transaction, for as long as its work takes; its wait for a lock is limited.

    What the revision did before is committed: it does nothing before, and nothing after.
    """
    with op.get_context().autocommit_block():
        op.execute("SET statement_timeout = 0")
        yield
        op.execute(f"SET statement_timeout = '{STATEMENT}'")
