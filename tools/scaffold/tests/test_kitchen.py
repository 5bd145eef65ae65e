"""A page of a project that names what the project does not have is found, by the project's own files."""

from pathlib import Path

import pytest

from scaffold import kitchen
from tests.pages.markdown import Page


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with next to nothing in it."""
    for file, text in {
        ".gitignore": "/made.md\n",
        "Makefile": "run: # serve\n\tpython dev.py run\n",
        "dev.py": "@command\ndef run() -> int: ...\n",
        "backend/src/clock.py": "",
    }.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("`backend/src/models/task.py`", "`backend/src/models/task.py` is not there"),
        ("[the clock](backend/src/clocks.py)", "backend/src/clocks.py is not there"),
        ("`make seed`", "there is no `make seed`"),
        ("`python dev.py seed`", "there is no `python dev.py seed`"),
    ],
)
def test_what_is_not_there_is_named(project: Path, text: str, fault: str) -> None:
    assert list(kitchen.faults(Page("README.md", text, project))) == [fault]


@pytest.mark.parametrize("text", ["`backend/src/clock.py`", "`src/clock.py`", "[a](Makefile)", "`make run`", "`a/b`"])
def test_what_is_there_is_left_alone(project: Path, text: str) -> None:
    assert list(kitchen.faults(Page("README.md", text, project))) == []
