"""A test database or its sessions are set up so that tests see another state than the application.

## What it does
Finds in-memory SQLite engines without `StaticPool`, and factories of asynchronous test sessions that expire on commit.

## Why is this bad
Each connection to `:memory:` is a database of its own: the second one has no tables. And a session that expires on
commit loads again at the next read of an attribute, which outside of an `await` is `MissingGreenlet`.

## Example
```python
from sqlalchemy import create_engine

engine = create_engine("sqlite:///:memory:")
```

## Use instead
```python
from sqlalchemy import StaticPool, create_engine

engine = create_engine("sqlite:///:memory:", poolclass=StaticPool)
```

## Known limits
A warning for aiosqlite, which uses `StaticPool` for `:memory:` by itself, for engines in files without a `TestClient`
(which runs the application in another thread), and for a session that is made without a factory. Addresses that cannot
be read are left alone.
"""

import ast
from collections.abc import Iterator

from plumb.findings import Good, Report, Severity
from plumb.index.extract import last_name
from plumb.index.scope import argument, has_double_star, keyword
from plumb.index.sessions import sessions_of
from plumb.rule import node_rule
from plumb.source import SourceFile

ENGINES = frozenset({"create_engine", "create_async_engine"})
FACTORIES = frozenset({"async_sessionmaker", "sessionmaker", "AsyncSession"})
THREADS = "TestClient"
EMPTY = frozenset({"sqlite://", "sqlite+pysqlite://", "sqlite+aiosqlite://"})


@node_rule(
    "PB704",
    "test-database-setup",
    Severity.ERROR,
    nodes=(ast.Call,),
    needles=("create_engine", "create_async_engine", "sessionmaker", "AsyncSession"),
    kinds=("app", "test"),
)
def check(node: ast.Call, file: SourceFile) -> Iterator[Report | Good]:
    """Look at every engine, and at the session factories of tests."""
    name = last_name(node)
    if name in ENGINES:
        yield from _engine(node, name, file)
    elif name in FACTORIES and file.kind == "test" and not has_double_star(node) and (node.args or node.keywords):
        found = sessions_of(node, file.scope(node))
        if found is not None and found.is_async and found.expires:
            yield file.report(
                node,
                f"sessions of this `{name}` expire on commit, and reading what they held is a hidden query",
                f"{name}({', '.join([ast.unparse(one) for one in node.args] + ['expire_on_commit=False'])})",
                severity=Severity.WARNING if name == "AsyncSession" else None,
            )
        elif found is not None and found.is_async and found.expires is False:
            yield file.good(node)


def _engine(node: ast.Call, name: str, file: SourceFile) -> Iterator[Report | Good]:
    url = argument(node, "url", 0)
    address = file.scope(node).literal(url) if url is not None else None
    if not isinstance(address, str) or not _is_memory(address) or has_double_star(node):
        return
    pool = keyword(node, "poolclass")
    if pool is not None and last_name(pool) == "StaticPool":
        yield file.good(node)
    elif pool is None or last_name(pool) in {"NullPool", "QueuePool", "AsyncAdaptedQueuePool"}:
        threaded = "aiosqlite" not in address and THREADS in file.text
        yield file.report(
            node,
            f"an engine for `{address}` {_harm(address, pool)}",
            f"{name}({ast.unparse(node.args[0]) if node.args else repr(address)}, poolclass=StaticPool)",
            severity=None if pool is not None or threaded else Severity.WARNING,
        )


def _harm(address: str, pool: ast.expr | None) -> str:
    if pool is not None:
        return f"with `{last_name(pool)}` opens several databases, each of them empty"
    if "aiosqlite" in address:
        return "keeps its one database only while the driver's own choice is `StaticPool`, which is not written"
    return "without `StaticPool` opens a database for each thread, all of them empty"


def _is_memory(address: str) -> bool:
    return address in EMPTY or (
        address.startswith("sqlite") and ":memory:" in address and "cache=shared" not in address
    )
