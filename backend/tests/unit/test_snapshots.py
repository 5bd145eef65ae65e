"""Snapshots, as far as they need no database: what is written can be read back, today and by a later release."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import SQLModel

from src.errors import ServiceUnavailable
from src.schemas.enums import CompletedBy, TaskPriority
from src.services import snapshots
from src.services.recovery import KINDS
from src.services.snapshots import Rows

TASKS = SQLModel.metadata.tables["tasks"]
ID = UUID("5f0c2a7e-0000-4000-8000-000000000001")
AT = datetime(2025, 1, 31, 23, 59, 59, 123456, tzinfo=UTC)
ROW: dict[str, Any] = {
    "id": ID,
    "user_id": ID,
    "created_at": AT,
    "updated_at": AT.replace(microsecond=0),
    "title": "Größe 🌱",
    "description": "",
    "priority": TaskPriority.HIGH,
    "due_date": None,
    "estimated_duration": 90,
    "focus_time_seconds": 0,
    "completed_at": AT,
    "completed_by": CompletedBy.FORCE,
    "counted_at": None,
    "archived": True,
    "version": 2**62,
}


def stored(**rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"format": 0, "rows": rows}


def test_row_survives_json_with_its_types() -> None:
    written = json.dumps(snapshots.dump(TASKS, ROW))
    read = snapshots.load(TASKS, json.loads(written))
    assert read == ROW
    assert {name: type(value) for name, value in read.items()} == {name: type(value) for name, value in ROW.items()}


def test_identities_instants_and_enums_are_stored_by_value() -> None:
    written = snapshots.dump(TASKS, ROW | {"due_date": AT.astimezone(timezone(timedelta(hours=5)))})
    assert (written["id"], written["priority"], written["completed_by"]) == (str(ID), "high", "force")
    assert (written["created_at"], written["version"]) == ("2025-01-31T23:59:59.123456Z", 2**62)
    assert snapshots.load(TASKS, written)["due_date"] == AT


def test_every_column_that_a_deletion_takes_has_a_type_of_its_own() -> None:
    """A type that pydantic does not know would be stored as whatever it looks like in JSON."""
    typed = {
        f"{table.name}.{column.name}": snapshots.python_type(column)
        for model, _ in KINDS.values()
        for table in snapshots.taken_along(SQLModel.metadata.tables[model.__tablename__])
        for column in table.c
    }
    assert [name for name, python_type in typed.items() if python_type is object] == []


def test_column_that_is_new_is_left_to_its_default_and_one_that_is_gone_is_left_out() -> None:
    row = snapshots.dump(TASKS, ROW)
    del row["estimated_duration"]
    (read,) = snapshots.read(stored(tasks=[row | {"colour": "red"}]))["tasks"]
    assert read == {name: value for name, value in ROW.items() if name != "estimated_duration"}


def test_each_upgrade_runs_once_from_the_format_of_the_snapshot() -> None:
    def rename(rows: Rows) -> Rows:
        return {"tasks": [{**row, "title": row["name"]} for row in rows["todos"]]}

    def shout(rows: Rows) -> Rows:
        return {"tasks": [{**row, "title": row["title"] + "!"} for row in rows["tasks"]]}

    old, newer = stored(todos=[{"name": "a"}]), {"format": 1, "rows": {"tasks": [{"title": "b"}]}}
    assert snapshots.read(old, [rename, shout]) == {"tasks": [{"title": "a!"}]}
    assert snapshots.read(newer, [rename, shout]) == {"tasks": [{"title": "b!"}]}


def test_snapshot_of_a_newer_release_is_left_alone() -> None:
    with pytest.raises(ServiceUnavailable):
        snapshots.read({"format": 1, "rows": {}}, [])


@pytest.mark.parametrize("model", [model for model, _ in KINDS.values()])
def test_what_refers_to_a_recoverable_row_goes_with_it(model: type[SQLModel]) -> None:
    """A key that is set to NULL would lose its value: the snapshot holds only rows that the deletion takes along."""
    taken = snapshots.taken_along(SQLModel.metadata.tables[str(model.__tablename__)])
    referring = [
        (table.name, key.ondelete)
        for table in SQLModel.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table in taken
    ]
    assert sorted(referring) == sorted((table.name, "CASCADE") for table in taken[1:])
