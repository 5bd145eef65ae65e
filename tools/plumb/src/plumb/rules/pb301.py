"""A route answers with something that is no envelope.

## What it does
Compares what each route answers with the envelopes of the code base: those named in `envelopes`, the generic classes
it declares for the purpose, or the key that at least four of five of its JSON routes share.

## Why is this bad
A client unwraps every answer the same way. The one route that answers differently breaks it at run time, far from here,
and nothing on the server fails.

## Example
```python
from typing import Generic, TypeVar

from fastapi import FastAPI
from pydantic import BaseModel

T = TypeVar("T")
app = FastAPI()


class DataResponse(BaseModel, Generic[T]):
    data: T


class Task(BaseModel):
    title: str


@app.get("/tasks/{task_id}")
async def get_task(task_id: int) -> DataResponse[Task]: ...


@app.post("/tasks")
async def create_task(task: Task) -> Task: ...
```

## Use instead
```python
from typing import Generic, TypeVar

from fastapi import FastAPI
from pydantic import BaseModel

T = TypeVar("T")
app = FastAPI()


class DataResponse(BaseModel, Generic[T]):
    data: T


class Task(BaseModel):
    title: str


@app.get("/tasks/{task_id}")
async def get_task(task_id: int) -> DataResponse[Task]: ...


@app.post("/tasks")
async def create_task(task: Task) -> DataResponse[Task]: ...
```

## Known limits
Silent without an envelope to compare with, in an application of the repository that uses none, and for answers that
cannot be read. Subclasses and classes with the same carrying field count as envelopes. Exempt: 204, redirects, streams,
files, hidden routes, health checks, key sets, tokens, webhooks, and the paths in `envelope-exempt`. A warning where the
envelope was only inferred, or where fewer than two of three routes use it.
"""

from collections.abc import Iterator

from plumb.analysis.answers import Answer, Given, answers_of, read_type
from plumb.analysis.envelopes import (
    ENVELOPES,
    EXEMPT_PATHS,
    Convention,
    convention_at,
    is_envelope,
    is_named,
    owes_envelope,
)
from plumb.findings import Good, Place, Report, Severity
from plumb.index.routes import Route, routes_in
from plumb.rule import file_rule
from plumb.source import SourceFile


@file_rule(
    "PB301",
    "answer-outside-envelope",
    Severity.ERROR,
    needles=("@", "add_api_route"),
    kinds=("app",),
    options=(ENVELOPES, EXEMPT_PATHS),
)
def check(file: SourceFile) -> Iterator[Report | Good]:
    """Look at every route of the file."""
    routes = routes_in(file.project, file.path)
    agreed = convention_at(file.project, file.path) if routes else None
    if agreed is None:
        return
    for route in routes:
        if not owes_envelope(file.project, route):
            continue
        told: set[Place] = set()
        for given in answers_of(file.project, route):
            verdict = is_envelope(file.project, given.answer, agreed)
            inner = _inner(given.answer, agreed) if verdict and given.declared else None
            if inner is not None:
                yield _nested(route, given, inner, file)
            elif verdict and is_named(given.answer, agreed) and given.answer.kind == "model":
                yield file.good(given.place, keys=_keys(given.answer))
            elif verdict is False and "error" not in given.answer.keys and given.place not in told:
                told.add(given.place)
                yield _report(route, given, agreed, file)


def _inner(answer: Answer, agreed: Convention) -> Answer | None:
    """The envelope that an envelope carries, instead of what is in it."""
    if not answer.arguments or answer.scope is None or not is_named(answer, agreed):
        return None
    inner = read_type(answer.arguments[0], answer.scope)
    return inner if is_named(inner, agreed) else None


def _nested(route: Route, given: Given, inner: Answer, file: SourceFile) -> Report:
    name = route.handler.name if route.handler is not None else route.path
    return file.report(
        given.place,
        f"`{name}` answers `{given.answer.text}`, an envelope in an envelope",
        inner.text,
        keys=_keys(inner),
    )


def _report(route: Route, given: Given, agreed: Convention, file: SourceFile) -> Report:
    name = route.handler.name if route.handler is not None else route.path
    answer = given.answer
    told = "{" + ", ".join(answer.keys) + "}" if answer.keys else f"`{answer.text}`"
    return file.report(
        given.place,
        f"`{name}` answers {told}, which is none of this code base's envelopes",
        _fix(answer, agreed.example(route.methods), agreed.key, declared=given.declared),
        keys=_keys(answer),
        severity=None if agreed.declared and agreed.firm else Severity.WARNING,
    )


def _fix(answer: Answer, envelope: str, key: str, *, declared: bool) -> str:
    if not envelope:
        return f'return {{"{key}": ...}}'
    if declared:
        return f"{envelope}[{answer.text}]"
    inner = f"{answer.text}(...)" if answer.kind == "model" else "..."
    return f"return {envelope}(data={inner})"


def _keys(answer: Answer) -> tuple[str, ...]:
    return (getattr(answer.symbol, "key", ""),)
