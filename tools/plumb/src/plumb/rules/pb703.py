"""A server default of a boolean or JSON column suits only one database.

## What it does
Finds `server_default` of boolean columns given as text that SQLite or PostgreSQL does not take for a truth value, and
of JSON columns with PostgreSQL's casts and functions, in code bases that use the other database.

## Why is this bad
`server_default="true"` stores the text `true` on SQLite, which is read back as something else; `text("1")` is refused
by PostgreSQL (`column "done" is of type boolean but default expression is of type integer`), and `'{}'::jsonb` by
SQLite. The tests run on one database and the migration fails on the other.

## Example
```python
from sqlalchemy import Boolean, Column

URLS = ("sqlite://", "postgresql://")
done = Column("done", Boolean, server_default="true")
```

## Use instead
```python
from sqlalchemy import Boolean, Column, true

URLS = ("sqlite://", "postgresql://")
done = Column("done", Boolean, server_default=true())
```

## Known limits
The type must stand in the column itself, in a constant, or in its annotation. A warning in migrations, for columns of
PostgreSQL's own types, and where the application names neither database or asks which it has; silent where it names
only the one that takes the default, and in migrations that ask which database they run on.
"""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from plumb.analysis.databases import is_for_postgresql_alone, uses
from plumb.findings import Good, Report, Severity
from plumb.index.extract import last_name
from plumb.index.scope import Scope, keyword
from plumb.rule import node_rule
from plumb.source import SourceFile

BOOLEANS = frozenset({"Boolean", "BOOLEAN", "bool"})
DOCUMENTS = frozenset({"JSON", "JSONB", "dict", "Dict"})
COLUMNS = frozenset({"Column", "mapped_column", "Field"})
QUOTED_WORDS = frozenset({"true", "false", "t", "f", "yes", "no", "on", "off"})
GUARDS = re.compile(r"dialect\.name|get_bind\(\)|sqlite|pg_uri|\bpostgresql/")
POSTGRES_ONLY = re.compile(r"::|jsonb?_build|to_jsonb?\(|CAST\(.*JSONB?", re.IGNORECASE)


class Fault(NamedTuple):
    """What the one *database* that does not take a default makes of it."""

    database: str
    text: str
    fix: str


@node_rule(
    "PB703",
    "server-default-of-one-database",
    Severity.ERROR,
    nodes=(ast.Call,),
    needles=("server_default",),
    kinds=("app", "migration"),
)
def check(node: ast.Call, file: SourceFile) -> Iterator[Report | Good]:
    """Look at every column with a server default."""
    given = _given(node) if last_name(node) in COLUMNS else None
    if given is None:
        return
    kinds = _types(node, file)
    _, written = file.scope(node).value(given)
    if kinds & BOOLEANS:
        fault = _boolean(written)
    elif kinds & DOCUMENTS:
        fault = _document(written)
    else:
        return
    migrates = file.kind == "migration" or file.module.binding("", "down_revision") is not None
    if fault is None:
        yield file.good(given)
        return
    concerned = uses(file.project, fault.database)
    certain = concerned and "JSONB" not in kinds and not is_for_postgresql_alone(file.project)
    if (concerned or _is_open(fault.database, file)) and not (migrates and GUARDS.search(f"{file.path} {file.text}")):
        yield file.report(
            given,
            f"`server_default={ast.unparse(given)}` {fault.text}",
            f"server_default={fault.fix}",
            severity=None if certain and not migrates else Severity.WARNING,
        )


def _is_open(database: str, file: SourceFile) -> bool:
    """Whether the application may have a database that it does not name: it names none, or asks which it has.

    Who tests on SQLite may run on PostgreSQL, by an address from the environment; the reverse is not to be expected.
    """
    names = ("sqlite", "postgresql")
    if database == "sqlite":
        return not any(uses(file.project, one) for one in names)
    named = any(uses(file.project, one, ("app", "migration")) for one in names)
    return not named or uses(file.project, "asked", ("app",))


def _given(node: ast.Call) -> ast.expr | None:
    """The default itself, or that in SQLModel's `sa_column_kwargs={"server_default": ...}`."""
    options = keyword(node, "sa_column_kwargs")
    pairs = zip(options.keys, options.values, strict=True) if isinstance(options, ast.Dict) else ()
    inner = (value for key, value in pairs if isinstance(key, ast.Constant) and key.value == "server_default")
    return keyword(node, "server_default") or next(inner, None)


def _types(node: ast.Call, file: SourceFile) -> set[str]:
    """The last names of the types in the call, behind constants and variants too, and in the annotation before it."""
    written = [_type(one, file.scope(node)) for one in node.args]
    found = {last_name(one) for one in (*written, *(word.value for word in node.keywords))}
    above = file.parent(node)
    if isinstance(above, ast.AnnAssign) and not found & (BOOLEANS | DOCUMENTS):
        found |= {part.id for part in ast.walk(above.annotation) if isinstance(part, ast.Name)}
    return found


def _type(given: ast.expr, scope: Scope) -> ast.expr:
    """The type itself of `JSON().with_variant(JSONB(), "postgresql")`, also where a constant holds it."""
    _, found = scope.value(given)
    if isinstance(found, ast.Call) and isinstance(found.func, ast.Attribute) and found.func.attr == "with_variant":
        return _type(found.func.value, scope)
    return found


def _boolean(given: ast.expr) -> Fault | None:
    plain = _text(given)
    if isinstance(given, ast.Constant) and plain.strip("'").lower() in QUOTED_WORDS:
        return Fault("sqlite", "stores a text on SQLite, which has no booleans", _value(plain))
    if isinstance(given, ast.Call) and last_name(given) == "text":
        if plain in {"0", "1"}:
            return Fault("postgresql", "is a number, which PostgreSQL refuses for a boolean", _value(plain))
        if "::" in plain or plain.lower().strip("'") in {"t", "f"}:
            return Fault("sqlite", "is PostgreSQL's spelling, which SQLite does not read", _value(plain))
    return None


def _document(given: ast.expr) -> Fault | None:
    plain = _text(given)
    if plain and POSTGRES_ONLY.search(plain):
        fix = '"[]"' if "[" in plain or "array" in plain else '"{}"'
        return Fault("sqlite", "is SQL of PostgreSQL, which SQLite refuses", fix)
    return None


def _text(given: ast.expr) -> str:
    if isinstance(given, ast.Call) and last_name(given) == "text" and given.args:
        given = given.args[0]
    return given.value.strip() if isinstance(given, ast.Constant) and isinstance(given.value, str) else ""


def _value(plain: str) -> str:
    return "sa.true()" if plain.strip("'").lower()[:1] in {"t", "y", "1"} or plain == "on" else "sa.false()"
