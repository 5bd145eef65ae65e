"""API.md names an endpoint that no route serves.

## What it does
Looks for the route of each endpoint that the page of the API names. A path that is served, but not with this method, is
said so. Where no endpoint of the page is served at all, the page may be about something else: a warning.

## Why is this bad
Somebody writes a client for it and gets 404. Often a route was renamed and its section was not.

## Example
```python
# file: app/main.py
from fastapi import FastAPI

app = FastAPI()


@app.get("/tasks")
def list_tasks(): ...


@app.post("/tasks/{task_id}/complete")
def complete_task(task_id: int): ...
# file: docs/API.md
### GET /tasks

The tasks, newest first.

### POST /tasks/{task_id}/finish

Complete a task.
```

## Use instead
```python
# file: app/main.py
from fastapi import FastAPI

app = FastAPI()


@app.get("/tasks")
def list_tasks(): ...


@app.post("/tasks/{task_id}/complete")
def complete_task(task_id: int): ...
# file: docs/API.md
### GET /tasks

The tasks, newest first.

### POST /tasks/{task_id}/complete

Complete a task.
```

## Known limits
Silent where a router of a library, a mounted application or a computed path may serve the endpoint, and under headings
that speak of what is planned, removed or another service.
"""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

from plumb.analysis.api_pages import API_DOCS, Endpoint
from plumb.analysis.endpoints import Book, books, matches, normal
from plumb.findings import Good, Related, Report, Severity
from plumb.rule import project_rule

if TYPE_CHECKING:
    from plumb.project import Project

NOT_SERVED = re.compile(
    r"~~|\b(?:removed|planned|roadmap|change ?log|changes|deprecated|coming soon|future|upcoming|to-?do|proposed"
    r"|proposal|not (?:yet )?(?:implemented|available|supported)|migrat\w+|external|third[- ]party|upstream|outbound"
    r"|webhooks? we send|you (?:implement|provide|host)|formerly|renamed|legacy|old)\b",
    re.IGNORECASE,
)


@project_rule("PB102", "documented-endpoint-not-served", Severity.ERROR, options=(API_DOCS,))
def check(project: "Project") -> Iterator[Report | Good]:
    """Look for the route of each endpoint."""
    for book in books(project):
        severity = None if book.is_ours else Severity.WARNING
        for endpoint, found in book.pairs:
            if not found and not _is_excused(endpoint) and (endpoint.kind != "fence" or _is_own(endpoint, book)):
                yield _report(endpoint, book, severity)
            for one in found:
                if one.route is not None:
                    yield Good(endpoint.place, (book.page.path,))


def _is_excused(endpoint: Endpoint) -> bool:
    return any(NOT_SERVED.search(text) for text in (*endpoint.section.above, endpoint.section.title, endpoint.text))


def _is_own(endpoint: Endpoint, book: Book) -> bool:
    """Whether a fenced request, alone in its section, begins like the path of a route."""
    alone = not any(one.section == endpoint.section for one in book.page.endpoints if one is not endpoint)
    paths = [f"{base}{normal(endpoint.path)}".split("/")[1:3] for base in ("", *book.bases)]
    known = [one.path.split("/")[1:3] for one in book.served if one.route]
    return alone and "curl" not in endpoint.text and any(path in known and len(path) > 1 for path in paths)


def _report(endpoint: Endpoint, book: Book, severity: Severity | None) -> Report:
    named = f"{'/'.join(endpoint.methods)} {endpoint.path}".strip()
    other = [one for one in book.served if one.route and matches(endpoint._replace(methods=()), one, book.bases)]
    if other:
        methods = ", ".join(sorted({method for one in other for method in one.methods}))
        route = other[0].route
        message, fix = (
            f"`{endpoint.path}` is not served with {'/'.join(endpoint.methods)}, only with {methods}",
            methods,
        )
    else:
        known = {normal(one.shown): one for one in book.served if one.route}
        near = get_close_matches(normal(endpoint.path), known, n=1, cutoff=0.6)
        route = known[near[0]].route if near else None
        message = f"no route serves `{named}`"
        fix = f"{'/'.join(known[near[0]].methods)} {known[near[0]].shown}" if near else ""
    return Report(
        endpoint.place,
        message,
        f"Name the route as it is, or remove what is said of it:\n{fix}" if fix else f"Remove `{named}`, or serve it.",
        (book.page.path,),
        related=(Related(route.place, "the nearest route is here"),) if route else (),
        severity=severity,
    )
