"""The databases that a file speaks of, by the words in it."""

import re

_SAID = {
    "asked": (("dialect.name",), re.compile(r"\bdialect\.name\b")),
    "both": (("with_variant", "@compiles"), re.compile(r"with_variant|@compiles")),
    "postgresql": (
        ("postgres", "asyncpg", "psycopg", "plpgsql"),
        re.compile(r"\bpostgres(?:ql)?\b|\basyncpg\b|\bpsycopg|\bplpgsql\b"),
    ),
    "postgresql_only": (
        ("JSONB", "TSVECTOR", "HSTORE", "pgvector"),
        re.compile(r"\b(?:JSONB|TSVECTOR|HSTORE|pgvector)\b"),
    ),
    "sqlite": (("sqlite",), re.compile(r"\baiosqlite\b|\bsqlite(?=[+:])|dialects?\b[^\n]*\bsqlite")),
}
"""The words to look for first, and the pattern that decides."""


def databases_in(text: str) -> tuple[str, ...]:
    """The databases that a file names in addresses, drivers and dialects, and whether its types are of one of them."""
    if "sql" not in text and "postgres" not in text and "pgvector" not in text:
        return ()
    return tuple(
        name
        for name, (words, pattern) in _SAID.items()
        if any(word in text for word in words) and pattern.search(text) is not None
    )
