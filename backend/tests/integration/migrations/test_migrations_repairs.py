"""The two repairs of a database that the older application made: every way to run them, every state to find."""

import asyncio
import subprocess
from collections.abc import Callable, Iterable

import asyncpg
import pytest

from tests.integration.migrations.chain import REAL, Database, in_thread

MIGRATIONS = REAL.parent
ENUM_CASE = (MIGRATIONS / "fix_credit_enum_case.sql").read_text("utf-8")
CREATED_AT = (MIGRATIONS / "add_created_at_to_user_achievement_states.sql").read_text("utf-8")

OPERATIONS = {
    "upper": ["GRANT", "CONSUME", "EXPIRE", "CARRYOVER"],
    "mixed": ["Grant", "consume", "EXPIRE", "carryOver"],
    "both": ["GRANT", "CONSUME", "grant", "EXPIRE", "CARRYOVER", "consume"],
    "one missing": ["GRANT", "CONSUME", "EXPIRE"],
    "another order": ["EXPIRE", "CONSUME", "GRANT", "CARRYOVER"],
}
TYPES = ["KICKSTART", "DAILY", "SUBSCRIPTION", "PURCHASED"]
REPAIRED = ["grant", "consume", "expire", "carryover"]
LEDGER = "SELECT id, operation::text, credit_type::text, previous::text, amount FROM ledger ORDER BY id"
STORAGE = "SELECT oid, relfilenode FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY oid"


async def _execute(url: str, script: str, *, in_transaction: bool) -> None:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        if in_transaction:
            async with connection.transaction():
                await connection.execute(script)
        else:
            await connection.execute(script)
    finally:
        await connection.close()


WAYS: dict[str, Callable[[Database, str], object]] = {
    "asyncpg": lambda db, script: in_thread(asyncio.run, _execute(db.url, script, in_transaction=False)),
    "asyncpg in a transaction": lambda db, script: in_thread(
        asyncio.run, _execute(db.url, script, in_transaction=True)
    ),
    "psql -f": lambda db, script: db.run_script(script),
    "psql in a transaction": lambda db, script: db.run_script(script, "--single-transaction"),
}


def ways_and(states: Iterable[str], thorough: set[str]) -> list[tuple[str, str]]:
    """Pair each state with one way to run the script, and the thorough ones with every way."""
    return [(way, state) for state in states for way in WAYS if state in thorough or way == "asyncpg"]


def make_ledger(database: Database, operations: list[str], types: list[str]) -> None:
    """Make the ledger of the older application: one row for each label, and whatever can hang on a label."""
    first, second = operations[:2]
    listed = ", ".join(f"'{label}'" for label in operations)
    database.execute(
        f"CREATE TYPE creditoperation AS ENUM ({listed})",
        f"CREATE TYPE credittype AS ENUM ({', '.join(repr(label) for label in types)})",
        f"""CREATE TABLE ledger (
            id serial PRIMARY KEY, operation creditoperation NOT NULL, previous creditoperation DEFAULT '{first}',
            credit_type credittype NOT NULL DEFAULT '{types[1]}', amount int NOT NULL,
            CONSTRAINT ck_consumed CHECK (operation <> '{second}' OR amount < 10))""",
        "CREATE INDEX ix_operation ON ledger (operation, credit_type)",
        f"CREATE UNIQUE INDEX ix_once ON ledger (amount) WHERE operation = '{first}' AND credit_type = '{types[0]}'",
        f"CREATE INDEX ix_spent ON ledger (id) WHERE operation IN ('{first}', '{second}')",
        f"COMMENT ON INDEX ix_once IS 'one {first}'",
        f"""INSERT INTO ledger (operation, previous, amount)
            SELECT label, nullif(label, '{first}'), n FROM unnest(enum_range(NULL::creditoperation))
            WITH ORDINALITY AS l (label, n)""",
    )


@pytest.mark.parametrize(("way", "state"), ways_and(OPERATIONS, {"upper", "both"}))
def test_labels_become_values(empty_postgresql: Database, second_postgresql: Database, way: str, state: str) -> None:
    make_ledger(empty_postgresql, OPERATIONS[state], TYPES)
    before = empty_postgresql.query(LEDGER)
    WAYS[way](empty_postgresql, ENUM_CASE)
    lower = [(row[0], row[1].lower(), row[2].lower(), row[3] and row[3].lower(), row[4]) for row in before]
    assert empty_postgresql.query(LEDGER) == lower

    # The order in which they were declared stays, and what is missing comes last.
    labels = list(dict.fromkeys([*(label.lower() for label in OPERATIONS[state]), *REPAIRED]))
    make_ledger(second_postgresql, labels, [label.lower() for label in TYPES])
    assert empty_postgresql.snapshot() == second_postgresql.snapshot()

    storage = empty_postgresql.query(STORAGE)
    WAYS[way](empty_postgresql, ENUM_CASE)
    assert (empty_postgresql.query(STORAGE), empty_postgresql.query(LEDGER)) == (storage, lower)


@pytest.mark.parametrize("state", ["upper", "mixed", "another order"])
def test_renaming_rewrites_nothing(empty_postgresql: Database, state: str) -> None:
    make_ledger(empty_postgresql, OPERATIONS[state], TYPES)
    storage = empty_postgresql.query(STORAGE)
    empty_postgresql.run_script(ENUM_CASE)
    assert empty_postgresql.query(STORAGE) == storage


