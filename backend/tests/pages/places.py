"""What a page points at: links to files and headings, and paths in backticks. All of it is there."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.pages.markdown import Page, pages

BASES = ("", "backend", "backend/src", "tools/plumb", "tools/plumb/src/plumb")
"""Where a path in backticks may begin, beside the page's own folder."""
PATH = re.compile(r"\.?[\w{},*.-]+(?:/[\w{},*.-]+)*(?:/|\.(?:py|md|toml|txt|json|ts|ya?ml|ini|mako|sql|sh))")
PLACEHOLDER = re.compile(r"(?:^|/)(?:x|xs|NAME|NOUN|pbNNN|PBNNN|app)\b")
"""What the reader puts a name of their own for."""


def broken_links(page: Page) -> Iterator[str]:
    """Each link that leads nowhere, with what is wrong."""
    for link in page.links():
        target = (page.folder / link.path).resolve() if link.path else page.root / page.name
        if not target.exists():
            yield f"{link.path} is not there"
        elif target.suffix == ".md" and link.fragment and link.fragment not in _page(target, page.root).anchors():
            yield f"{link.path}#{link.fragment} is no heading there"
        elif target.suffix != ".md" and link.fragment and not re.fullmatch(r"`.+`", link.text):
            yield f"{link.path}#{link.fragment} must name what stands there, as `name`"


def missing_paths(page: Page) -> list[str]:
    """Each path in backticks that is not there, and that using the project does not make."""
    words = [word.partition("::")[0] for span in page.spans() for word in re.split(r"[\s\"=]+", span)]
    paths = [word for word in words if "/" in word and PATH.fullmatch(word) and not PLACEHOLDER.search(word)]
    ignored = (page.root / ".gitignore").read_text("utf-8")
    made = [path for path in paths if f"/{path}\n" in ignored or f"+++ b/{path}\n" in page.text]
    return [path for path in paths if path not in made and not _exists(path, page)]


def _page(path: Path, root: Path) -> Page:
    return pages(root)[path.relative_to(root).as_posix()]


def _exists(path: str, page: Page) -> bool:
    """Whether every alternative of `a/{b,c}/d*.py` is a file or folder."""
    bases = (page.folder, *(page.root / base for base in BASES))
    return all(any(any(base.glob(one.strip("/"))) for base in bases) for one in _alternatives(path))


def _alternatives(path: str) -> list[str]:
    choice = re.search(r"\{([^{}]*)\}", path)
    if choice is None:
        return [path]
    chosen = (path[: choice.start()] + word + path[choice.end() :] for word in choice[1].split(","))
    return [one for each in chosen for one in _alternatives(each)]
