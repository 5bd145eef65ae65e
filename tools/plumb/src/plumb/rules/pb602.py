"""The same exception is caught twice in one `try`.

## What it does
Finds an exception that an earlier clause of the same `try` already catches, under the same name, through an
import of another name, or as an alias: `IOError` is `OSError`, `asyncio.TimeoutError` is `TimeoutError`.
Also finds a name written twice in one tuple.

## Why is this bad
The second clause never runs. Usually one of the two was meant to be another exception, or two branches of work
were merged without looking.

## Example
```python
import asyncio


async def fetch(client):
    try:
        return await client.get()
    except TimeoutError:
        return None
    except asyncio.TimeoutError:
        return "slow"
```

## Use instead
```python
async def fetch(client):
    try:
        return await client.get()
    except TimeoutError:
        return "slow"
```

## Known limits
Two spellings of one class in one tuple, such as `(asyncio.TimeoutError, TimeoutError)`, are left alone, for code
that supports Python 3.10 needs both; not so those of OSError.
"""

import ast
from collections.abc import Iterator

from plumb.analysis.handlers import Caught, caught, same
from plumb.findings import Related, Report, Severity
from plumb.rule import node_rule
from plumb.source import SourceFile

OS_ERROR = "builtins.OSError"
"""Its other names, IOError and EnvironmentError, have been one class since Python 3.3."""


@node_rule("PB602", "exception-caught-twice", Severity.ERROR, nodes=(ast.Try, ast.TryStar), needles=("except",))
def check(node: ast.Try | ast.TryStar, file: SourceFile) -> Iterator[Report]:
    """Compare each exception with those above it, and with its neighbours in a tuple."""
    earlier: list[Caught] = []
    for handler in node.handlers:
        own = caught(handler, file) if len(node.handlers) > 1 or isinstance(handler.type, ast.Tuple) else []
        for position, one in enumerate(own):
            first = next((other for other in earlier if same(file, other, one)), None)
            twin = next((other for other in own[:position] if _is_twin(other, one, file)), None)
            if first is not None and _stands_for_all(one, own, earlier, file):
                yield _again(one, first, file)
            elif first is None and twin is not None:
                yield _in_tuple(one, twin, file)
        earlier += own


def _is_twin(other: Caught, one: Caught, file: SourceFile) -> bool:
    if other.node is one.node:
        return False
    return other.name == one.name or (
        same(file, other, one) and file.project.hierarchy.identity(one.symbol) == OS_ERROR
    )


def _stands_for_all(one: Caught, own: list[Caught], earlier: list[Caught], file: SourceFile) -> bool:
    """A name of a tuple is reported once, at its first class, and only when every class of it was caught before."""
    group = [other for other in own if other.node is one.node]
    return one is group[0] and all(any(same(file, first, other) for first in earlier) for other in group)


def _again(one: Caught, first: Caught, file: SourceFile) -> Report:
    spelled = "" if first.name == one.name else f", spelled `{first.name}`"
    return file.report(
        one.node,
        f"`{one.label}` is caught twice: line {first.node.lineno} has it already{spelled}",
        f"Remove `{one.name}` here, or name the exception that was meant; one `except {first.name}:` remains.",
        keys=(file.project.hierarchy.identity(one.symbol),),
        related=[Related(file.place(first.node), f"`{first.name}` is caught here")],
    )


def _in_tuple(one: Caught, twin: Caught, file: SourceFile) -> Report:
    spelled = "" if twin.name == one.name else f", first as `{twin.name}`"
    return file.report(
        one.node,
        f"`{one.name}` stands twice in the same tuple{spelled}",
        f"Remove the second, `{one.name}`.",
        keys=(file.project.hierarchy.identity(one.symbol),),
        severity=Severity.WARNING,
    )
