"""The contract's own checks, checked: each way to break the API, done to a copy, turns one of them red and is named."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[3]


class Mutation(NamedTuple):
    """An edit of one place in `backend/src`, and what the failing check has to say about it."""

    file: str
    old: str
    new: str
    says: str


MUTATIONS = {
    "a response field is renamed": Mutation(
        "schemas/user.py",
        "    email: str\n    name: str",
        '    mail: str = Field(validation_alias="email")\n    name: str',
        "`mail`",
    ),
    "a nullable field may not be null any more": Mutation(
        "schemas/goal.py",
        "due_at: Timestamp | None\n    version: int",
        "due_at: Timestamp\n    version: int",
        "or null",
    ),
    "timestamps end in an offset": Mutation(
        "schemas/user.py",
        "    tier: UserTier\n    created_at: Timestamp\n",
        "    tier: UserTier\n    created_at: Annotated[Timestamp, PlainSerializer(lambda value: value.isoformat())]\n",
        "+00:00",
    ),
    "an enum is answered by name": Mutation(
        "schemas/goal.py",
        "    status: GoalStatus\n",
        "    status: Annotated[GoalStatus, PlainSerializer(lambda value: value.name)]\n",
        '"status": "REACHED"',
    ),
    "a page lacks has_more": Mutation("schemas/base.py", "    has_more: bool\n", "", "has_more"),
    "a route is not documented": Mutation(
        "api/users.py",
        '@router.get("/me")',
        '@router.get("/me/ghost")\nasync def get_ghost() -> None:\n    """Nothing."""\n\n\n@router.get("/me")',
        "GET /api/v1/users/me/ghost: served, but not in docs/API.md",
    ),
    "a conflict is a bad request": Mutation(
        "errors.py",
        "    status, code = 409, ErrorCode.CONFLICT\n",
        "    status, code = 400, ErrorCode.CONFLICT\n",
        "400",
    ),
    "an optional field is not documented": Mutation(
        "schemas/goal.py",
        "class GoalCreate(Input):\n",
        "class GoalCreate(Input):\n    color: str | None = None\n",
        "`color`",
    ),
    "an object is answered bare": Mutation(
        "api/users.py",
        '-> DataResponse[UserRead]:\n    """Get the caller\'s account."""\n    return DataResponse[UserRead].of(',
        '-> UserRead:\n    """Get the caller\'s account."""\n    return UserRead.model_validate(',
        "GET /api/v1/users/me",
    ),
    "a 500 escapes": Mutation(
        "services/users.py", "    user.sqlmodel_update(data.changes())", "    raise RuntimeError", "INTERNAL_ERROR"
    ),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of what the checks read, with what is compiled of it: that halves the time of a check."""
    half_written = shutil.ignore_patterns("*.pyc.*")
    for part in ("src", "tests", "docs", "migrations"):
        shutil.copytree(ROOT / "backend" / part, tmp_path / "backend" / part, ignore=half_written)
    for name in ("backend/alembic.ini", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("name", MUTATIONS)
def test_break_of_the_contract_is_found_and_named(copy: Path, name: str) -> None:
    file, old, new, says = MUTATIONS[name]
    path = copy / "backend" / "src" / file
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{file} has changed: adapt the mutation"
    text = re.sub(
        r"^from pydantic import (.*)$", r"from pydantic import PlainSerializer, \1", text, count=1, flags=re.MULTILINE
    )
    path.write_text(text.replace(old, new), "utf-8")
    checks = ["backend/tests/contract/test_api_md.py", "-q", "-x", "--no-header", "-p", "no:cacheprovider"]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *checks], cwd=copy, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1, ended.stdout
    assert says in ended.stdout, ended.stdout
