"""The rules that a run of tests finds and no look at the code: they have a page, and no check."""

from plumb.findings import Severity
from plumb.rule import Rule

LAZY_LOAD = Rule(
    "PB210",
    "lazy-load-at-run-time",
    Severity.ERROR,
    """A test loads a relationship or a column by reading it.

## What it does
`pytest --plumb-loads` fails the test that makes a lazy load in an asynchronous session, before SQLAlchemy's own error.
It names the relationship, the line that touched it, and the line of the query that forgot to load it. A load whose
error is swallowed is told, and one that works because it happens inside `greenlet_spawn`, as in a listener of a flush.

## Why is this bad
`MissingGreenlet` names neither the relationship nor the query, and it comes only on the path that no test has.

## Example
```python
async def test_titles(session):
    user = (await session.scalars(select(User))).one()
    assert len(user.tasks) == 1
```

## Use instead
```python
async def test_titles(session):
    user = (await session.scalars(select(User).options(selectinload(User.tasks)))).one()
    assert len(user.tasks) == 1
```

## Known limits
Found while tests run: `plumb check` does not know it; PB201 to PB203 are what it finds in the code. Refreshes,
`awaitable_attrs`, `run_sync` and what an eager load does are no findings, nor are synchronous sessions.
""",
)
UNUSED_ANSWER = Rule(
    "PB804",
    "unused-mock-answer",
    Severity.WARNING,
    """A mock was given an answer that nothing asked for.

## What it does
`pytest --plumb-mocks` warns, after a test that passed, of each `return_value` that the test configured and no call
consumed, with its chain and its line.

## Why is this bad
The chain stands for a query that the code no longer makes: the test passes and shows nothing about the one it makes.

## Example
```python
def test_titles():
    result = MagicMock()
    result.scalars.return_value.all.return_value = ["one"]
    result.scalars.return_value.unique.return_value.all.return_value = ["one"]
    assert result.scalars().all() == ["one"]
```

## Use instead
```python
def test_titles():
    result = MagicMock()
    result.scalars.return_value.all.return_value = ["one"]
    assert result.scalars().all() == ["one"]
```

## Known limits
Found while tests run: `plumb check` does not know it; PB801 finds chains that the code under test never calls. An
answer given to the constructor (`MagicMock(return_value=...)`), and one that is a mock itself, is not watched.
""",
)
AT_RUN_TIME = (LAZY_LOAD, UNUSED_ANSWER)
