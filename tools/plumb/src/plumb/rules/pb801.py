"""A mock answers a chain of calls that the code under test does not make.

## What it does
Compares the chains that a test configures (`result.scalars.return_value.all.return_value = ...`) with the chains in the
functions that it calls.

## Why is this bad
The code calls something else, gets a fresh `MagicMock`, and iterates over nothing, or an `AsyncMock`, and fails with
`'coroutine' object has no attribute 'unique'`: the test passes or fails for a reason that has nothing to do with the
code.

## Example
```python
# file: app/service.py
from sqlalchemy import select


async def load(session):
    result = await session.execute(select(Task))
    return result.scalars().unique().all()


# file: tests/test_service.py
from unittest.mock import AsyncMock, MagicMock

from app.service import load


async def test_load():
    result = MagicMock()
    result.scalars.return_value.all.return_value = [1]
    session = AsyncMock()
    session.execute.return_value = result
    assert await load(session) == [1]
```

## Use instead
```python
# file: app/service.py
from sqlalchemy import select


async def load(session):
    result = await session.execute(select(Task))
    return result.scalars().unique().all()


# file: tests/test_service.py
from unittest.mock import AsyncMock, MagicMock

from app.service import load


async def test_load():
    result = MagicMock()
    result.scalars.return_value.unique.return_value.all.return_value = [1]
    session = AsyncMock()
    session.execute.return_value = result
    assert await load(session) == [1]
```

## Known limits
Answers that are set in the test function, in fixtures, set-up methods and helpers of its file: chains on query results,
also those that a helper of another file puts into a session, and those of mocks that are handed to a function or a
class of the project. Silent when the functions that the test calls cannot be followed, or hand on what they are given
to something unknown, unless only the middle of a chain differs.
"""

import ast
from collections.abc import Container, Iterator

from plumb.analysis.mock_chains import Called, Chain, called_by
from plumb.analysis.mock_collaborators import Handed, handed_over
from plumb.analysis.mock_setups import Configured, configured
from plumb.findings import Good, Report, Severity
from plumb.index.names import dotted_name
from plumb.rule import file_rule
from plumb.source import SourceFile


@file_rule("PB801", "mock-chain-not-called", Severity.ERROR, needles=("return_value",), kinds=("test",))
def check(file: SourceFile) -> Iterator[Report | Good]:
    """Look at every test that configures chains; what several tests share is wrong where nobody needs it."""
    good: dict[ast.expr, None] = {}
    open_: set[ast.expr] = set()
    wrong: dict[ast.expr, Report] = {}
    for test in file.nodes(ast.FunctionDef, ast.AsyncFunctionDef):
        chains = configured(test, file) if test.name.startswith("test") else []
        called = called_by(test, file) if chains else None
        fitting = [one for one in chains if called is not None and any(one.fits(made) for made in called.chains)]
        good.update((one.node, None) for one in fitting)
        for one in (one for one in chains if one not in fitting):
            if called is not None and not (one.is_shared and fitting) and (instead := _instead(one, called)):
                wrong[one.node] = _report(one, instead, file)
            else:
                open_.add(one.node)
    yield from (file.good(node) for node in good)
    yield from (report for node, report in wrong.items() if node not in good and node not in open_)
    yield from _unasked(file, wrong)


def _unasked(file: SourceFile, known: Container[ast.expr]) -> Iterator[Report]:
    """Answers of other mocks for which no test's code asks that has them."""
    handed: dict[ast.expr, list[Handed]] = {}
    for test in file.nodes(ast.FunctionDef, ast.AsyncFunctionDef):
        for one in handed_over(test, file) if test.name.startswith("test") else ():
            handed.setdefault(one.node, []).append(one)
    for node, found in handed.items():
        if node not in known and all(one.asked for one in found):
            yield _lonely(found[0], file)


def _lonely(one: Handed, file: SourceFile) -> Report:
    asked = sorted(one.asked, key=lambda made: (made[:1] != one.chain[:1], made[-1:] != one.chain[-1:], made))
    called = ", ".join(f"`.{'.'.join(made)}()`" for made in asked[:3])
    return file.report(
        one.node,
        f"`.{'.'.join(one.chain)}()` is configured, but the code calls {called}",
        f"{'.'.join((_mock_of(one, file), *asked[0], 'return_value'))} = ...",
    )


def _mock_of(one: Handed, file: SourceFile) -> str:
    """The mock that is configured, as the test calls it; dots where the statement does not show it."""
    statement = next((above for above in file.ancestors(one.node) if isinstance(above, ast.stmt)), None)
    target = statement.targets[0] if isinstance(statement, ast.Assign) else one.node
    text, chain = dotted_name(target).removesuffix(".return_value"), "." + ".".join(one.chain)
    return text.removesuffix(chain) if text.endswith(chain) else "..."


def _instead(one: Configured, called: Called) -> Chain:
    """What the code calls in place of the chain; nothing if it may be called somewhere out of sight."""
    chain = one.chain
    alike = [made for made in sorted(called.chains) if made[0] == chain[0] and made[-1] == chain[-1]]
    if alike and len(chain) > 1:
        return alike[0]
    nearest = sorted(called.chains, key=lambda made: (made[-1:] != chain[-1:], made))
    return nearest[0] if nearest and called.is_complete else ()


def _report(one: Configured, instead: Chain, file: SourceFile) -> Report:
    return file.report(
        one.node,
        f"`{_spelled(one.chain)}` is configured, but the code calls `{_spelled(instead)}`",
        f"{'.'.join(('...', *(f'{name}.return_value' for name in instead)))} = ...".replace("....session.", "session."),
    )


def _spelled(chain: Chain) -> str:
    """`.scalars().all()`, from the result on."""
    text = ".".join(f"{name}()" for name in chain)
    return text if text.startswith("session.") else f".{text}"
