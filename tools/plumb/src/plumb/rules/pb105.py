"""A JSON example in API.md does not fit its schema.

## What it does
Reads the JSON examples in a section that is about one route and compares them with what that route takes and answers,
or the one whose request stands above them: keys that do not exist, required keys that are missing, values of another
type, labels that an enum does not have. An example without any key in common, or that is no JSON, is a warning.

## Why is this bad
Examples are what people copy. One that is out of date is worse than none.

## Example
```python
# file: app/main.py
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class TaskRead(BaseModel):
    id: int
    title: str
    completed: bool


@app.get("/tasks/{task_id}")
def get_task(task_id: int) -> TaskRead: ...
# file: docs/API.md
### GET /tasks/{task_id}

Response:

~~~json
{"id": 1, "title": "Write", "done": false}
~~~
```

## Use instead
```python
# file: app/main.py
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class TaskRead(BaseModel):
    id: int
    title: str
    completed: bool


@app.get("/tasks/{task_id}")
def get_task(task_id: int) -> TaskRead: ...
# file: docs/API.md
### GET /tasks/{task_id}

Response:

~~~json
{"id": 1, "title": "Write", "completed": false}
~~~
```

## Known limits
Silent for failures, examples that leave something out (`...`), placeholders such as `"string"`, schemas with alias
generators, extra keys or validators of their own, and routes that build a response by hand.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from plumb.analysis.api_pages import API_DOCS, Endpoint, Page
from plumb.analysis.endpoints import Book, matches, sections
from plumb.analysis.examples import Example, Misfit, examples, misfits, parsed
from plumb.analysis.wire import Shape
from plumb.analysis.wire_routes import Interface, interface
from plumb.findings import Good, Place, Related, Report, Severity
from plumb.index.routes import Route
from plumb.rule import project_rule

if TYPE_CHECKING:
    from plumb.project import Project


@project_rule("PB105", "example-does-not-fit", Severity.ERROR, options=(API_DOCS,))
def check(project: "Project") -> Iterator[Report | Good]:
    """Compare each example with the shapes of its route."""
    for book, endpoint, own in sections(project):
        for example in examples(book.page, endpoint):
            route = own if example.asked is None else _only_route(book, example.asked)
            facts = None if route is None else interface(project, route)
            if route is not None and facts is not None:
                yield from _compare(book.page, example, route, facts)


def _only_route(book: Book, endpoint: Endpoint) -> Route | None:
    """The route that the request of an example is for, if there is one alone."""
    routes = [one.route for one in book.served if one.route is not None and matches(endpoint, one, book.bases)]
    return routes[0] if len(routes) == 1 else None


def _compare(page: Page, example: Example, route: Route, facts: Interface) -> Iterator[Report | Good]:
    shapes = _shapes(example, route, facts)
    known, value = parsed(example)
    if not known:
        if shapes and not example.is_cut:
            place = _place(page, example.first)
            yield Report(place, "the example is not JSON", "Write it as JSON.", severity=Severity.WARNING)
        return
    if not shapes or any(shape.kind == "any" for shape in shapes) or _is_failure(value, shapes):
        return
    whole = not facts.shortened and not example.is_cut
    shape, found = min(((one, misfits(value, one, whole=whole)) for one in shapes), key=lambda pair: len(pair[1]))
    if not found:
        yield Good(_place(page, example.first), (shape.name, page.path))
    elif _is_foreign(value, shape):
        message = f"the example has nothing in common with `{shape.name or shape.kind}`"
        yield _report(page, example, Misfit("", "", message, found[0].fix), shape, Severity.WARNING)
    else:
        certain = _placeless(misfits(value, shape, whole=whole and not example.is_abridged))
        for one in _placeless(found):
            yield _report(page, example, one, shape, None if one in certain else Severity.WARNING)


def _shapes(example: Example, route: Route, facts: Interface) -> list[Shape]:
    """What the example may be: the body, the answer, or either where the page does not say."""
    if example.role != "request" and example.status not in {None, route.status}:
        return []
    answer = [facts.answer] if route.status not in {204, None} and facts.answer.kind != "null" else []
    body = [] if facts.body is None else [facts.body]
    if example.role == "request":
        return body
    return answer if example.role == "response" else [*body, *answer]


def _placeless(found: list[Misfit]) -> list[Misfit]:
    """What is wrong in the same way in several items, once."""
    return list(dict.fromkeys(one._replace(path="") for one in found))


def _is_failure(value: object, shapes: list[Shape]) -> bool:
    names = {member.name for shape in shapes for member in shape.members}
    return isinstance(value, dict) and bool({"error", "errors", "detail"} & {*value} - names)


def _is_foreign(value: object, shape: Shape) -> bool:
    if not isinstance(value, dict):
        return shape.kind == "object"
    return not {*value} & {name for one in shape.members for name in (one.name, one.other)}


def _report(page: Page, example: Example, misfit: Misfit, shape: Shape, severity: Severity | None) -> Report:
    line = example.line_of(misfit.key) if misfit.key else example.first
    owner = shape.owner
    related: tuple[Related, ...] = ()
    if owner is not None:
        related = (Related(Place(owner.path, owner.line, 1, owner.line, 1), f"`{owner.name}` is here"),)
    return Report(
        _place(page, line),
        misfit.message,
        f"Write what the schema says:\n{misfit.fix}",
        (shape.name, page.path),
        related=related,
        severity=severity,
    )


def _place(page: Page, line: int) -> Place:
    text = page.lines[line - 1]
    start = len(text) - len(text.lstrip())
    return Place(page.path, line, start + 1, line, len(text.rstrip()) + 1)
