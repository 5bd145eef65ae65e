"""Each page of docs/scenarios is walked in a copy of the project: a page that lies is red."""

import re
from pathlib import Path

import pytest

from tests import checkout
from tests.scenarios import walk

FOLDER = checkout.ROOT / "docs/scenarios"
PAGES = re.findall(r"^\| \[.+?\]\((.+?\.md)\)", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE)
"""In the order of their list: the first and the third take longest, and two workers take one each."""


def test_every_page_is_listed() -> None:
    assert sorted(["README.md", *PAGES]) == sorted(page.name for page in FOLDER.glob("*.md"))


@pytest.mark.parametrize("page", PAGES)
def test_scenario_happens_as_it_is_told(page: str, tmp_path: Path) -> None:
    steps = list(walk.steps((FOLDER / page).read_text("utf-8")))
    project = checkout.make(tmp_path / "project")
    for step in steps:
        step.take(project)
