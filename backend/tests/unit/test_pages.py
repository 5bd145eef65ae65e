"""The pages for readers point at things that exist: files, commands, decisions."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/*.md", "docs/decisions/*.md", "backend/docs/*.md")
    for path in ROOT.glob(pattern)
)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
PATH = re.compile(r"`((?:backend|docs|tools|frontend|bench)/[a-z0-9_./-]+)`")
COMMAND = re.compile(r"(?:make|python dev\.py) ([a-z][a-z-]+)")


@pytest.mark.parametrize("page", PAGES)
def test_links_and_paths_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    linked = [ROOT / page / ".." / link for link in LINK.findall(text)]
    named = [ROOT / path for path in PATH.findall(text)]
    assert [str(path) for path in (*linked, *named) if not path.resolve().exists()] == []


@pytest.mark.parametrize("page", ["README.md", "AGENTS.md"])
def test_commands_exist(page: str) -> None:
    targets = set(re.findall(r"^([a-z][a-z -]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    known = {name for line in targets for name in line.split()}
    text = (ROOT / page).read_text("utf-8")
    assert [command for command in COMMAND.findall(text) if command not in known] == []
