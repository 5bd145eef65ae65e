"""An envelope is untyped or built by hand.

## What it does
Finds routes that declare a bare `dict`, `Any` or an envelope without its parameter, and routes without a declared type
that return a dict display with the keys of an envelope.

## Why is this bad
The answer is neither validated nor documented: a renamed field or a forgotten key reaches the client, and its generated
types say `unknown`.

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


@app.get("/tasks/{task_id}/copy")
async def copy_task(task_id: int):
    return {"data": {"title": "copy"}}
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


@app.get("/tasks/{task_id}/copy")
async def copy_task(task_id: int) -> DataResponse[Task]:
    return DataResponse(data=Task(title="copy"))
```

## Known limits
Only where envelope classes are declared and in use; the routes that PB301 exempts are exempt here. A dict that is
returned where a type is declared is validated, and left alone.
"""

import ast
from collections.abc import Iterator

from plumb.analysis.answers import Answer, Given, answers_of, read_type
from plumb.analysis.envelopes import Convention, convention_at, is_envelope, is_generic, is_named, owes_envelope
from plumb.findings import Good, Report, Severity
from plumb.index.modules import ClassInfo
from plumb.index.routes import Route, routes_in
from plumb.rule import file_rule
from plumb.source import SourceFile


@file_rule("PB302", "untyped-envelope", Severity.ERROR, needles=("@", "add_api_route"), kinds=("app",))
def check(file: SourceFile) -> Iterator[Report | Good]:
    """Look at every route of the file."""
    routes = routes_in(file.project, file.path)
    agreed = convention_at(file.project, file.path) if routes else None
    if agreed is None or not agreed.declared:
        return
    for route in routes:
        if not owes_envelope(file.project, route):
            continue
        for given in answers_of(file.project, route):
            what = _complaint(given, agreed, file)
            if what:
                yield _report(route, given, what, agreed, file)
            elif is_named(given.answer, agreed) and given.answer.arguments and given.declared:
                yield file.good(given.place)


def _complaint(given: Given, agreed: Convention, file: SourceFile) -> str:
    answer = given.answer
    if given.declared and answer.kind in {"dict", "any"}:
        return f"is declared to answer `{answer.text}`, which says nothing of its shape"
    if not given.declared and answer.keys and is_envelope(file.project, answer, agreed):
        return "builds its envelope by hand, so nothing validates or documents it"
    if given.declared and is_named(answer, agreed) and isinstance(answer.symbol, ClassInfo):
        if not answer.arguments and is_generic(file.project, answer.symbol):
            return f"answers `{answer.text}` without saying what is in it"
        if any(_is_untyped(one, answer) for one in answer.arguments[:1]):
            return f"answers `{answer.text}`, which says nothing of what is in it"
    return ""


def _is_untyped(node: ast.expr, answer: Answer) -> bool:
    found = read_type(node, answer.scope) if answer.scope is not None else answer
    return found.kind in {"any", "dict", "list"} and not found.arguments


def _report(route: Route, given: Given, what: str, agreed: Convention, file: SourceFile) -> Report:
    name = route.handler.name if route.handler is not None else route.path
    envelope = agreed.example(route.methods)
    return file.report(
        given.place,
        f"`{name}` {what}",
        f"async def {name}(...) -> {envelope}[...]:  # with a schema of its own in the brackets",
    )
