"""What a run of migrations never does: lose a row, leave half a revision, get in another run's way, wait for ever."""

import subprocess
import sys
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from tests.capabilities import CAPABILITIES
from tests.integration.migrations.chain import FIXTURES, Database
from tests.servers import BACKEND

RUN_SECONDS = 100
CHILDREN = "SELECT id, parent_id FROM children ORDER BY id"
FAMILY = [(1, 1), (2, 1), (3, 2)]
UPGRADE = """
import sys, pathlib
from tests.integration.migrations.chain import Database
Database(sys.argv[1], (pathlib.Path(sys.argv[2]),)).upgrade()
"""


def test_rebuilt_table_keeps_its_children_checks_and_indexes(database: Database) -> None:
    family = replace(database, versions=(FIXTURES / "family",))
    family.upgrade("create")
    before = family.snapshot()
    family.upgrade("rebuild")
    assert family.query(CHILDREN) == FAMILY
    family.downgrade("create")
    assert family.query(CHILDREN) == FAMILY
    assert family.snapshot() == before


def test_rebuild_with_foreign_keys_on_deletes_them(empty_sqlite: Database) -> None:
    """What the migrations guard against: were this to change, the guard could go."""
    family = replace(empty_sqlite, versions=(FIXTURES / "family",))
    family.upgrade("create")
    family.execute("CREATE TABLE fresh AS SELECT * FROM parents", "DROP TABLE parents")
    assert family.query(CHILDREN) == []


def test_revision_that_orphans_a_row_is_undone(empty_sqlite: Database) -> None:
    family = replace(empty_sqlite, versions=(FIXTURES / "family",))
    family.upgrade("rebuild")
    with pytest.raises(RuntimeError, match="revision orphan breaks 2 foreign keys: children row 1"):
        family.upgrade("orphan")
    assert family.query("SELECT count(*) FROM parents") == [(2,)]
    assert family.query("SELECT version_num FROM alembic_version") == [("rebuild",)]


def test_revision_that_fails_half_way_leaves_the_database_as_it_was(database: Database) -> None:
    shelves = replace(database, versions=(FIXTURES / "halfway",))
    shelves.upgrade("create")
    before = shelves.snapshot()
    with pytest.raises(IntegrityError):
        shelves.upgrade("fails")
    assert shelves.snapshot() == before
    assert shelves.query("SELECT * FROM shelves") == [(1,)]
    assert shelves.query("SELECT version_num FROM alembic_version") == [("create",)]


def test_run_that_fails_keeps_what_was_committed_before(database: Database) -> None:
    """PostgreSQL commits each revision. On SQLite the run is one transaction, which is what a second run waits for."""
    with pytest.raises(IntegrityError):
        replace(database, versions=(FIXTURES / "halfway",)).upgrade("fails")
    kept = any("shelves" in line for line in database.snapshot())
    assert kept == CAPABILITIES[database.kind].concurrent_writers


def test_of_two_runs_at_once_one_works_and_the_other_waits(database: Database) -> None:
    argv = [sys.executable, "-c", UPGRADE, database.url, str(FIXTURES / "slow")]
    runs = [subprocess.Popen(argv, cwd=BACKEND, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    ends = [(run.communicate(timeout=RUN_SECONDS)[1], run.returncode) for run in runs]
    assert ends == [("", 0), ("", 0)]
    assert database.query("SELECT version_num FROM alembic_version") == [("index",)]
    assert any("ix_limits_given" in line for line in database.snapshot())


def test_statements_have_limits(empty_postgresql: Database) -> None:
    slow = replace(empty_postgresql, versions=(FIXTURES / "slow",))
    slow.upgrade("slow")
    assert slow.query("SELECT given FROM limits ORDER BY id") == [("5s 1min",), ("1s 30min",)]
