"""The types of PostgreSQL in SQL text, by the names that SQLAlchemy has for their families."""

import re

_FAMILIES = {
    "TEXT": "TEXT VARCHAR CHARACTER CHAR BPCHAR CITEXT",
    "INTEGER": "INTEGER INT INT2 INT4 INT8 BIGINT SMALLINT SERIAL BIGSERIAL SMALLSERIAL",
    "Numeric": "NUMERIC DECIMAL REAL DOUBLE FLOAT FLOAT4 FLOAT8",
    "BOOLEAN": "BOOLEAN BOOL",
    "TIMESTAMP": "TIMESTAMP TIMESTAMPTZ DATE",
    "JSONB": "JSON JSONB",
    "UUID": "UUID",
    "Interval": "INTERVAL",
}
_NAMES = {word: name for name, words in _FAMILIES.items() for word in words.split()}
_TYPE = re.compile(
    r"(?:\"?\w+\"?\.)?\"?(\w+)\"?(?:\s+(?:VARYING|PRECISION))?(?:\s*\([^)]*\))?(?:\s+WITH(?:OUT)?\s+TIME\s+ZONE)?"
    r"(?P<array>\s*\[\s*\d*\s*\]|\s+ARRAY\b)?",
    re.IGNORECASE,
)
_CHANGED = re.compile(r"\bALTER\s+(?:COLUMN\s+)?+\"?(\w+)\"?\s+(?:SET\s+DATA\s+)?TYPE\s+([^,;]*)", re.IGNORECASE)
_RENAMED = re.compile(r"\s*ALTER\s+TYPE\s+(?:\"?\w+\"?\.)?\"?(\w+)\"?\s+RENAME\s+TO\s+\"?(\w+)", re.IGNORECASE)


def type_named(text: str, enums: set[str]) -> tuple[str, str]:
    """The family of the type that *text* begins with, and its name if it is one of the enums; empty if unknown."""
    found = _TYPE.match(text.strip())
    if found is None:
        return "", ""
    if found["array"]:
        return "ARRAY", ""
    name = found[1]
    return ("ENUM", name.lower()) if name.lower() in enums else (_NAMES.get(name.upper(), ""), "")


def changed_types(statement: str) -> list[tuple[str, str]]:
    """The columns of `ALTER COLUMN x TYPE y`, each with what stands behind `TYPE`."""
    return [(column.lower(), target) for column, target in _CHANGED.findall(statement)]


def renamed_type(statement: str) -> tuple[str, str] | None:
    """The old and the new name of `ALTER TYPE x RENAME TO y`."""
    found = _RENAMED.match(statement)
    return None if found is None else (found[1].lower(), found[2].lower())
