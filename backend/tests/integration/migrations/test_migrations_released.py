"""What has been released stays as it is, and a steps module may grow but not change."""

import shutil
from pathlib import Path

import pytest

from migrations import released
from migrations.released import Release, read

STEP = "def drop(*names: str) -> None:"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the migrations that a test may edit."""
    for folder in ("versions", "steps", "sql"):
        shutil.copytree(released.HERE / folder, tmp_path / folder)
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_nothing_that_was_released_has_been_edited() -> None:
    assert read().edited() == [], (
        "restore it and add a revision; where no database outside of development has run it, record it again: "
        "python dev.py migrate-release NAME"
    )


def test_edited_revision_is_noticed(copy: Path) -> None:
    release = Release().extended(folder=copy)
    path = min(copy.glob("versions/*.py"))
    edit(path, "nullable=False", "nullable=True")
    assert release.edited(copy) == [path.name]


def test_removed_revision_is_noticed(copy: Path) -> None:
    release = Release().extended(folder=copy)
    path = max(copy.glob("versions/*.py"))
    path.unlink()
    assert release.edited(copy) == [path.name]


def test_edited_step_is_noticed(copy: Path) -> None:
    release = Release().extended(folder=copy)
    edit(copy / "steps" / "enums.py", 'f"DROP TYPE {name}"', 'f"DROP TYPE IF EXISTS {name}"')
    edit(copy / "sql" / "remap_enum.sql", "RENAME VALUE", "RENAME  VALUE")
    assert release.edited(copy) == ["enums.py:drop", "remap_enum.sql"]


def test_added_step_is_welcome(copy: Path) -> None:
    release = Release().extended(folder=copy)
    edit(copy / "steps" / "enums.py", STEP, f"def another() -> None:\n    pass\n\n\n{STEP}")
    assert release.edited(copy) == []


def test_edit_is_recorded_only_when_it_is_named(copy: Path) -> None:
    release = Release().extended(folder=copy)
    edit(copy / "steps" / "enums.py", 'f"DROP TYPE {name}"', 'f"DROP TYPE IF EXISTS {name}"')
    assert release.extended(folder=copy).edited(copy) == ["enums.py:drop"]
    assert release.extended(["enums.py:drop"], folder=copy).edited(copy) == []


def test_released_columns_are_those_of_the_models() -> None:
    release = Release().extended()
    assert release.uses("users", "email")
    assert release.uses("users")
    assert not release.uses("users", "verified")
    assert not release.uses("shelves")
