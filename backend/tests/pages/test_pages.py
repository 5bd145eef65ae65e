"""What the pages for readers point at exists: files, headings, lines, commands."""

import difflib
import re

import pytest

from src.config import load_settings
from src.main import create_app
from tests.pages import commands, places, programs, update
from tests.pages.markdown import SPAN, Page, pages

PAGES = pages()
PINNED = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+/(?:blob|tree)/[0-9a-f]{40}/\S+")
PICTURES = [block.text for page in PAGES.values() for block in page.blocks() if block.language == "mermaid"]

every_page = pytest.mark.parametrize("name", PAGES)


@every_page
def test_links_lead_to_files_and_headings(name: str) -> None:
    assert list(places.broken_links(PAGES[name])) == []


@every_page
def test_paths_in_backticks_exist(name: str) -> None:
    assert places.missing_paths(PAGES[name]) == []


@every_page
def test_commands_exist(name: str) -> None:
    assert [fault for command in commands.commands(PAGES[name]) if (fault := commands.fault(command))] == []


@every_page
def test_links_into_other_repositories_are_pinned_to_a_commit(name: str) -> None:
    into = re.findall(r"https://github\.com/[\w.-]+/[\w.-]+/(?:blob|tree)/[^\s)]+", PAGES[name].text)
    assert [link for link in into if not PINNED.fullmatch(link)] == []


@every_page
def test_references_are_defined_and_used(name: str) -> None:
    prose = SPAN.sub("", PAGES[name].prose)
    assert set(re.findall(r"\]\[([\w-]+)\]", prose)) == set(re.findall(r"^\[([\w-]+)\]: ", prose, re.MULTILINE))


@pytest.mark.parametrize("picture", PICTURES)
def test_picture_of_a_request_shows_the_middleware_in_its_order(picture: str) -> None:
    installed = [getattr(one.cls, "__name__", "?") for one in create_app(load_settings(_env_file=None)).user_middleware]
    arrows = re.findall(r"^ +(\w+)\[[^\]]*\] --> (\w+)$", picture, re.MULTILINE)
    assert arrows[: len(installed)] == list(zip(installed, [*installed[1:], "route"], strict=True))


@every_page
def test_line_numbers_code_and_outcomes_are_current(name: str) -> None:
    written, real = PAGES[name].text, update.refreshed(PAGES[name])
    differs = difflib.unified_diff(written.splitlines(), real.splitlines(), name, "the code", lineterm="", n=1)
    assert written == real, "Run `python dev.py docs` and read what it changed.\n" + "\n".join(differs)


def test_moved_line_is_named_and_no_program_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "docs/patterns/2-loaded-relationships.md"
    moved = Page(name, re.sub(r"#L\d+\)", "#L1)", PAGES[name].text))
    monkeypatch.setattr(update, "pages", lambda: {**PAGES, name: moved})
    monkeypatch.setattr(programs, "program", None)
    assert update.main(["--check"]) == 1
    assert capsys.readouterr().err == f"{name}: lines or code that it shows have changed. Run `python dev.py docs`.\n"
