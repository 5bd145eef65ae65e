"""`docs/API.md` and `docs/openapi.json` say what the application does: no more, no less."""

import difflib
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.contract import api_md, document
from tests.contract.update import refreshed

REMEDY = "Run `python dev.py docs`, read what it changed, and write the sentences that go with it."


def diff(written: str, real: str) -> str:
    """Return what differs, section by section, so that every line stands under its endpoint."""
    before, after = api_md.sections(written), api_md.sections(real)
    lines = []
    for name in before:
        if before[name] != after[name]:
            lines += [
                name,
                *difflib.unified_diff(before[name], after[name], "docs/API.md", "the API", lineterm="", n=1),
            ]
    return "\n".join(lines)


def test_page_is_what_the_application_does() -> None:
    written = api_md.PAGE.read_text("utf-8")
    with ThreadPoolExecutor(max_workers=1) as thread:
        real = thread.submit(refreshed, written).result()
    assert written == real, f"{REMEDY}\n{diff(written, real)}"


def test_document_is_what_the_application_serves() -> None:
    written, real = document.FILE.read_text("utf-8"), document.dumped(document.current())
    assert written == real, f"{REMEDY}\n{diff(written, real)}"


def test_every_section_has_a_sentence_and_an_example() -> None:
    page = api_md.PAGE.read_text("utf-8")
    headings = list(api_md.HEADING.finditer(page))
    bare = []
    for heading, following in zip(headings, [*headings[1:], None], strict=True):
        section = page[heading.end() : following.start() if following else len(page)]
        sentences = section.partition("<!-- facts")[0].strip()
        if not sentences or not re.search(r"```http\n", section):
            bare.append(heading["name"])
    assert not bare, f"write a sentence and an example for {', '.join(bare)}"


def test_route_without_a_section_is_named() -> None:
    with pytest.raises(api_md.PageError, match=re.escape("GET /api/v1/goals: served, but not in docs/API.md")):
        api_md.with_facts("", document.current())


def test_section_without_a_route_is_named() -> None:
    page = api_md.PAGE.read_text("utf-8") + "\n### GET /api/v1/ghosts\n"
    with pytest.raises(api_md.PageError, match=re.escape("GET /api/v1/ghosts: in docs/API.md, but not served")):
        api_md.with_facts(page, document.current())
