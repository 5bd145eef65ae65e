"""The work of a run grows with its input and no faster, counted and not timed."""

import sys
from pathlib import Path
from types import FrameType

import pytest

from plumb import testing

COPIES = 20
MODEL = """
from enum import StrEnum
from sqlalchemy import Enum
from sqlmodel import Field, Relationship, SQLModel
from app.errors import Base{number}, Child{number}
class Status{number}(StrEnum):
    OPEN = "open"
class Task{number}(SQLModel, table=True):
    id: int = Field(primary_key=True)
    status: Status{number} = Field(sa_type=Enum(Status{number}, name="status{number}"))
    parts: list["Task{number}"] = Relationship()
def run(session):
    try:
        return session.get(Task{number}, 1)
    except Base{number}:
        return None
    except Child{number}:
        return 1
"""


def calls(root: Path, copies: int) -> int:
    """How many Python functions a cold run over *copies* modules calls."""
    errors = "".join(f"class Base{n}(Exception): ...\nclass Child{n}(Base{n}): ...\n" for n in range(copies))
    files = {f"app/module_{number}.py": MODEL.format(number=number) for number in range(copies)}
    case = testing.Case("speed", {"app/errors.py": errors, **files})
    counted = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal counted
        counted += event == "call"

    sys.setprofile(count)
    try:
        result = testing.run(root, case, "PB5", "PB6")
    finally:
        sys.setprofile(None)
    assert len([finding for finding in result.findings if finding.code == "PB601"]) == copies
    return counted


def test_twice_the_files_are_twice_the_work(tmp_path: Path) -> None:
    calls(tmp_path / "warm", 2)
    once = calls(tmp_path / "once", COPIES)
    twice = calls(tmp_path / "twice", COPIES * 2)
    assert twice / once == pytest.approx(2, abs=0.35)
