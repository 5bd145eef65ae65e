"""Reads Python source of any declared encoding into a tree, or says in one sentence why it cannot."""

import ast
import io
import re
import tokenize
import warnings
from typing import NamedTuple

from plumb.downgrade import downgrade

REPAIR = "Repair the file, or exclude it in [tool.plumb] if it is not meant to be Python."
LEAVE_OUT = (
    "Leave the templates out, by a glob for them or for their folder, in pyproject.toml:\n"
    '[tool.plumb]\nexclude = ["{}"]'
)
_TEMPLATE = re.compile(
    r"\{%-?\+?\s*(?:if|for|set|raw|block|include|import|from|macro|end\w+)\b[^\n]*?%\}"
    r"|^[^\n\"'#]*\{\{-?\s*[A-Za-z_][\w.]*[^\n{}]*\}\}",
    re.MULTILINE,
)


class Unreadable(Exception):
    """A file that cannot be checked: where and why, and what to do."""

    def __init__(self, reason: str, line: int = 1, column: int = 1, remedy: str = REPAIR) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.column = column
        self.remedy = remedy


class Parsed(NamedTuple):
    """A tree with the text its positions refer to; `rewritten` when that is not the text of the file."""

    tree: ast.Module
    text: str
    rewritten: bool


def decode(raw: bytes) -> str:
    """The text of a Python file, by its byte-order mark or coding comment, with Unix line ends."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
        text = raw.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise Unreadable(f"cannot be decoded: {error}") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse(text: str) -> Parsed:
    """The tree of *text*; syntax newer than this interpreter is rewritten in place where that is possible."""
    try:
        return Parsed(_parse(text), text, rewritten=False)
    except SyntaxError as error:
        older = downgrade(text)
        if older == text:
            raise _unreadable(error, text) from error
        try:
            return Parsed(_parse(older), older, rewritten=True)
        except SyntaxError:
            raise _unreadable(error, text) from error


def _parse(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (ValueError, RecursionError, MemoryError) as error:
            raise Unreadable(f"cannot be parsed: {error or type(error).__name__}") from error


def _unreadable(error: SyntaxError, text: str) -> Unreadable:
    mark = _TEMPLATE.search(text)
    if mark is not None:
        line = text.count("\n", 0, mark.start()) + 1
        return Unreadable(f"is a template that code is made from: it has `{mark[0].strip()}`", line, remedy=LEAVE_OUT)
    return Unreadable(f"cannot be parsed: {error.msg}", max(error.lineno or 1, 1), max(error.offset or 1, 1))
