"""The work of a run grows with its input and no faster, and stays within its budget; counted and not timed."""

import ast
import gc
import sys
from collections import Counter
from pathlib import Path
from types import FrameType

import pytest

from plumb import catalog, testing, trees
from plumb.digests import Digests
from plumb.runner import Runner
from plumb.track import EVERYTHING

COPIES = 20
CALLS_PER_NODE = 38
"""Calls of Python functions for each node of a module that has something for most rules."""
MODEL = """
from enum import StrEnum
from sqlalchemy import Enum
from sqlmodel import Field, Relationship, SQLModel
from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from app.errors import Base{number}, Child{number}
router{number} = APIRouter()
class Status{number}(StrEnum):
    OPEN = "open"
class Task{number}(SQLModel, table=True):
    id: int = Field(primary_key=True)
    status: Status{number} = Field(sa_type=Enum(Status{number}, name="status{number}"))
    parts: list["Task{number}"] = Relationship()
class Read{number}(BaseModel):
    id: int
    parts: list["Read{number}"]
async def find{number}(session: AsyncSession, key: int) -> Task{number}:
    return (await session.scalars(select(Task{number}).where(Task{number}.id == key))).one()
@router{number}.get("/tasks{number}", response_model=Read{number})
async def read{number}(session: AsyncSession, key: int):
    return await find{number}(session, key)
def run(session):
    try:
        return session.get(Task{number}, 1)
    except Base{number}:
        return None
    except Child{number}:
        return 1
"""


REVISION = """
from alembic import op
import sqlalchemy as sa
revision = "{number}"
down_revision = "{before}"
def upgrade():
    op.create_table("tasks{number}", sa.Column("id", sa.Integer(), primary_key=True))
    op.add_column("tasks{number}", sa.Column("name", sa.String(), nullable=False, server_default=""))
def downgrade():
    op.drop_table("tasks{number}")
"""


def code_base(copies: int) -> testing.Case:
    """A project of *copies* modules."""
    errors = "".join(f"class Base{n}(Exception): ...\nclass Child{n}(Base{n}): ...\n" for n in range(copies))
    files = {f"app/module_{number}.py": MODEL.format(number=number) for number in range(copies)}
    return testing.Case("speed", {"app/errors.py": errors, **files})


def calls(root: Path, copies: int) -> int:
    """How many Python functions a cold run over *copies* modules calls."""
    case = code_base(copies)
    counted = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal counted
        counted += event == "call"

    sys.setprofile(count)
    try:
        result = testing.run(root, case, "PB")
    finally:
        sys.setprofile(None)
    for code in ("PB201", "PB601"):
        assert len([finding for finding in result.findings if finding.code == code]) == copies
    return counted


def functions_in_memory() -> int:
    gc.collect()
    return sum(isinstance(one, ast.FunctionDef) for one in gc.get_objects())


def test_twice_the_files_are_twice_the_work(tmp_path: Path) -> None:
    calls(tmp_path / "warm", 2)
    once = calls(tmp_path / "once", COPIES)
    twice = calls(tmp_path / "twice", COPIES * 2)
    assert twice / once == pytest.approx(2, abs=0.35)


def test_a_node_stays_within_its_budget(tmp_path: Path) -> None:
    calls(tmp_path / "warm", 2)
    added = calls(tmp_path / "twice", COPIES * 2) - calls(tmp_path / "once", COPIES)
    nodes = COPIES * sum(1 for _ in ast.walk(ast.parse(MODEL.format(number=1))))
    assert added / nodes < CALLS_PER_NODE


def test_what_all_files_look_like_is_found_out_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look = Digests._look
    asked: Counter[str] = Counter()

    def counted(digests: Digests, dependency: str) -> str:
        asked[dependency] += 1
        return look(digests, dependency)

    monkeypatch.setattr(Digests, "_look", counted)
    testing.run(tmp_path, code_base(COPIES), "PB")
    assert EVERYTHING in asked
    assert set(asked.values()) == {1}


def test_what_is_known_of_a_tree_goes_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "WAITING_LINES", 0)
    monkeypatch.setattr(trees, "RECENT_LINES", 2 * len(REVISION.splitlines()))
    revisions = {number: REVISION.format(number=number, before=number - 1) for number in range(COPIES)}
    testing.write(tmp_path, {f"migrations/versions/{number}.py": text for number, text in revisions.items()})
    project = testing.open_project(tmp_path, select=("PB9",))
    before = functions_in_memory()
    assert Runner(project, catalog.chosen(project.config)).run(project.paths).files == COPIES
    assert functions_in_memory() - before < COPIES / 2
