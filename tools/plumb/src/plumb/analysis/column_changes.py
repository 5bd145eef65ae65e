"""What SQL text does to the columns of a table, where all of it can be read."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from plumb.analysis.sql_statements import altered_table, created_table

_ALTERED = re.compile(
    r"^\s*ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?(?:\"?\w+\"?\.)?\"?\w+\"?\s+(.*)$", re.IGNORECASE | re.DOTALL
)
_RENAMED = re.compile(r"RENAME\s+(?:COLUMN\s+)?\"?(\w+)\"?\s+TO\s+\"?(\w+)\"?$", re.IGNORECASE)
_DROPPED = re.compile(
    r"DROP\s+(?:COLUMN\s+)?(?:IF\s+EXISTS\s+)?\"?(?!CONSTRAINT\b)(\w+)\"?(?:\s+(?:CASCADE|RESTRICT))?$", re.IGNORECASE
)
_ADDED = re.compile(
    r"ADD\s+(?:COLUMN\s+)?(?:IF\s+NOT\s+EXISTS\s+)?\"?"
    r"(?!(?:COLUMN|IF|CONSTRAINT|PRIMARY|UNIQUE|CHECK|FOREIGN|EXCLUDE|INDEX|KEY)\b)(\w+)\"?\s+(\w.*)$",
    re.IGNORECASE | re.DOTALL,
)
_OTHER = re.compile(
    r"(?:ALTER|OWNER|ENABLE|DISABLE|FORCE|VALIDATE|CLUSTER|SET|RESET|REPLICA"
    r"|(?:ADD|DROP|RENAME)\s+(?:CONSTRAINT|PRIMARY|UNIQUE|CHECK|FOREIGN|EXCLUDE))\b",
    re.IGNORECASE,
)
"""What leaves the columns as they are."""
_CREATED = re.compile(r"^[^(]*\bTABLE\b[^(]*?\((.*)\)\s*$", re.IGNORECASE | re.DOTALL)
_COLUMN = re.compile(r"\"?(\w+)\"?\s+(\"?\w.*)$", re.DOTALL)
_CLAUSE = re.compile(r"(?:CONSTRAINT|PRIMARY|UNIQUE|CHECK|FOREIGN|EXCLUDE)\b", re.IGNORECASE)
_COPIED = re.compile(r"(?:LIKE|SELECT)\b", re.IGNORECASE)
_FILLED = re.compile(r"\b(?:DEFAULT|GENERATED|IDENTITY|PRIMARY\s+KEY|(?:SMALL|BIG)?SERIAL)\b", re.IGNORECASE)


class Change(NamedTuple):
    """`kind` is "add", "drop" or "rename", the last with the `new` name; `required` if every new row has to give it.

    `given` is what stands behind the name of a column that is added: its type, and more.
    """

    kind: str
    column: str
    new: str = ""
    required: bool = False
    given: str = ""


def changes_of(statement: str) -> list[Change] | None:
    """What an `ALTER TABLE` does to its columns; None if some of it is not understood."""
    found = _ALTERED.match(statement) if altered_table(statement) else None
    changes = [_change(one) for one in split(found[1])] if found is not None and "{?}" not in statement else [None]
    known = [one for one in changes if one is not None]
    return [one for one in known if one.kind] if len(known) == len(changes) else None


def columns_of(statement: str) -> list[Change] | None:
    """The columns of a `CREATE TABLE`; None if it copies them, or if they are not written out."""
    found = _CREATED.match(statement) if created_table(statement) and "{?}" not in statement else None
    items = [one for one in split(found[1]) if not _CLAUSE.match(one)] if found is not None else [""]
    columns = [_COLUMN.match(one) for one in items if not _COPIED.match(one)]
    known = [one for one in columns if one is not None]
    if len(known) != len(items):
        return None
    return [Change("add", one[1], required=_is_required(one[2]), given=one[2]) for one in known]


def split(text: str) -> Iterator[str]:
    """The parts between commas that stand in no brackets."""
    depth, part = 0, ""
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            yield part.strip()
            part = ""
        else:
            part += letter
    yield part.strip()


def _change(action: str) -> Change | None:
    """One action; without a kind if it leaves the columns as they are."""
    if found := _RENAMED.match(action):
        return Change("rename", found[1], found[2])
    if _OTHER.match(action):
        return Change("", "")
    if found := _DROPPED.match(action):
        return Change("drop", found[1])
    if found := _ADDED.match(action):
        return Change("add", found[1], required=_is_required(found[2]), given=found[2])
    return None


def _is_required(rest: str) -> bool:
    return re.search(r"\bNOT\s+NULL\b", rest, re.IGNORECASE) is not None and _FILLED.search(rest) is None
