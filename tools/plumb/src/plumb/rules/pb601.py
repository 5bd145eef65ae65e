"""A parent exception is caught before its child.

## What it does
Finds an `except` clause that can never run because an earlier clause of the same `try` catches an ancestor of
its exception. Ancestors are followed across modules, re-exports, tuples, constants, aliases such as
`asyncio.TimeoutError`, and into installed libraries.

## Why is this bad
Python takes the first clause that matches. The code written for the special case, a retry, a 503 instead of a
500, is dead, and nothing says so: the program runs, only wrongly.

## Example
```python
class AIServiceError(Exception): ...


class AIServiceUnavailableError(AIServiceError): ...


async def summarise(service, text):
    try:
        return await service.generate(text)
    except AIServiceError:
        return None
    except AIServiceUnavailableError:
        return "later"
```

## Use instead
```python
class AIServiceError(Exception): ...


class AIServiceUnavailableError(AIServiceError): ...


async def summarise(service, text):
    try:
        return await service.generate(text)
    except AIServiceUnavailableError:
        return "later"
    except AIServiceError:
        return None
```

## Known limits
An exception whose base cannot be found is compared only by the ancestors that are known; behind `except Exception` it
is a warning if it is called an error. Exceptions that are computed (`except retryable():`) or passed as parameters are
not followed.
"""

import ast
from collections.abc import Iterator

from plumb.analysis.handlers import Caught, caught, covers, hardly_missed
from plumb.findings import Edit, Good, Place, Related, Report, Severity
from plumb.rule import node_rule
from plumb.source import SourceFile


@node_rule("PB601", "parent-caught-before-child", Severity.ERROR, nodes=(ast.Try, ast.TryStar), needles=("except",))
def check(node: ast.Try | ast.TryStar, file: SourceFile) -> Iterator[Report | Good]:
    """Compare each exception with those of the clauses above it."""
    earlier: list[Caught] = []
    for handler in node.handlers if len(node.handlers) > 1 else ():
        own = caught(handler, file)
        hidden = {child: parent for child in own for parent in reversed(earlier) if covers(file, parent, child)}
        for child, parent in _first_per_node(hidden):
            yield _report(child, parent, file, whole=len(hidden) == len(own))
        likely = {child: parent for child in own for parent in earlier if hardly_missed(file, parent, child)}
        for child, parent in _first_per_node(likely):
            yield _report(child, parent, file, whole=False)._replace(severity=Severity.WARNING)
        right = [(child, parent) for child in earlier for parent in own if covers(file, child=child, parent=parent)]
        for child, parent in right[:1]:
            yield file.good(child.node, keys=_keys(child, parent, file))
        earlier += own


def _first_per_node(hidden: dict[Caught, Caught]) -> Iterator[tuple[Caught, Caught]]:
    """One finding for an expression that brings several classes, such as the name of a tuple."""
    seen: set[ast.expr] = set()
    for child, parent in hidden.items():
        if child.node not in seen:
            seen.add(child.node)
            yield child, parent


def _report(child: Caught, parent: Caught, file: SourceFile, *, whole: bool) -> Report:
    bound = f" as {child.handler.name}" if child.handler.name else ""
    fix = (
        f"Put the clause for `{child.name}` above the one for `{parent.name}`:\n"
        f"except {child.name}{bound}:\n    ...\nexcept {parent.name}:\n    ..."
    )
    line = parent.node.lineno
    return file.report(
        child.node,
        f"`{child.label}` is never caught here: its parent `{parent.label}` is caught first, on line {line}",
        fix,
        keys=_keys(child, parent, file),
        edits=_move_up(child.handler, parent.handler, file) if whole else (),
        related=[Related(file.place(parent.node), f"`{parent.name}` is caught here")],
    )


def _move_up(child: ast.ExceptHandler, parent: ast.ExceptHandler, file: SourceFile) -> list[Edit]:
    first, last = child.lineno, child.end_lineno or child.lineno
    text = "".join(f"{line}\n" for line in file.lines.lines[first - 1 : last])
    return [file.insert(parent.lineno, 1, text), Edit(Place(file.path, first, 1, last + 1, 1), "")]


def _keys(child: Caught, parent: Caught, file: SourceFile) -> tuple[str, str]:
    identity = file.project.hierarchy.identity
    return identity(child.symbol), identity(parent.symbol)
