"""A route changed and its section in API.md did not.

## What it does
With `--diff-base REF`, compares each route with the same route at the merge base: its parameters, the shapes of body
and answer, its status. Where one of them changed, the section that is about the route has to have changed as well.

## Why is this bad
The page is right on the day it is written. It goes wrong one small change at a time.

## Example
```python
# file: app.py before
from fastapi import FastAPI

app = FastAPI()


@app.get("/tasks")
def list_tasks(limit: int = 25): ...
# file: app.py
from fastapi import FastAPI

app = FastAPI()


@app.get("/tasks")
def list_tasks(limit: int = 25, completed: bool | None = None): ...
# file: API.md
### GET /tasks

The tasks, newest first; at most `limit`.
```

## Use instead
```python
# file: app.py before
from fastapi import FastAPI

app = FastAPI()


@app.get("/tasks")
def list_tasks(limit: int = 25): ...
# file: API.md before
### GET /tasks

The tasks, newest first; at most `limit`.
# file: app.py
from fastapi import FastAPI

app = FastAPI()


@app.get("/tasks")
def list_tasks(limit: int = 25, completed: bool | None = None): ...
# file: API.md
### GET /tasks

The tasks, newest first; at most `limit`. With `completed` only those that are, or are not.
```

## Known limits
Silent without `--diff-base`, for routes that are new or were renamed, and where a shape cannot be read on both sides.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from plumb.analysis.api_pages import API_DOCS, Endpoint, Page
from plumb.analysis.endpoints import sections
from plumb.analysis.examples import own_last
from plumb.analysis.past import Past
from plumb.analysis.wire import Shape
from plumb.analysis.wire_routes import Interface, interface
from plumb.changed import text_at
from plumb.findings import Good, Related, Report, Severity
from plumb.index.routes import Route, all_routes, full_paths
from plumb.rule import project_rule

if TYPE_CHECKING:
    from plumb.project import Project


@project_rule("PB104", "section-not-updated", Severity.ERROR, options=(API_DOCS,))
def check(project: "Project") -> Iterator[Report | Good]:
    """Compare each route and its section with what they were."""
    found = list(sections(project)) if project.diff_base is not None else []
    if not found or project.diff_base is None:
        return
    past = Past(project, project.diff_base)
    then = {(route.methods, full_paths(past, route)): route for route in all_routes(past)}
    before: dict[str, str] = {}
    for book, endpoint, route in found:
        path = book.page.path
        if path not in before:
            before[path] = text_at(project.root, project.diff_base, path) or ""
        old = then.get((route.methods, full_paths(project, route)))
        changes = _changes(interface(past, old), interface(project, route), old, route) if old is not None else []
        if changes and _section(book.page, endpoint) in before[path]:
            yield Report(
                endpoint.place,
                f"{', '.join(changes)} changed, and this section did not",
                "Say in the section what changed:\n" + "\n".join(changes),
                (path,),
                related=(Related(route.place, "the route is here"),),
            )
        elif changes:
            yield Good(endpoint.place, (path,))


def _section(page: Page, endpoint: Endpoint) -> str:
    return page.text(endpoint.place.line, own_last(page, endpoint)).rstrip()


def _changes(then: Interface | None, now: Interface | None, old: Route, new: Route) -> list[str]:
    """What is different, in words."""
    if then is None or now is None:
        return []
    found = [f"the status ({old.status}, now {new.status})"] if old.status != new.status else []
    places = ("path", "query", "header", "cookie")
    first, second = then.names(*places), now.names(*places)
    if then.complete and now.complete:
        found += [f"the parameter `{name}`" for name in sorted(first.keys() ^ second.keys())]
    for name in sorted(first.keys() & second.keys()):
        if _key(first[name].shape) != _key(second[name].shape) or first[name].required != second[name].required:
            found.append(f"the parameter `{name}`")
    if then.complete and now.complete and _differ(then.body, now.body):
        found.append("the body")
    if _differ(then.answer, now.answer):
        found.append("the answer")
    return found


def _differ(then: Shape | None, now: Shape | None) -> bool:
    if then is None or now is None:
        return then is not now
    return then.kind != "any" and now.kind != "any" and _key(then) != _key(now)


def _key(shape: Shape) -> object:
    """A shape without the places of its classes, so that a move is no change."""
    members = tuple((one.name, one.required, _key(one.shape)) for one in shape.members)
    return (shape.kind, members, tuple(_key(part) for part in shape.parts), shape.values)