def test_comment_of_an_index_survives_its_rebuild(empty_postgresql: Database) -> None:
    make_ledger(empty_postgresql, OPERATIONS["both"], TYPES)
    empty_postgresql.run_script(ENUM_CASE)
    assert empty_postgresql.query("SELECT obj_description('ix_once'::regclass)") == [("one GRANT",)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("operations", "types", "message"),
    [
        (OPERATIONS["both"], [*TYPES, "BONUS"], "credittype has labels that are not expected: 'BONUS'. Nothing was"),
        (["GRANT", "REFUND", "VOID"], TYPES, "creditoperation has labels that are not expected: 'REFUND', 'VOID'."),
    ],
    ids=["in the second type", "in the first type"],
)
def test_unknown_label_stops_it_with_nothing_changed(
    empty_postgresql: Database,
    way: str,
    operations: list[str],
    types: list[str],
    message: str,
) -> None:
    make_ledger(empty_postgresql, operations, types)
    before = (empty_postgresql.snapshot(), empty_postgresql.query(LEDGER), empty_postgresql.query(STORAGE))
    with pytest.raises((asyncpg.RaiseError, subprocess.CalledProcessError)) as raised:
        WAYS[way](empty_postgresql, ENUM_CASE)
    assert message in getattr(raised.value, "stderr", str(raised.value))
    assert (empty_postgresql.snapshot(), empty_postgresql.query(LEDGER), empty_postgresql.query(STORAGE)) == before


def test_database_without_the_types_is_told_so(empty_postgresql: Database) -> None:
    with pytest.raises(asyncpg.RaiseError, match="there is no type creditoperation in this database"):
        WAYS["asyncpg"](empty_postgresql, ENUM_CASE)


def test_repair_carries_the_function_of_the_enum_steps() -> None:
    """A script for bare psql has to be whole; this keeps its copy a copy."""
    assert (MIGRATIONS / "sql" / "remap_enum.sql").read_text("utf-8") in ENUM_CASE


STATES = "SELECT user_id, created_at::text, updated_at::text, points FROM user_achievement_states ORDER BY user_id"
REPAIRED_STATES = [
    (1, "2024-01-01 10:00:00+00", "2024-01-01 10:00:00+00", 10),
    (2, "2024-02-02 10:00:00+00", "2024-02-02 10:00:00+00", 20),
    (3, "2023-01-01 00:00:00+00", "2024-03-03 10:00:00+00", 30),
]
ADD = "ALTER TABLE user_achievement_states ADD COLUMN created_at timestamptz"
CREATED = "UPDATE user_achievement_states SET created_at = '2023-01-01Z' WHERE user_id = 3"
# What earlier attempts have left behind; a row keeps a created_at that can be true.
ATTEMPTS = {
    "none": [],
    "column without values": [ADD],
    "time of the repair": [f"{ADD} NOT NULL DEFAULT now()", CREATED],
    "some values": [ADD, CREATED],
}


def make_states(database: Database, attempt: str) -> None:
    database.execute(
        "ALTER DATABASE " + database.url.rpartition("/")[2] + " SET timezone = 'UTC'",
        "CREATE TABLE user_achievement_states (user_id int PRIMARY KEY, updated_at timestamptz NOT NULL, points int)",
        "CREATE INDEX ix_points ON user_achievement_states (points) WHERE points > 10",
        "INSERT INTO user_achievement_states VALUES (1, '2024-01-01T10:00Z', 10), (2, '2024-02-02T10:00Z', 20)",
        "INSERT INTO user_achievement_states VALUES (3, '2024-03-03T10:00Z', 30)",
        *ATTEMPTS[attempt],
    )


@pytest.mark.parametrize(("way", "attempt"), ways_and(ATTEMPTS, {"none"}))
def test_created_at_is_filled(empty_postgresql: Database, way: str, attempt: str) -> None:
    make_states(empty_postgresql, attempt)
    before = empty_postgresql.snapshot()
    WAYS[way](empty_postgresql, CREATED_AT)
    third = REPAIRED_STATES[2] if CREATED in ATTEMPTS[attempt] else (3, *[REPAIRED_STATES[2][2]] * 2, 30)
    assert empty_postgresql.query(STATES) == [*REPAIRED_STATES[:2], third]
    column = (
        "column | user_achievement_states | created_at | timestamp with time zone | True | b'\\x00' | b'\\x00' | now()"
    )
    kept = {line for line in before if "created_at" not in line}
    assert empty_postgresql.snapshot() == kept | {column}

    versions = "SELECT xmin::text, ctid::text FROM user_achievement_states ORDER BY user_id"
    first_run = empty_postgresql.query(versions)
    WAYS[way](empty_postgresql, CREATED_AT)
    assert empty_postgresql.query(versions) == first_run
    assert empty_postgresql.snapshot() == kept | {column}


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("SELECT 1", "there is no table user_achievement_states in this database"),
        (
            "CREATE TABLE user_achievement_states (id int)",
            "has no updated_at to take created_at from. Nothing was changed",
        ),
    ],
)
def test_what_cannot_be_repaired_is_told_so(empty_postgresql: Database, statement: str, message: str) -> None:
    empty_postgresql.execute(statement)
    before = empty_postgresql.snapshot()
    with pytest.raises(asyncpg.RaiseError, match=message):
        WAYS["asyncpg"](empty_postgresql, CREATED_AT)
    assert empty_postgresql.snapshot() == before
