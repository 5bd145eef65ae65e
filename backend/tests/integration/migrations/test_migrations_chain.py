"""The chain of revisions: one head, up and down and up again, and at its end what the models say."""

import re
from pathlib import Path

import pytest
from alembic import command
from alembic.script import Script

from tests.integration.migrations.chain import Database, create_all, heads, scripts, sql, stairway

FILE_NAME = r"\d{4}_\d{2}_\d{2}_\d{4}_[a-z0-9_]+\.py"


def test_there_is_one_head() -> None:
    assert len(heads()) == 1


@pytest.mark.parametrize("script", scripts(), ids=lambda script: script.revision)
def test_file_name_is_dated_and_says_what_it_does(script: Script) -> None:
    assert re.fullmatch(FILE_NAME, Path(script.path).name)


def test_stairway(database: Database) -> None:
    stairway(database)


def test_models_are_what_the_migrations_make(database: Database, second_database: Database) -> None:
    database.upgrade()
    second_database.call(create_all)
    assert database.snapshot() == second_database.snapshot()


def test_autogenerate_finds_nothing_to_do(database: Database) -> None:
    database.upgrade()
    database.check()


def test_downgrade_to_the_start_leaves_nothing(database: Database) -> None:
    database.upgrade()
    database.downgrade("base")
    assert database.snapshot() == set()


def test_sql_script_makes_the_same_database(empty_postgresql: Database, second_postgresql: Database) -> None:
    """What `alembic upgrade head --sql` prints is whole: run by itself it does what the migrations do."""
    empty_postgresql.upgrade()
    second_postgresql.run_script(sql("head"))
    assert second_postgresql.snapshot() == empty_postgresql.snapshot()
    second_postgresql.run_script(sql("head:base", direction=command.downgrade))
    assert second_postgresql.snapshot() == set()
