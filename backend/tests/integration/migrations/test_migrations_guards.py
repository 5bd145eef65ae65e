"""Each check of the chain sees what it is there for: a chain that is wrong in one way turns it red."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.integration.migrations.chain import FIXTURES, Database, create_all, heads, sql, stairway
from tests.integration.migrations.snapshot import snapshot

DIFFERENCES = {
    "a label more": "ALTER TYPE goal_status ADD VALUE 'paused'",
    "another label": "ALTER TYPE goal_status RENAME VALUE 'active' TO 'ACTIVE'",
    "another type name": "ALTER TYPE goal_status RENAME TO status",
    "a type more": "CREATE TYPE leftover AS ENUM ('a')",
    "a server default": "ALTER TABLE goals ALTER version SET DEFAULT 1",
    "an index less": "DROP INDEX ix_goals_user_id_created_at_id",
    "another index": "CREATE INDEX ix_more ON goals (title) WHERE version = 1",
    "a constraint less": "ALTER TABLE idempotency_keys DROP CONSTRAINT uq_idempotency_keys_user_id_key",
    "another rule of deletion": "ALTER TABLE goals DROP CONSTRAINT fk_goals_user_id_users,"
    " ADD CONSTRAINT fk_goals_user_id_users FOREIGN KEY (user_id) REFERENCES users (id)",
    "another length": "ALTER TABLE goals ALTER title TYPE varchar(201)",
    "a column that may be empty": "ALTER TABLE goals ALTER title DROP NOT NULL",
}


@pytest.mark.parametrize("name", ["leaves_index", "leaves_type"])
def test_stairway_sees_what_a_downgrade_leaves_behind(empty_postgresql: Database, name: str) -> None:
    with pytest.raises(AssertionError, match=f"the downgrade of {name} leaves another database than it found"):
        stairway(replace(empty_postgresql, versions=(FIXTURES / name,)))


def test_second_head_is_seen() -> None:
    assert sorted(heads((FIXTURES / "two_heads",))) == ["left", "right"]


def test_revision_that_needs_a_connection_gives_no_script() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'scalar'"):
        sql("head", (FIXTURES / "needs_connection",))


def test_every_difference_from_the_models_is_seen(empty_postgresql: Database) -> None:
    def unseen(connection: sa.Connection) -> list[str]:
        create_all(connection)
        same = snapshot(connection)
        connection.rollback()
        return [name for name, change in DIFFERENCES.items() if changed(connection, change) == same]

    assert empty_postgresql.call(unseen) == []


def changed(connection: sa.Connection, change: str) -> set[str]:
    """Describe the database as one change would make it, and take the change back."""
    connection.exec_driver_sql(change)
    described = snapshot(connection)
    connection.rollback()
    return described
