"""Rewrites syntax newer than the running interpreter into an older spelling that keeps every line number."""

import re

from plumb.fstrings import simplify

_EXCEPT_LIST = re.compile(r"^(\s*except\*?\s+)([\w.]+(?:\s*,\s*[\w.]+)+)\s*:", re.MULTILINE)
_GENERIC = re.compile(r"^([ \t]*(?:async\s+def|def|class)\s+\w+)\[", re.MULTILINE)
_TYPE_ALIAS = re.compile(r"^([ \t]*)type\s+(\w+)(?:\[[^\n=]*\])?(\s*)(?==)", re.MULTILINE)


def downgrade(text: str) -> str:
    """*text* with f-strings, `except A, B:`, type parameters and `type` aliases spelled for Python 3.11."""
    text = simplify(text)
    text = _EXCEPT_LIST.sub(r"\1(\2):", text)
    text = _TYPE_ALIAS.sub(_plain_alias, text)
    return _without_type_parameters(text)


def _plain_alias(found: re.Match[str]) -> str:
    return f"{found[1]}{found[2]}{found[3]}"


def _without_type_parameters(text: str) -> str:
    pieces: list[str] = []
    position = 0
    for found in _GENERIC.finditer(text):
        if found.end() <= position:
            continue
        end = _closing(text, found.end())
        breaks = "\n" * text.count("\n", found.end(1), end)
        opened = "(" if text[end : end + 1] == "(" else ""
        pieces.append(text[position : found.end(1)])
        if breaks:
            pieces.append(f"({breaks}" if opened else f"({breaks})")
            end += len(opened)
        else:
            pieces.append(" " * (end - found.end(1)))
        position = end
    return "".join([*pieces, text[position:]])


def _closing(text: str, start: int) -> int:
    """The offset behind the bracket that closes the one before *start*."""
    depth = 1
    for offset in range(start, len(text)):
        depth += {"[": 1, "]": -1}.get(text[offset], 0)
        if depth == 0:
            return offset + 1
    return len(text)
