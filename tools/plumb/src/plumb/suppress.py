"""`# noqa: PB501 reason` comments: which findings they silence, and which of them silence nothing."""

import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_NOQA = re.compile(r"(?:#|--|<!--)\s*noqa:\s*(?P<codes>[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*)", re.IGNORECASE)
_OWN = re.compile(r"noqa:[^\n]*PB[0-9]{3}", re.IGNORECASE)
_CODE = re.compile(r"PB[0-9]{3}", re.IGNORECASE)


class Noqa(NamedTuple):
    """The codes of plumb that a comment names; other tools' codes beside them are not its business."""

    line: int
    column: int
    end_column: int
    codes: tuple[str, ...]


def comments(text: str, *, python: bool = True) -> list[Noqa]:
    """The noqa comments of a file; in Python only real comments count, not strings that look like one."""
    if _OWN.search(text) is None:
        return []
    return list(_parse(_python_comments(text) if python else _lines(text)))


def _parse(candidates: Iterable[tuple[int, int, str]]) -> Iterator[Noqa]:
    for line, column, text in candidates:
        found = _NOQA.search(text)
        codes = tuple(code.upper() for code in _CODE.findall(found["codes"])) if found else ()
        if found and codes:
            yield Noqa(line, column + found.start() + 1, column + found.end() + 1, codes)


def _lines(text: str) -> Iterator[tuple[int, int, str]]:
    for number, line in enumerate(text.split("\n"), start=1):
        yield number, 0, line


def _python_comments(text: str) -> Iterator[tuple[int, int, str]]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.start[1], token.string
    except (tokenize.TokenError, IndentationError):
        yield from _lines(text)
