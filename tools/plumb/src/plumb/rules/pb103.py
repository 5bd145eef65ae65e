"""A field, parameter or status in API.md is not the route's.

## What it does
Compares the tables of a section that is about one route with the route: parameters and fields that do not exist, that
are left out of a table, or that have another type or another say in whether they are required; and the status of
success, also in a table of endpoints. A status that the function raises or its `responses` declare, and a list of
failures leaves out, is a warning. A table of fields below a heading that is the name of a schema is compared with that
schema.

## Why is this bad
A client that follows the page sends what is ignored or refused, and does not send what is needed.

## Example
```python
# file: app/main.py
from fastapi import FastAPI

app = FastAPI()


@app.get("/tasks")
def list_tasks(limit: int = 25, completed: bool | None = None): ...
# file: docs/API.md
### GET /tasks

| Parameter | Type | |
|---|---|---|
| `page_size` | integer | How many |
| `completed` | boolean | Which |
```

## Use instead
```python
# file: app/main.py
from fastapi import FastAPI

app = FastAPI()


@app.get("/tasks")
def list_tasks(limit: int = 25, completed: bool | None = None): ...
# file: docs/API.md
### GET /tasks

| Parameter | Type | |
|---|---|---|
| `limit` | integer | How many |
| `completed` | boolean | Which |
```

## Known limits
Headers and cookies are not compared. Silent where a dependency or schema cannot be read, and for a table of fields that
agrees with no object of body or answer by half.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plumb.analysis.api_pages import API_DOCS, Endpoint, Page
from plumb.analysis.api_shapes import described
from plumb.analysis.api_tables import (
    FIELDS,
    HEADERS,
    Row,
    Table,
    failures,
    is_known,
    levels,
    lists,
    success_beside,
    successes,
    tables,
)
from plumb.analysis.declared_failures import declared_failures
from plumb.analysis.endpoints import Book, books, sections
from plumb.analysis.examples import own_last
from plumb.analysis.success_statuses import function_text, is_answered
from plumb.analysis.wire import ANY, Member, Shape
from plumb.analysis.wire_routes import Interface, Taken, interface
from plumb.analysis.written_statuses import written_statuses
from plumb.findings import Good, Place, Related, Report, Severity
from plumb.index.routes import Route
from plumb.rule import project_rule

if TYPE_CHECKING:
    from plumb.project import Project

_RAISED = re.compile(r"HTTPException\(\s*(?:status_code\s*=\s*)?(?:status\.HTTP_)?([45]\d\d)")


@project_rule("PB103", "documentation-differs", Severity.ERROR, options=(API_DOCS,))
def check(project: "Project") -> Iterator[Report | Good]:
    """Compare each section with its route."""
    for book, endpoint, route in sections(project):
        facts = interface(project, route)
        if facts is None:
            continue
        written = [*tables(book.page, endpoint), *lists(book.page, endpoint)]
        found = [one for table in written for one in _table(table, book.page, facts, route)]
        found += _statuses(project, book.page, endpoint, route)
        if not found:
            yield Good(endpoint.place, (book.page.path,))
        yield from found
    for book in books(project):
        yield from _listed(project, book)
        for table, shape, route in described(project, book):
            yield from _compare(table, book.page, shape, [shape], route)


def _table(table: Table, page: Page, facts: Interface, route: Route) -> Iterator[Report]:
    if table.is_of_parameters:
        yield from _parameters(table, page, facts, route)
    elif HEADERS.match(table.subject) and "respon" not in table.intro.lower():
        yield from _headers(table, page, facts, route)
    elif table.role or FIELDS.match(table.subject):
        yield from _fields(table, page, facts, route)


def _parameters(table: Table, page: Page, facts: Interface, route: Route) -> Iterator[Report]:
    known = facts.names("path", "query", "header", "cookie")
    body = {name for level in levels(facts.body or ANY) for name in _names(level)}
    body |= {one.name for one in facts.taken}
    certain = facts.complete and (facts.body is None or is_known(facts.body))
    for row in table.rows:
        where = (row.cells.get("in") or row.cells.get("location") or "").strip("`* ").lower()
        if where in {"header", "cookie", "body", "form"} or not re.fullmatch(r"[a-z_]\w*", row.name):
            continue
        if row.name in known:
            yield from _details(row, page, route, known[row.name].shape, required=known[row.name].required)
        elif certain and row.name not in body:
            names = ", ".join(facts.names("path", "query")) or "none"
            yield _report(page, row.line, f"the route takes no parameter `{row.name}`", f"It takes: {names}", route)
    yield from _left_out(table, page, facts, route)


def _left_out(table: Table, page: Page, facts: Interface, route: Route) -> Iterator[Report]:
    """Parameters of the query that no table of the section names."""
    if not {row.name for row in table.rows} & {*facts.names("query")} and not re.search(
        "query", table.intro + table.subject
    ):
        return
    section = page.text(table.line, len(page.lines)).partition("\n#")[0] + table.intro
    for one in facts.names("query").values():
        if not re.search(rf"`{re.escape(one.name)}\b|\|\s*{re.escape(one.name)}\b", section):
            yield _report(page, table.line, f"the parameter `{one.name}` is left out", _row_for(one), route)


def _headers(table: Table, page: Page, facts: Interface, route: Route) -> Iterator[Report]:
    """Headers that the route asks for, and a table of headers leaves out; others may be read by a middleware."""
    said = page.text(table.line, len(page.lines)).partition("\n#")[0].lower()
    for one in facts.names("header").values():
        if one.name.replace("_", "-").lower() not in said:
            yield _report(
                page, table.line, f"the header `{one.name.replace('_', '-')}` is left out", _row_for(one), route
            )


def _fields(table: Table, page: Page, facts: Interface, route: Route) -> Iterator[Report]:
    sides = {"request": [facts.body], "response": [facts.answer]}.get(table.role, [facts.body, facts.answer])
    shapes = [one for one in sides if one is not None]
    if not shapes or not all(is_known(one) for one in shapes) or facts.shortened:
        return
    names = [row.name.rpartition(".")[2].removesuffix("[]") for row in table.rows]
    reachable = [level for shape in shapes for level in levels(shape)]
    best = max(reachable, key=lambda level: len({*names} & _names(level)), default=None)
    if best is None or (len({*names} & _names(best)) * 2 < len(names) and not _is_named(best, table, reachable)):
        return
    required = facts.body is not None and best in levels(facts.body)
    yield from _compare(table, page, best, reachable, route, says_required=required)


def _is_named(shape: Shape, table: Table, reachable: list[Shape]) -> bool:
    """Whether the words before the table name the shape, and no other one."""
    named = {one.name for one in reachable if one.name and re.search(rf"\b{one.name}\b", table.intro)}
    return named == {shape.name}


def _compare(
    table: Table, page: Page, best: Shape, reachable: list[Shape], route: Route, *, says_required: bool = False
) -> Iterator[Report]:
    """The rows of a table beside the fields of the shape that it is about."""
    names = [row.name.rpartition(".")[2].removesuffix("[]") for row in table.rows]
    everywhere = {name for level in reachable for name in _names(level)}
    members = {name: one for one in best.members for name in (one.name, one.other) if name}
    for row, name in zip(table.rows, names, strict=True):
        if name in members and "." not in row.name:
            required = members[name].required if says_required else None
            yield from _details(row, page, route, members[name].shape, required=required, owner=best)
        elif name not in everywhere and re.fullmatch(r"[A-Za-z_]\w*", name):
            fields = ", ".join(one.name for one in best.members)
            yield _report(
                page, row.line, f"`{best.name}` has no field `{name}`", f"{best.name} has: {fields}", route, best
            )
    for one in best.members:
        if one.name not in names and one.other not in names:
            yield _report(
                page, table.line, f"the field `{one.name}` of `{best.name}` is left out", _row_for(one), route, best
            )


def _names(level: Shape) -> set[str]:
    return {name for one in level.members for name in (one.name, one.other) if name}


def _details(
    row: Row, page: Page, route: Route, shape: Shape, *, required: bool | None, owner: Shape | None = None
) -> Iterator[Report]:
    kinds = {one.kind for one in shape.parts} - {"null"} if shape.kind == "union" else {shape.kind}
    kinds = {"text" if kind == "choice" else "object" if kind == "map" else kind for kind in kinds}
    if row.type and "any" not in kinds and row.type not in kinds and {row.type, *kinds} != {"integer", "number"}:
        message = f"`{row.name}` is said to be {row.type}, but is {' or '.join(sorted(kinds))}"
        yield _report(page, row.line, message, " or ".join(sorted(kinds)), route, owner)
    if row.required is not None and required is not None and row.required != required:
        message = f"`{row.name}` is said to be {'required' if row.required else 'optional'}, and is not"
        yield _report(page, row.line, message, "yes" if required else "no", route, owner)


def _statuses(project: "Project", page: Page, endpoint: Endpoint, route: Route) -> Iterator[Report]:
    yield from _success(project, page, successes(page, endpoint), route)
    text = function_text(project, route)
    for status, line in failures(page, endpoint).items():
        if status not in written_statuses(project):
            yield _report(page, line, f"nothing in the code answers {status}", "Remove it, or raise it.", route)
    section = page.text(endpoint.place.line, own_last(page, endpoint))
    raised = dict.fromkeys(_RAISED.findall(text), "raises")
    declared = {str(one): "declares" for one in declared_failures(project, route)}
    for status, how in {**raised, **declared}.items() if re.search(r"\b4\d\d\b", section) else ():
        if status not in section:
            message = f"the route {how} {status}, which its failures leave out"
            yield _report(page, endpoint.place.line, message, status, route)._replace(severity=Severity.WARNING)


def _listed(project: "Project", book: Book) -> Iterator[Report]:
    """The status of success in the rows of a table of endpoints."""
    for endpoint, served in book.pairs:
        routes = {id(one.route): one.route for one in served}
        route = next(iter(routes.values()), None)
        if endpoint.kind == "table" and len(routes) == 1 and route is not None and route.handler is not None:
            said = dict.fromkeys(sorted(success_beside(book.page, endpoint)), endpoint.place.line)
            yield from _success(project, book.page, said, route)


def _success(project: "Project", page: Page, said: dict[int, int], route: Route) -> Iterator[Report]:
    """One of the statuses is that of a success, or may be."""
    if said and not any(is_answered(project, route, status) for status in said):
        status, line = next(iter(said.items()))
        yield _report(page, line, f"the status of success is {route.status}, not {status}", str(route.status), route)


def _row_for(one: Taken | Member) -> str:
    return f"| `{one.name}` | {one.shape.kind} |"


def _report(page: Page, line: int, message: str, fix: str, route: Route, shape: Shape | None = None) -> Report:
    text = page.lines[line - 1]
    place = Place(page.path, line, len(text) - len(text.lstrip()) + 1, line, len(text.rstrip()) + 1)
    owner = shape.owner if shape is not None else None
    where = route.place if owner is None else Place(owner.path, owner.line, 1, owner.line, 1)
    note = "the route is here" if owner is None else f"`{owner.name}` is here"
    return Report(place, message, f"Write what the code says:\n{fix}", (page.path,), related=(Related(where, note),))
