"""A page as what it consists of: blocks of code, links, anchors, and what is said in backticks.

What a block is stands behind its language, where no reader sees it: see `tests.pages.update`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
WHERE = ("*.md", "docs/**/*.md", "backend/docs/**/*.md", "tools/plumb/*.md", "frontend/*.md", "bench/*.md")
HIDDEN = (".claude/**/*.md", ".github/**/*.md")
FENCE = re.compile(
    r"^(?P<indent> *)(?P<fence>`{3,})(?P<info>[^\n`]*)\n(?P<text>.*?)^ *(?P=fence)`* *$\n?", re.MULTILINE | re.DOTALL
)
LINK = re.compile(r"\[(?P<text>(?:`[^`]*`|[^\[\]`])*)\]\((?P<target>[^()\s]+)\)")
SPAN = re.compile(r"(`+)(?P<code>.+?)(?<!`)\1(?!`)", re.DOTALL)
HEADING = re.compile(r"^#{1,6} (.+?) *$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block; *marks* are the words behind its language."""

    language: str
    marks: tuple[str, ...]
    text: str
    line: int

    def mark(self, name: str) -> str | None:
        """The value of `name=value`; an empty one for a bare `name`, None where there is neither."""
        found = {key: value for key, _, value in (word.partition("=") for word in self.marks)}
        return found.get(name)


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    path: str
    """Relative to the page; empty within it."""
    fragment: str


@dataclass(frozen=True, slots=True)
class Page:
    name: str
    text: str
    root: Path = ROOT
    """The project that the page belongs to."""

    @property
    def folder(self) -> Path:
        return (self.root / self.name).parent

    @property
    def prose(self) -> str:
        """The page without its blocks."""
        return FENCE.sub("\n", self.text)

    def blocks(self) -> list[Block]:
        return [block_of(match) for match in FENCE.finditer(self.text)]

    def links(self) -> Iterator[Link]:
        """Every link to a file of the repository or to a heading."""
        for match in LINK.finditer(SPAN.sub(_without_links, self.prose)):
            if not match["target"].startswith(("https://", "http://", "mailto:")):
                path, _, fragment = match["target"].partition("#")
                yield Link(match["text"], path, fragment)

    def spans(self) -> list[str]:
        """What stands in backticks, on one line each."""
        return [" ".join(match["code"].split()) for match in SPAN.finditer(self.prose)]

    def copied(self) -> list[str]:
        """The files that the numbered list of "Copy it" links to, from the root, in its order."""
        section = self.text.partition("\n## Copy it\n")[2].partition("\n## ")[0]
        first_links = re.findall(r"^\d+\. \[[^\]]*\]\(([^()\s]+)\)", section, re.MULTILINE)
        return [(self.folder / link).resolve().relative_to(self.root).as_posix() for link in first_links]

    def anchors(self) -> set[str]:
        """The headings as GitHub links to them."""
        found: set[str] = set()
        for heading in HEADING.findall(self.prose):
            words = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            numbered = (words if not number else f"{words}-{number}" for number in range(len(found) + 1))
            found.add(next(name for name in numbered if name not in found))
        return found


def page(name: str) -> Page:
    return Page(name, (ROOT / name).read_text("utf-8"))


@cache
def pages(root: Path = ROOT) -> dict[str, Page]:
    """Every page for readers, by its path from the root."""
    found = {path for pattern in (*WHERE, *HIDDEN) for path in root.glob(pattern)}
    names = sorted(path.relative_to(root).as_posix() for path in found)
    return {name: Page(name, (root / name).read_text("utf-8"), root) for name in names}


def block_of(match: re.Match[str]) -> Block:
    """The block that FENCE has matched."""
    language, *marks = match["info"].split() or [""]
    text = re.sub(rf"^{match['indent']}", "", match["text"], flags=re.MULTILINE)
    return Block(language, tuple(marks), text, match.string.count("\n", 0, match.start()) + 1)


def _without_links(span: re.Match[str]) -> str:
    """Code keeps its place in a link's text, but `[a](b)` in code is no link."""
    return span[0].replace("](", "] (")
