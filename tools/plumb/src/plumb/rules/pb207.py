"""A session dependency commits after the response has been sent.

## What it does
Finds generators that yield a session to `Depends`, commit it after the `yield`, and are used without
`scope="function"`; and those that commit in `finally`.

## Why is this bad
FastAPI runs the code after `yield` when the response is already on its way: a commit that fails leaves the client with
a success for something that was never stored, and background tasks start before the commit. A commit in `finally`
also commits half of the work after an error.

## Example
```python
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

Sessions = async_sessionmaker()


async def get_session():
    async with Sessions() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session)]
```

## Use instead
```python
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

Sessions = async_sessionmaker()


async def get_session():
    async with Sessions() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
```

## Known limits
Asynchronous generators only. One that no `Depends` of the project names is only a warning, unless it commits in
`finally`. Before FastAPI 0.118 the commit still ran before the response.
"""

import ast
from collections.abc import Iterator

from plumb.analysis.dependencies import Use, uses_of
from plumb.analysis.late_commits import LateCommit, is_context_manager, late_commits
from plumb.findings import Good, Related, Report, Severity
from plumb.project import Project
from plumb.rule import node_rule
from plumb.source import SourceFile
from plumb.views import view

SCOPE = 'scope="function"'


@node_rule(
    "PB207",
    "commit-after-response",
    Severity.ERROR,
    nodes=(ast.AsyncFunctionDef,),
    needles=("yield",),
    kinds=("app",),
)
def check(node: ast.AsyncFunctionDef, file: SourceFile) -> Iterator[Report | Good]:
    """Look at every asynchronous generator that yields a session."""
    commits = late_commits(node, file)
    info = next((one for one in file.module.functions() if (one.fact.line, one.name) == (node.lineno, node.name)), None)
    if not commits or info is None or "fixture" in "".join(text.text for text in info.fact.decorators):
        return
    uses = uses_of(file.project, info)
    late = [use for use in uses if use.scope in {"", "request"}]
    for commit in commits:
        if commit.always:
            yield _in_finally(commit, file)
        elif late or (not uses and not is_context_manager(info) and "fastapi" in _imports(file.project)):
            yield _after_response(commit, node, late, file)
        elif uses and all(use.scope == "function" for use in uses):
            yield file.good(commit.node)


def _in_finally(commit: LateCommit, file: SourceFile) -> Report:
    text = ast.unparse(commit.node)
    return file.report(
        commit.node,
        f"`{text}` in `finally` runs after an error, too, and stores half of the work",
        f"try:\n    yield {text.partition('.')[0]}\nexcept BaseException:\n"
        f"    await {text.replace('commit', 'rollback')}\n    raise\nelse:\n    await {text}",
    )


def _after_response(commit: LateCommit, node: ast.AsyncFunctionDef, late: list[Use], file: SourceFile) -> Report:
    related = [Related(use.place, "the dependency is used without a scope here") for use in late[:3]]
    return file.report(
        commit.node,
        f"`{node.name}` commits after the response has been sent: a commit that fails goes unnoticed",
        f"Depends({node.name}, {SCOPE})",
        related=related,
        severity=None if late else Severity.WARNING,
    )


@view
def _imports(project: Project) -> set[str]:
    """The packages that the project's files import."""
    return {found.module.partition(".")[0] for module in project.modules() for found in module.facts.imports}
