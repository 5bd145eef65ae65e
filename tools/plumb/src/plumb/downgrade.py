"""Rewrites syntax newer than the running interpreter into an older spelling that keeps every line number."""

import re

_EXCEPT_LIST = re.compile(r"^(\s*except\*?\s+)([\w.]+(?:\s*,\s*[\w.]+)+)\s*:", re.MULTILINE)
_GENERIC = re.compile(r"^(\s*(?:async\s+def|def|class)\s+\w+)\[", re.MULTILINE)
_TYPE_ALIAS = re.compile(r"^(\s*)type\s+(\w+)(\s*)(?=[\[=])", re.MULTILINE)


def downgrade(text: str) -> str:
    """*text* with `except A, B:`, type parameters and `type` aliases spelled for Python 3.11."""
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
        pieces += [text[position : found.end(1)], _blank(text[found.end(1) : end])]
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


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
