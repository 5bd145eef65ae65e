"""The pages of patterns keep what they promise: each is whole, its wrong form is found, its right form is not.

Its programs are run, beside the files to copy, where `tests.pages.test_pages` compares what they print.
"""

import re
from pathlib import Path

import pytest

from plumb import catalog
from tests.pages import programs
from tests.pages.markdown import HEADING, ROOT, Page, pages

PATTERNS = {name: page for name, page in pages().items() if name.startswith("docs/patterns/")}
HEADINGS = ["The failure", "Wrong", "Right", "Here", "Proof", "Check", "Copy it"]
RULE = re.compile(r"\]\(\.\./rules/(PB\d{3})\.md\)")
FINDING = re.compile(r"^\S+:\d+:\d+: (PB\d{3}) ", re.MULTILINE)

every_pattern = pytest.mark.parametrize("name", PATTERNS)


def section(page: Page, heading: str) -> str:
    following = HEADINGS[HEADINGS.index(heading) + 1]
    return page.text.partition(f"\n## {heading}\n")[2].partition(f"\n## {following}\n")[0]


@every_pattern
def test_page_has_every_part(name: str) -> None:
    assert HEADING.findall(PATTERNS[name].prose)[1:] == HEADINGS


@every_pattern
def test_wrong_form_fails_and_is_found(name: str) -> None:
    wrong = section(PATTERNS[name], "Wrong")
    assert re.search(r"^```\w+ fails$", wrong, re.MULTILINE)
    assert FINDING.findall(wrong)


@every_pattern
def test_right_form_needs_only_what_is_copied_and_is_not_found(name: str, tmp_path: Path) -> None:
    page = PATTERNS[name]
    right = [block for block in page.blocks() if block.mark("run") is not None][-1]
    assert f"\n{right.text}" in section(page, "Right")
    assert page.copied() != []
    assert programs.program(right, tmp_path, page.copied()).findings(f"PB{Path(name).name[0]}") == ""


@every_pattern
def test_every_pattern_is_in_the_index(name: str) -> None:
    assert f"]({name.removeprefix('docs/')})" in pages()["docs/patterns.md"].text


def test_every_rule_has_its_place_on_a_page() -> None:
    linked = [code for page in PATTERNS.values() for code in RULE.findall(section(page, "Check"))]
    about_code = [rule.code for rule in catalog.everything() if not rule.code.startswith("PB0")]
    assert [code for code in about_code if code not in linked] == []
    assert linked == sorted(set(linked))


def test_every_pattern_page_exists_once() -> None:
    assert [Path(name).name[0] for name in PATTERNS] == list("123456789")
    assert (ROOT / "docs/patterns.md").exists()
