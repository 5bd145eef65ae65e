"""The written pages of the rules: current, complete, and linked."""

import re
from pathlib import Path

import pytest

from plumb import catalog, pages
from plumb.cli import main

WRITTEN = Path(__file__).parents[3] / "docs/rules"


def test_the_pages_in_the_repository_are_current() -> None:
    present = {file.name: file.read_text(encoding="utf-8") for file in WRITTEN.glob("*.md")}
    assert present == pages.pages(WRITTEN), "run `plumb rules --write docs/rules`"


def test_the_index_links_every_rule_once() -> None:
    links = re.findall(r"\]\((PB\d{3})\.md\)", pages.pages(WRITTEN)["README.md"])
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


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project with a guide that names PB601."""
    (tmp_path / "pyproject.toml").write_text('[tool.plumb]\nguides = ["docs/*.md"]\n')
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/a-time.md").write_text("# About time\n\nPB401 and PB6010.\n")
    (tmp_path / "docs/errors.md").write_text("# Errors here\n\nPB601: the child first.\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_explain_prints_the_page_and_the_guide_of_the_project(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["explain", "PB601"])
    shown = capsys.readouterr().out
    page = pages.pages(project)["PB601.md"]
    assert page.endswith("\n## In this project\n[Errors here](docs/errors.md)\n")
    assert shown == f"{page}\n# Errors here\n\nPB601: the child first.\n"


def test_written_page_links_the_guide_from_where_it_lies(project: Path) -> None:
    main(["rules", "--write", "docs/rules"])
    assert (project / "docs/rules/PB601.md").read_text().endswith("\n[Errors here](../errors.md)\n")


def test_rule_without_a_guide_stands_alone(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["explain", "PB602"])
    shown = capsys.readouterr().out
    assert shown == pages.pages(project)["PB602.md"]
    assert "## In this project" not in shown
