"""A file of the repository: its text, its tree, and edits by position, so that everything else keeps its layout."""

import ast
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, TypeVar

Node = TypeVar("Node", bound=ast.AST)
Positioned = ast.expr | ast.stmt | ast.excepthandler | ast.arg | ast.keyword | ast.alias


class Edit(NamedTuple):
    """A range of characters in a file, and what stands there instead. A file that does not exist yet is empty."""

    path: str
    start: int
    end: int
    text: str


class Source:
    """A file as it is before any edit."""

    def __init__(self, repository: "Repository", path: str, text: str) -> None:
        self.repository, self.path, self.text = repository, path, text

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def walk(self, *kinds: type[Node], within: ast.AST | None = None) -> Iterator[Node]:
        """Every node of these types, in the order of the text."""
        found = [node for node in ast.walk(within or self.tree) if isinstance(node, kinds)]
        yield from sorted(found, key=_position)

    def span(self, node: Positioned) -> tuple[int, int]:
        """Where *node* stands, its decorators included."""
        first = min([node, *getattr(node, "decorator_list", [])], key=lambda part: part.lineno)
        start = self._offset(first.lineno, first.col_offset) - (first is not node)
        return start, self._offset(node.end_lineno or 0, node.end_col_offset or 0)

    def text_of(self, node: Positioned) -> str:
        return self.text[slice(*self.span(node))]

    def replace(self, node: Positioned, text: str) -> Edit:
        return Edit(self.path, *self.span(node), text)

    def replace_text(self, old: str, new: str, *, within: Positioned | None = None) -> Edit:
        """Replace the first occurrence of *old*, which has to be there."""
        start, end = self.span(within) if within else (0, len(self.text))
        at = self.text.index(old, start, end)
        return Edit(self.path, at, at + len(old), new)

    def lines(self, node: Positioned) -> tuple[int, int]:
        """The whole lines on which *node* stands."""
        start, end = self.span(node)
        newline = self.text.find("\n", end)
        return self.text.rfind("\n", 0, start) + 1, len(self.text) if newline < 0 else newline + 1

    def remove(self, node: Positioned) -> Edit:
        """Take the lines of a statement away."""
        return Edit(self.path, *self.lines(node), "")

    def before(self, statement: Positioned, text: str) -> Edit:
        """Put statements on lines of their own above *statement*, as far in."""
        start, _ = self.lines(statement)
        return Edit(self.path, start, start, self._indented(statement, text))

    def after(self, statement: Positioned, text: str) -> Edit:
        _, end = self.lines(statement)
        return Edit(self.path, end, end, self._indented(statement, text))

    def append(self, text: str) -> Edit:
        return Edit(self.path, len(self.text), len(self.text), text)

    def with_import(self, line: str) -> Edit:
        """Import what an edit needs, below the module's docstring."""
        first = next(node for node in self.tree.body if isinstance(node, ast.Import | ast.ImportFrom))
        return self.before(first, line)

    def _indented(self, statement: Positioned, text: str) -> str:
        start, _ = self.lines(statement)
        indent = re.match(r"[ \t]*", self.text[start:])
        assert indent is not None
        return "".join(f"{indent[0]}{line}\n" for line in text.splitlines())

    def _offset(self, line: int, column: int) -> int:
        """The tree counts bytes of UTF-8, the text characters."""
        start = self._starts[line - 1]
        text = self.text[start : start + column]
        return start + (column if text.isascii() else len(text.encode()[:column].decode()))


class Repository:
    """The files that operators look at."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._sources: dict[str, Source] = {}

    def source(self, path: str) -> Source:
        if path not in self._sources:
            self._sources[path] = Source(self, path, (self.root / path).read_text("utf-8"))
        return self._sources[path]

    def matching(self, *globs: str) -> list[Source]:
        """The files that match, sorted, so that two runs see the same order."""
        paths = {path.relative_to(self.root).as_posix() for glob in globs for path in self.root.glob(glob)}
        return [self.source(path) for path in sorted(paths)]


def applied(text: str, edits: list[Edit]) -> str:
    """*text* with the edits of one file; from the end, so that the earlier ones keep their place."""
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _position(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
