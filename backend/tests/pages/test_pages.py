"""What the pages for readers point at exists: files, headings, lines, commands."""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from src.config import load_settings
from src.main import create_app
from tests.pages import commands, update
from tests.pages.markdown import ROOT, Page, pages

PAGES = pages()
BASES = (ROOT, ROOT / "backend", ROOT / "backend/src", ROOT / "tools/plumb", ROOT / "tools/plumb/src/plumb")
"""Where a path in backticks may begin, beside the page's own folder."""
PATH = re.compile(r"\.?[\w{},*.-]+(?:/[\w{},*.-]+)*(?:/|\.(?:py|md|toml|txt|json|ts|ya?ml|ini|mako|sql|sh))")
PLACEHOLDER = re.compile(r"(?:^|/)(?:x|xs|NAME|NOUN|pbNNN|PBNNN|app)\b")
"""What the reader puts a name of their own for."""
IGNORED = (ROOT / ".gitignore").read_text("utf-8")
"""What is made when the project is used, and so is not there before."""
PINNED = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+/(?:blob|tree)/[0-9a-f]{40}/\S+")
PICTURES = [block.text for page in PAGES.values() for block in page.blocks() if block.language == "mermaid"]

every_page = pytest.mark.parametrize("name", PAGES)


@every_page
def test_links_lead_to_files_and_headings(name: str) -> None:
    assert list(broken_links(PAGES[name])) == []


def broken_links(page: Page) -> Iterator[str]:
    for link in page.links():
        target = (page.folder / link.path).resolve() if link.path else ROOT / page.name
        if not target.exists():
            yield f"{link.path} is not there"
        elif target.suffix == ".md" and link.fragment and link.fragment not in PAGES[key(target)].anchors():
            yield f"{link.path}#{link.fragment} is no heading there"
        elif target.suffix != ".md" and link.fragment and not re.fullmatch(r"`.+`", link.text):
            yield f"{link.path}#{link.fragment} must name what stands there, as `name`"


def key(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@every_page
def test_paths_in_backticks_exist(name: str) -> None:
    assert missing_paths(PAGES[name]) == []


def missing_paths(page: Page) -> list[str]:
    words = [word.partition("::")[0] for span in page.spans() for word in re.split(r"[\s\"=]+", span)]
    paths = [word for word in words if "/" in word and PATH.fullmatch(word) and not PLACEHOLDER.search(word)]
    made = [path for path in paths if f"/{path}\n" in IGNORED or f"+++ b/{path}\n" in page.text]
    return [path for path in paths if path not in made and not exists(path, page.folder)]


def exists(path: str, folder: Path) -> bool:
    """Whether every alternative of `a/{b,c}/d*.py` is a file or folder."""
    return all(any(any(base.glob(one.strip("/"))) for base in (folder, *BASES)) for one in alternatives(path))


def alternatives(path: str) -> list[str]:
    choice = re.search(r"\{([^{}]*)\}", path)
    if choice is None:
        return [path]
    chosen = (path[: choice.start()] + word + path[choice.end() :] for word in choice[1].split(","))
    return [one for each in chosen for one in alternatives(each)]


@every_page
def test_commands_exist(name: str) -> None:
    assert [fault for command in commands.commands(PAGES[name]) if (fault := commands.fault(command))] == []


@every_page
def test_links_into_other_repositories_are_pinned_to_a_commit(name: str) -> None:
    into = re.findall(r"https://github\.com/[\w.-]+/[\w.-]+/(?:blob|tree)/[^\s)]+", PAGES[name].text)
    assert [link for link in into if not PINNED.fullmatch(link)] == []


@every_page
def test_references_are_defined_and_used(name: str) -> None:
    prose = PAGES[name].prose
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
