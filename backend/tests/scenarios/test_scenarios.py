"""Each page of docs/scenarios is walked in a copy of the project: a page that lies is red."""

from pathlib import Path

import pytest

from tests import checkout
from tests.scenarios import walk

PAGES = sorted(set((checkout.ROOT / "docs/scenarios").glob("*.md")) - {checkout.ROOT / "docs/scenarios/README.md"})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_scenario_happens_as_it_is_told(page: Path, tmp_path: Path) -> None:
    steps = list(walk.steps(page.read_text("utf-8")))
    project = checkout.make(tmp_path / "project")
    for step in steps:
        step.take(project)
