"""Filling rows: in batches, restartable, and the example of expand, backfill and contract from end to end."""

import logging
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from migrations import backfill
from migrations.steps import rows
from tests.integration.migrations.chain import FIXTURES, Database, in_thread, sql

EXAMPLE = (FIXTURES / "example",)
COUNT = 2_500
DISPLAY_NAMES = rows.Backfill("people", assign="display_name = name", missing="display_name IS NULL", batch_size=1_000)
LEFT = "SELECT count(*) FROM people WHERE display_name IS NULL"
# A row of whom the code before the expansion knows; the highest id comes last in the walk.
OLD_CODE = "INSERT INTO people (id, name) VALUES ('{}', 'zoe')"
LAST = "ffffffffffffffffffffffffffffffff"


@pytest.fixture
def people(database: Database) -> Database:
    """Return a database with many people, none of whom has a display name."""
    people = replace(database, versions=EXAMPLE)
    people.upgrade("people")
    people.call(insert)
    people.upgrade("expand")
    return people


def insert(connection: sa.Connection) -> None:
    table = sa.table("people", sa.column("id", sa.Uuid()), sa.column("name"))
    connection.execute(table.insert(), [{"id": UUID(int=n << 100), "name": f"name {n}"} for n in range(COUNT)])
    connection.commit()


def test_example_goes_up_and_down(people: Database) -> None:
    expanded = people.snapshot()
    people.upgrade("backfill")
    assert people.query(LEFT) == [(0,)]
    people.upgrade("contract")
    assert people.query("SELECT count(*) FROM people WHERE display_name = name") == [(COUNT,)]
    with pytest.raises(
        DBAPIError, match=r"NOT NULL constraint failed: people.display_name|violates not-null constraint"
    ):
        people.execute(OLD_CODE.format(LAST))
    people.downgrade("expand")
    assert people.snapshot() == expanded
    people.downgrade("people")
    assert people.query("SELECT count(*) FROM people") == [(COUNT,)]


def test_contract_refuses_what_the_old_code_wrote_after_the_backfill(people: Database) -> None:
    people.upgrade("backfill")
    people.execute(OLD_CODE.format(LAST))
    before = people.snapshot()
    with pytest.raises(RuntimeError, match="1 rows of people are not filled yet: run its backfill first"):
        people.upgrade("contract")
    assert people.snapshot() == before
    run(people)
    people.upgrade("contract")


def run(database: Database, task: rows.Backfill = DISPLAY_NAMES) -> int:
    return in_thread(lambda: backfill.asyncio.run(backfill.run(database.url, task)))


def test_interrupted_backfill_keeps_its_batches_and_goes_on(people: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", stop)
    with pytest.raises(KeyboardInterrupt):
        run(people)
    monkeypatch.undo()
    assert people.query(LEFT) == [(COUNT - 1_000,)]
    assert run(people) == COUNT - 1_000
    assert run(people) == 0


def test_revision_that_breaks_off_keeps_its_batches_and_goes_on(empty_postgresql: Database) -> None:
    people = replace(empty_postgresql, versions=EXAMPLE)
    people.upgrade("people")
    people.call(insert)
    people.upgrade("expand")
    fifteen_hundredth = f"id <> '{UUID(int=1_500 << 100)}' OR display_name IS NULL"
    people.execute(f"ALTER TABLE people ADD CONSTRAINT refused CHECK ({fifteen_hundredth})")
    with pytest.raises(DBAPIError, match="refused"):
        people.upgrade("backfill")
    assert people.query(LEFT) == [(COUNT - 1_000,)]
    assert people.query("SELECT version_num FROM alembic_version") == [("expand",)]
    people.execute("ALTER TABLE people DROP CONSTRAINT refused")
    people.upgrade("backfill")
    assert people.query(LEFT) == [(0,)]


def test_backfill_says_how_far_it_is(people: Database, caplog: pytest.LogCaptureFixture) -> None:
    people.execute(*ANALYZE[people.kind])
    with caplog.at_level(logging.INFO, "alembic.runtime.migration"):
        run(people, DISPLAY_NAMES._replace(batch_size=50))
    told = [record.getMessage() for record in caplog.records]
    assert told == [
        "people: 1000 rows filled, 1000 of about 2500 walked",
        "people: 2000 rows filled, 2000 of about 2500 walked",
        "people: 2500 rows filled, done",
    ]


def test_sql_script_fills_in_batches_too(empty_postgresql: Database) -> None:
    people = replace(empty_postgresql, versions=EXAMPLE)
    people.upgrade("people")
    people.call(insert)
    people.run_script(sql("people:contract", EXAMPLE))
    assert people.query("SELECT count(*), count(DISTINCT xmin::text) FROM people WHERE display_name = name") == [
        (COUNT, 3)
    ]


def test_named_backfill_runs_from_the_command_line(
    people: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "people_display_name.py").write_text(
        f"from migrations.steps import rows\nBACKFILL = rows.{DISPLAY_NAMES!r}\n", "utf-8"
    )
    monkeypatch.setattr("migrations.backfills.__path__", [str(tmp_path)])
    monkeypatch.setenv("DATABASE_URL", people.url)
    monkeypatch.setattr("sys.argv", ["backfill", "people_display_name", "--batch-size=400"])
    assert in_thread(backfill.main) == 0
    assert people.query(LEFT) == [(0,)]


ANALYZE = {"sqlite": [], "postgresql": ["ANALYZE people"]}
