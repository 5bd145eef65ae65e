"""SQL text as single statements, with the few forms that the rules of migrations know."""

import re
from collections.abc import Iterator
from typing import NamedTuple

NAME = r'(?:"?[\w{}?]+"?\.)?"?([\w{}?]+)"?'
_STRING = r"'(?:[^']|'')*'"
_COMMENT = re.compile(rf"{_STRING}|--[^\n]*|/\*.*?\*/", re.DOTALL)
_PIECE = re.compile(rf"{_STRING}|\$\w*\$|;|\Z")
_TABLE = re.compile(rf"^\s*ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?{NAME}", re.IGNORECASE)
_CREATE = re.compile(rf"^\s*CREATE\s+(?:\w+\s+)*TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{NAME}", re.IGNORECASE)
_WRITE = re.compile(
    rf"\b(?:UPDATE\s+(?:ONLY\s+)?|INSERT\s+INTO\s+|DELETE\s+FROM\s+|TRUNCATE\s+(?:TABLE\s+)?|MERGE\s+INTO\s+){NAME}",
    re.IGNORECASE,
)
_UPDATE = re.compile(
    rf"\bUPDATE\s+(?:ONLY\s+)?{NAME}(?:\s+(?:AS\s+)?(?!SET\b)\w+)?\s+SET\s+(.*)", re.IGNORECASE | re.DOTALL
)
_CHANGED = re.compile(
    rf"\s*(?:UPDATE|DELETE\s+FROM)\s+(?:ONLY\s+)?{NAME}(?:\s+(?:AS\s+)?(?!(?:SET|WHERE|USING)\b)(\w+))?", re.IGNORECASE
)
_IN_BRACKETS = re.compile(r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|'(?:[^']|'')*'")
"""Brackets up to three deep, and strings."""
_BRACKETS = re.compile(r"\([^()]*\)")
_END_OF_SET = re.compile(r"\b(?:FROM|WHERE|RETURNING)\b", re.IGNORECASE)
_SET_COLUMN = re.compile(r"(?:^|,)\s*\"?(\w+)\"?\s*=(?!=)")
_ADD = re.compile(
    r"\bADD\s+(?:COLUMN\s+)(?:IF\s+NOT\s+EXISTS\s+)?\"?([\w{}?]+)\"?([^,;]*(?:\([^)]*\)[^,;]*)*)", re.IGNORECASE
)
_ADD_SHORT = re.compile(r"\bADD\s+(?!CONSTRAINT\b|VALUE\b)\w+\s[^,;]*\b(?:NOT\s+NULL|DEFAULT)\b", re.IGNORECASE)
_SET_NOT_NULL = re.compile(r"\bALTER\s+(?:COLUMN\s+)?\"?([\w{}?]+)\"?\s+SET\s+NOT\s+NULL", re.IGNORECASE)
_DEFAULT = re.compile(r"\bDEFAULT\s+(?!NULL\b)", re.IGNORECASE)
_FILLED = re.compile(r"\b(DEFAULT|GENERATED|SERIAL|BIGSERIAL|IDENTITY)\b", re.IGNORECASE)


_BLOCK = re.compile(r"^\s*DO\b[^$]*(\$\w*\$)(?P<body>.*)\1", re.IGNORECASE | re.DOTALL)
_VERB = re.compile(
    r"\b(?:ALTER|UPDATE|INSERT|CREATE|DELETE|DROP|MERGE|TRUNCATE|EXECUTE)\b(?!\s*(?:IF|OF|ON)\b)", re.IGNORECASE
)
_EXECUTED = re.compile(r"^EXECUTE\s+(?:format\s*\(\s*)?(?:E)?'((?:[^']|'')*)'", re.IGNORECASE)


class Statement(NamedTuple):
    """`line` counts from 0 at the start of the text."""

    text: str
    line: int


def statements(text: str) -> Iterator[Statement]:
    """The statements of *text*, without comments, those inside a `DO` block too; bodies of functions stay whole."""
    blank = _COMMENT.sub(lambda one: one[0] if one[0].startswith("'") else re.sub(r"[^\n]", " ", one[0]), text)
    start, inside = 0, False
    for found in _PIECE.finditer(blank):
        if found[0].startswith("$"):
            inside = not inside
        elif (not inside or not found[0]) and not found[0].startswith("'"):
            piece = blank[start : found.start()]
            body = piece.lstrip()
            if body:
                yield from _unfolded(Statement(body.rstrip(), blank.count("\n", 0, start + len(piece) - len(body))))
            start = found.end()


