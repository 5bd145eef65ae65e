"""A route is not in API.md.

## What it does
Compares the routes that the application serves with the endpoints that the page of the API names: in headings
(`### GET /tasks/{id}`), tables, lists, labels (`**Endpoint:** ...`) and fenced requests. A page that documents fewer
than half of the routes gives warnings.

## Why is this bad
A front end is written against the page. What is missing there is found by reading the code, or not at all.

## Example
```python
# file: app/main.py
from fastapi import FastAPI

app = FastAPI()


@app.get("/tasks")
def list_tasks(): ...


@app.post("/tasks")
def create_task(): ...
# file: docs/API.md
# The API

### GET /tasks

The tasks, newest first.
```

## Use instead
```python
# file: app/main.py
from fastapi import FastAPI

app = FastAPI()


@app.get("/tasks")
def list_tasks(): ...


@app.post("/tasks")
def create_task(): ...
# file: docs/API.md
# The API

### GET /tasks

The tasks, newest first.

### POST /tasks

Create a task.
```

## Known limits
Silent where there is no page, for routes out of the schema, for websockets, for health, metrics and documentation, and
for routers that nothing is known to include. Sentences that only mention an endpoint do not document it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from plumb.analysis.api_pages import API_DOCS
from plumb.analysis.endpoints import Book, Served, books, matches
from plumb.findings import Good, Report, Severity
from plumb.index.routers import UNKNOWN_PART
from plumb.index.routes import full_paths, is_public
from plumb.rule import Option, project_rule

if TYPE_CHECKING:
    from plumb.project import Project

UNDOCUMENTED = Option(
    "undocumented-paths",
    ("health", "healthz", "livez", "readyz", "ping", "metrics", "docs", "redoc", "openapi.json", "favicon.ico"),
    "parts of a path that make a route need no documentation",
)


@project_rule("PB101", "route-not-documented", Severity.ERROR, options=(API_DOCS, UNDOCUMENTED))
def check(project: "Project") -> Iterator[Report | Good]:
    """Look for each route on its page."""
    for book in books(project):
        wanted = [one for one in book.served if _is_wanted(project, one)]
        missing = [one for one in wanted if not _is_documented(one, book)]
        severity = None if len(missing) * 2 <= len(wanted) and book.is_ours else Severity.WARNING
        for one in missing:
            yield _report(one, book, severity)
        for endpoint, found in book.pairs:
            if found:
                yield Good(endpoint.place, (f"{book.page.path} {endpoint.path.split('/')[1:2]}", book.page.path))


def _is_wanted(project: "Project", one: Served) -> bool:
    route = one.route
    if route is None or UNKNOWN_PART in one.path or not route.methods or not is_public(project, route):
        return False
    if one.shown in full_paths(project, route) and one.shown not in full_paths(project, route, shown=True):
        return False
    if one.path == "/" or {*route.methods} <= {"WEBSOCKET", "HEAD", "OPTIONS", "TRACE"}:
        return False
    return not {*one.path.split("/")} & {*project.config.strings(UNDOCUMENTED.name)}


def _is_documented(one: Served, book: Book) -> bool:
    """Whether all methods of the route are named, on the page or on one it links to."""
    named = [endpoint for endpoint in (*book.page.endpoints, *book.elsewhere) if matches(endpoint, one, book.bases)]
    methods = {method for endpoint in named for method in endpoint.methods or one.methods}
    return {*one.methods} - {"HEAD", "OPTIONS", "TRACE"} <= methods


def _report(one: Served, book: Book, severity: Severity | None) -> Report:
    route = one.route
    assert route is not None
    named = f"{'/'.join(one.methods)} {one.shown}"
    level = next(("#" * found.section.level for found in book.page.endpoints if found.kind == "heading"), "###")
    base = next((base for base in book.bases if one.shown.startswith(f"{base}/")), "")
    written = any(found.path.startswith(f"{base}/") for found in book.page.endpoints)
    path = one.shown if written or not base else one.shown.removeprefix(base)
    return Report(
        route.place,
        f"`{named}` is not in {book.page.path}",
        f"Add a section to {book.page.path}:\n{level} {one.methods[0]} {path}",
        (f"{book.page.path} {path.split('/')[1:2]}", book.page.path),
        severity=severity,
    )
