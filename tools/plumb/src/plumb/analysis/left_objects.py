"""The functions and views of the database that a revision makes, and that its downgrade does not name."""

import re
from collections.abc import Iterator

from plumb.analysis.migration_names import UNKNOWN
from plumb.analysis.migration_steps import Step

_MADE = re.compile(
    r"\bCREATE\s+(?P<again>OR\s+REPLACE\s+)?(?P<kind>FUNCTION|PROCEDURE|(?:MATERIALIZED\s+)?VIEW)\s+"
    r"(?P<missing>IF\s+NOT\s+EXISTS\s+)?(?:\"?\w+\"?\.)?\"?(?P<name>[\w{}?]+)",
    re.IGNORECASE,
)
_TAKES_MORE = re.compile(r"\bCASCADE\b|\bSCHEMA\b|\bDO\s+\$", re.IGNORECASE)
UNREAD = frozenset({"helper", "write", "run_async", "invoke"})


def left_objects(done: list[Step], undone: list[Step]) -> list[tuple[str, str]]:
    """The kinds and names of what *done* makes by SQL; none where *undone* may drop what it does not name."""
    texts = " ".join(one.text for one in undone)
    if any(one.kind in UNREAD for one in undone) or UNKNOWN in texts or _TAKES_MORE.search(texts):
        return []
    return [(kind, name) for kind, name in _made(done) if not re.search(rf"\b{re.escape(name)}\b", texts)]


def _made(done: list[Step]) -> Iterator[tuple[str, str]]:
    """What was not there before; what a statement replaces may have been."""
    for found in (one for step in done if step.kind == "sql" for one in _MADE.finditer(step.text)):
        if not found["again"] and not found["missing"] and UNKNOWN not in found["name"]:
            yield " ".join(found["kind"].lower().split()), found["name"]