def _unfolded(statement: Statement) -> Iterator[Statement]:
    """What a `DO` block may run, its conditions left out; the text that it executes, where that is written out."""
    block = _BLOCK.match(statement.text)
    if block is None:
        yield statement
        return
    start = block.start("body")
    for piece in block["body"].split(";"):
        verb = _VERB.search(piece)
        if verb is not None:
            text = piece[verb.start() :].rstrip()
            executed = _EXECUTED.match(text)
            if executed is not None:
                text = re.sub(r"%[ILs]", "{?}", executed[1].replace("''", "'"))
            line = statement.line + statement.text.count("\n", 0, start + verb.start())
            yield Statement(text, line)
        start += len(piece) + 1


def altered_table(statement: str) -> str:
    """The table of `ALTER TABLE`, else nothing."""
    found = _TABLE.match(statement)
    return found[1].lower() if found else ""


def created_table(statement: str) -> str:
    """The table of `CREATE TABLE`, else nothing."""
    found = _CREATE.match(statement)
    return found[1].lower() if found else ""


def written_tables(statement: str) -> list[str]:
    """The tables whose rows a statement changes."""
    return [found.lower() for found in _WRITE.findall(statement)]


def updated_columns(statement: str) -> tuple[str, list[str]] | None:
    """The table of a single UPDATE and the columns it sets; None if it is none, or if they are not written out."""
    found = _UPDATE.search(_outside_brackets(statement))
    if found is None or len(written_tables(statement)) != 1:
        return None
    columns = [one.lower() for one in _SET_COLUMN.findall(_END_OF_SET.split(found[2])[0])]
    return (found[1].lower(), columns) if columns and "{?}" not in statement else None


def names_of_changed(change: str) -> set[str]:
    """The table of an UPDATE or DELETE, and the name that it goes by there."""
    found = _CHANGED.match(change)
    return {one.lower() for one in found.groups() if one} if found is not None else set()


def _outside_brackets(text: str) -> str:
    """SQL without what stands in brackets, such as a subquery with a WHERE of its own."""
    shorter = _BRACKETS.sub("", text)
    return text if shorter == text else _outside_brackets(shorter)


def required_of(change: str) -> list[str]:
    """The conditions of an UPDATE or DELETE all of which have to hold; one where `OR` or `BETWEEN` may join them."""
    outside = _IN_BRACKETS.sub(lambda found: "\0" * len(found[0]), change)
    found = re.search(r"\bWHERE\b(.*?)(?:\bRETURNING\b|\Z)", outside, re.IGNORECASE | re.DOTALL)
    if found is None:
        return []
    asked = change[found.start(1) : found.end(1)]
    if re.search(r"\b(?:OR|BETWEEN|NOT)\b(?!\s+NULL)", found[1], re.IGNORECASE):
        return [asked]
    ends = [one.span() for one in re.finditer(r"\bAND\b", found[1], re.IGNORECASE)]
    starts = [0, *(end for _, end in ends)]
    return [asked[start:end] for start, end in zip(starts, [*(begin for begin, _ in ends), len(asked)], strict=True)]


def added_columns(statement: str) -> list[tuple[str, bool]]:
    """Columns added as NOT NULL (True when nothing fills them) or NULL, of an `ALTER TABLE`."""
    if not altered_table(statement):
        return []
    return [
        (name, "NOT NULL" in " ".join(rest.upper().split()) and _FILLED.search(rest) is None)
        for name, rest in _ADD.findall(statement)
    ]


def defaulted_columns(statement: str) -> list[str]:
    """The columns, as `table.column`, that an `ALTER TABLE` adds with a default, which fills every row."""
    table = altered_table(statement)
    added = _ADD.findall(statement) if table else []
    return [f"{table}.{name}".lower() for name, rest in added if _DEFAULT.search(rest)]


def required_columns(statement: str) -> list[str]:
    """The columns that an `ALTER TABLE` leaves without empty rows: NOT NULL, or added with a default; `*` if unread."""
    added = _ADD.findall(statement)
    known = [name for name, rest in added if "NOT NULL" in " ".join(rest.upper().split()) or _DEFAULT.search(rest)]
    short = [] if added else _ADD_SHORT.findall(statement)
    return [one.lower() for one in (*known, *(["*"] if short else []), *columns_set_not_null(statement))]


def columns_set_not_null(statement: str) -> list[str]:
    """The columns of `ALTER COLUMN x SET NOT NULL`."""
    return _SET_NOT_NULL.findall(statement) if altered_table(statement) else []
