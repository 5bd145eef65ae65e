"""What the two databases can do: the one place where a difference between them is declared."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Capabilities:
    row_locks: bool
    """SELECT ... FOR UPDATE locks rows. Without it, writers queue for the whole database (BEGIN IMMEDIATE)."""
    native_enums: bool
    """Enums are types of the database. Without them, a CHECK holds the labels."""
    concurrent_writers: bool
    """Two transactions can be writing at the same time. Without it, the twin of a named request waits for its answer;
    with it, the twin is told that the request is in progress."""
    deferral: str
    """The statement that puts the check of goals.user_id off to the end of its transaction."""


CAPABILITIES = {
    "sqlite": Capabilities(
        row_locks=False,
        native_enums=False,
        concurrent_writers=False,
        deferral="PRAGMA defer_foreign_keys=ON",
    ),
    "postgresql": Capabilities(
        row_locks=True,
        native_enums=True,
        concurrent_writers=True,
        deferral="ALTER TABLE goals ALTER CONSTRAINT fk_goals_user_id_users DEFERRABLE INITIALLY DEFERRED",
    ),
}
