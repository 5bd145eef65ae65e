"""The written pages of the rules: current, complete, and linked."""

import re
from pathlib import Path

import pytest

from plumb import catalog, pages
from plumb.cli import main

WRITTEN = Path(__file__).parents[3] / "docs/rules"


def test_the_pages_in_the_repository_are_current() -> None:
    present = {file.name: file.read_text(encoding="utf-8") for file in WRITTEN.glob("*.md")}
    assert present == pages.pages(), "run `plumb rules --write docs/rules`"


def test_the_index_links_every_rule_once() -> None:
    links = re.findall(r"\]\((PB\d{3})\.md\)", pages.pages()["README.md"])
    assert links == [rule.code for rule in catalog.everything()]


def test_writing_again_changes_nothing_and_removes_what_is_gone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rules", "--write", str(tmp_path)]) == 0
    (tmp_path / "PB999.md").write_text("gone")
    (tmp_path / "notes.md").write_text("kept")
    capsys.readouterr()
    main(["rules", "--write", str(tmp_path)])
    assert capsys.readouterr().out == "changed: PB999.md\n"
    main(["rules", "--write", str(tmp_path)])
    assert capsys.readouterr().out == "every page is current\n"
    assert (tmp_path / "notes.md").exists()
