"""What the chain does to rows: those before an upgrade, those after it, and those after its downgrade."""

from typing import NamedTuple

import pytest

from migrations.lint_rules import WORK, statements
from tests.integration.migrations.chain import Database, numbers, sql, steps

ID = "00000000-0000-0000-0000-00000000000{}"
AT = "2024-01-15 10:30:00"
ROWS: dict[str, dict[str, object]] = {
    "users": {
        "id": ID.format(1),
        "email": "ada@example.com",
        "name": "Ada",
        "timezone": "UTC",
        "tier": "pro",
    },
    "tasks": {
        "id": ID.format(2),
        "user_id": ID.format(1),
        "title": "Write",
        "description": "",
        "priority": "high",
        "focus_time_seconds": 60,
        "completed_at": AT,
        "completed_by": "auto",
        "counted_at": AT,
        "archived": False,
        "version": 3,
    },
    "subtasks": {
        "id": ID.format(3),
        "task_id": ID.format(2),
        "title": "Begin",
        "order_index": 0,
        "source": "ai",
    },
}
"""What is there before, by the table; every row was made at the same time."""
SEEDED_AT = "0002"
SEEDED = [f"SELECT {', '.join(row)} FROM {table} ORDER BY id" for table, row in ROWS.items()]


class Triple(NamedTuple):
    """What *query* answers after the upgrade, and what *back* answers after the downgrade."""

    query: str
    after: list[tuple[object, ...]]
    back: str
    before: list[tuple[object, ...]]


TRIPLES = {
    "create_achievements": Triple(
        "SELECT id, category, threshold, perk_type, perk_value FROM achievement_definitions ORDER BY id",
        [
            ("focus_10", "focus", 10, "max_notes", 5),
            ("notes_10", "notes", 10, "max_notes", 5),
            ("streak_30", "streaks", 30, "daily_credits", 5),
            ("streak_7", "streaks", 7, "daily_credits", 2),
            ("tasks_100", "tasks", 100, "max_tasks", 50),
            ("tasks_25", "tasks", 25, "max_tasks", 25),
            ("tasks_5", "tasks", 5, "max_tasks", 15),
        ],
        "SELECT count(*) FROM tasks",
        [(1,)],
    ),
}
"""By the names of the revisions: a number changes when two branches meet."""


@pytest.fixture
def seeded(database: Database) -> Database:
    """Return a database with ROWS, at the revision that makes the last of their tables."""
    database.upgrade(SEEDED_AT)
    statements = [insert(table, {"created_at": AT, "updated_at": AT, **row}) for table, row in ROWS.items()]
    bare = database.kind == "sqlite"  # SQLite keeps a UUID without its dashes
    database.execute(
        *(statement.replace(ID[:24], ID[:24].replace("-", "")) if bare else statement for statement in statements)
    )
    return database


def insert(table: str, row: dict[str, object]) -> str:
    values = [f"'{value}'" if isinstance(value, str) else str(value) for value in row.values()]
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(values)})"


def test_rows_are_the_same_at_every_revision_up_and_down(seeded: Database) -> None:
    rows = [seeded.query(query) for query in SEEDED]
    climb = [revision for _, revision in steps() if revision >= SEEDED_AT]
    for revision in climb:
        seeded.upgrade(revision)
        assert [seeded.query(query) for query in SEEDED] == rows
    for revision in reversed(climb):
        seeded.downgrade(revision)
        assert [seeded.query(query) for query in SEEDED] == rows


@pytest.mark.parametrize("name", TRIPLES)
def test_rows_before_after_and_back(seeded: Database, name: str) -> None:
    triple, revision = TRIPLES[name], numbers()[name]
    seeded.upgrade(f"{revision}-1")
    assert seeded.query(triple.back) == triple.before
    seeded.upgrade(revision)
    assert seeded.query(triple.query) == triple.after
    seeded.downgrade(f"{revision}-1")
    assert seeded.query(triple.back) == triple.before
    seeded.upgrade(revision)
    assert seeded.query(triple.query) == triple.after


def test_every_revision_that_changes_rows_has_a_triple() -> None:
    changing = {revision for below, revision in steps() if changes_rows(sql(f"{below}:{revision}"))}
    assert [name for name, revision in numbers().items() if revision in changing] == list(TRIPLES)


def changes_rows(script: str) -> bool:
    """Whether an upgrade does more to rows than to note its revision, enum steps that move rows included."""
    found = [statement for statement in statements(script) if WORK.match(statement) or "$$" in statement]
    return any(statement.startswith(("INSERT", "UPDATE", "DELETE", "DO")) for statement in found)


def test_rows_changed_by_steps_are_noticed() -> None:
    assert changes_rows("DO $$ BEGIN PERFORM pg_temp.remap_enum('a', NULL, '{}'); END $$;")
    assert not changes_rows("CREATE TABLE a (b INTEGER);\nUPDATE alembic_version SET version_num = 'c';")
