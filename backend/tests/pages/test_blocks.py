"""Every block of code on a page is run, is the repository's own, or is at least well-formed; a drawing says that it is.

What a block is stands behind its language: see `tests.pages.update`. Outcomes and code of the repository are compared
with the rest of the page, by `test_line_numbers_code_and_outcomes_are_current`.
"""

import ast
import json
import subprocess
import tomllib
from collections.abc import Callable

import pytest
import yaml

from tests.contract import api_md
from tests.pages.markdown import Block, Page, pages

COMPARED = ("from", "run", "fails", "output", "error", "plumb")


def shell(text: str) -> None:
    subprocess.run(["sh", "-n"], input=text, text=True, check=True, capture_output=True)  # noqa: S607 The machine's shell.


PARSERS: dict[str, Callable[[str], object]] = {
    "console": str,  # Its commands are checked like those of any page, and what they print is abridged.
    "json": json.loads,
    "python": ast.parse,
    "sh": shell,
    "toml": tomllib.loads,
    "yaml": yaml.safe_load,
}
FAULTS = (ValueError, SyntaxError, yaml.YAMLError, subprocess.CalledProcessError)


@pytest.mark.parametrize("name", pages())
def test_every_block_is_checked(name: str) -> None:
    page = pages()[name]
    assert [complaint for block in page.blocks() if (complaint := fault(page, block))] == []


def fault(page: Page, block: Block) -> str | None:
    if any(block.mark(name) is not None for name in COMPARED):
        return None
    if block.language == "text" and block.mark("drawing") is not None:
        return None
    if is_checked_elsewhere(page, block):
        return None
    if block.language not in PARSERS:
        return f"line {block.line}: say behind ``` what the block is, see tests/pages/update.py"
    try:
        PARSERS[block.language](block.text)
    except FAULTS as error:
        return f"line {block.line}: {error}"
    return None


def is_checked_elsewhere(page: Page, block: Block) -> bool:
    """Pictures are held to the middleware, API.md to the application; scenarios are walked, plumb runs its examples."""
    if block.language == "mermaid" or page.name.startswith("docs/scenarios/"):
        return True
    if page.name == "backend/docs/API.md":
        return any(block.text in example[0] for example in api_md.EXAMPLE.finditer(page.text))
    if page.name == "tools/plumb/README.md":
        return block.language == "text"
    return page.name.startswith("docs/rules/") and len(page.blocks()) == 2
