"""Reads Python source of any declared encoding into a tree, or says in one sentence why it cannot."""

import ast
import io
import tokenize
import warnings
from typing import NamedTuple

from plumb.downgrade import downgrade


class Unreadable(Exception):
    """A file that cannot be checked: where and why."""

    def __init__(self, reason: str, line: int = 1, column: int = 1) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.column = column


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
            raise _unreadable(error) from error
        try:
            return Parsed(_parse(older), older, rewritten=True)
        except SyntaxError:
            raise _unreadable(error) from error


def _parse(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (ValueError, RecursionError, MemoryError) as error:
            raise Unreadable(f"cannot be parsed: {error or type(error).__name__}") from error


def _unreadable(error: SyntaxError) -> Unreadable:
    return Unreadable(f"cannot be parsed: {error.msg}", max(error.lineno or 1, 1), max(error.offset or 1, 1))
