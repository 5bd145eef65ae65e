"""A listing has no bound.

## What it does
Finds GET routes that answer a list whose query has no limit, or all rows that requests have added in memory, and routes
whose limit a client may set as high as it likes.

## Why is this bad
The answer grows with the table. What takes a millisecond in a test takes the memory of the process a year later, and
one request with `limit=10000000` does it today.

## Example
```python
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import select

app = FastAPI()


class TaskRead(BaseModel):
    title: str


@app.get("/tasks")
async def list_tasks(session: Session) -> list[TaskRead]:
    return (await session.scalars(select(Task))).all()
```

## Use instead
```python
from typing import Annotated

from fastapi import FastAPI, Query
from pydantic import BaseModel
from sqlalchemy import select

app = FastAPI()


class TaskRead(BaseModel):
    title: str


@app.get("/tasks")
async def list_tasks(session: Session, limit: Annotated[int, Query(ge=1, le=100)] = 25) -> list[TaskRead]:
    return (await session.scalars(select(Task).limit(limit))).all()
```

## Known limits
A warning: a short table may be listed whole. Only queries in the handler, or in functions of the project it calls by
name, are read, two calls deep, and rows in memory to which requests add; a limit that a dependency may bring is
believed, and so are sizes that a validator sees.
"""

import ast
import re
from collections.abc import Iterator

from plumb.analysis.answers import answers_of
from plumb.analysis.bodies import called_functions
from plumb.analysis.kept_rows import listed_whole
from plumb.findings import Good, Place, Related, Report, Severity
from plumb.index.annotations import NOTHING, meaning
from plumb.index.extract import last_name
from plumb.index.facts import Expr, Parameter
from plumb.index.modules import ClassInfo, FieldInfo, FunctionInfo
from plumb.index.routes import Route, routes_in
from plumb.index.scope import Scope
from plumb.rule import file_rule
from plumb.source import SourceFile
from plumb.walk import levels

LIMITS = re.compile(
    r"(^|_)(limit|size|per_page|page|paging|pagination|top|first|last|count|max|take|cursor|n|params)($|_)"
)
SIZES = frozenset({"limit", "size", "page_size", "per_page", "page_limit", "items_per_page", "max_results"})
BOUNDS = re.compile(r"\b(le|lt|Literal|conint|Limit\w*|PositiveInt|ge=0, le)\b")
BOUNDING = frozenset({"limit", "paginate", "fetch", "slice", "first", "one", "scalar_one", "one_or_none", "islice"})

ENDS = frozenset({"limit", "fetch", "slice", "paginate", "first"})


@file_rule("PB306", "unbounded-listing", Severity.WARNING, needles=("@", "add_api_route", ".offset("), kinds=("app",))
def check(file: SourceFile) -> Iterator[Report | Good]:
    """Look at every GET route of the file, and at every page that is fetched."""
    yield from _pages(file)
    for route in routes_in(file.project, file.path):
        if route.methods != ("GET",) or route.handler is None or route.handler.path != file.path:
            continue
        sizes = [one for one in route.handler.fact.parameters if one.name in SIZES]
        for parameter in sizes:
            yield from _size(parameter, route.handler, file)
        yield from _query_object(route.handler, file)
        if not sizes and _answers_list(route, file) and not _may_limit(route.handler):
            yield from _query(route, file)


def _size(parameter: Parameter, handler: FunctionInfo, file: SourceFile) -> Iterator[Report | Good]:
    written = [part for part in (parameter.annotation, parameter.default) if part is not None]
    text = " ".join(part.text for part in written)
    if not re.search(r"\bint\b", text) or "Depends" in text:
        return
    place = _place(written[0], file)
    if BOUNDS.search(text):
        yield file.good(place)
    elif not _is_capped(parameter.name, handler, file):
        yield file.report(
            place,
            f"a client may set `{parameter.name}` of `{handler.name}` as high as it likes",
            f"{parameter.name}: Annotated[int, Query(ge=1, le=100)] = 25",
        )


def _query_object(handler: FunctionInfo, file: SourceFile) -> Iterator[Report]:
    """A class whose fields are parameters, `Annotated[Page, Query()]`, with a size that nothing bounds."""
    scope = Scope(file.project, handler.module, handler.fact.qualname)
    for one in handler.fact.parameters:
        said = meaning(one.annotation.node, scope) if one.annotation is not None else NOTHING
        is_query = any(last_name(extra) in {"Query", "Depends"} for _, extra in said.metadata)
        if one.annotation is None or not is_query or not isinstance(said.symbol, ClassInfo):
            continue
        for found in filter(None, (file.project.hierarchy.member(said.symbol, size) for size in sorted(SIZES))):
            if _is_unbounded(found, file):
                yield file.report(
                    _place(one.annotation, file),
                    f"a client may set `{found.name}` of `{said.symbol.name}` as high as it likes",
                    f"{found.name}: int = Field(default=25, ge=1, le=100)",
                    related=[Related(_field_place(found), "the field is here")],
                )


def _is_unbounded(field: FieldInfo, file: SourceFile) -> bool:
    """Whether the field is a number without an upper bound, and no validator looks at it."""
    text = " ".join(part.text for part in (field.fact.annotation, field.fact.value) if part is not None)
    named = re.compile(rf"model_validator|__post_init__|validator\(.*['\"]{field.name}['\"]")
    for known in file.project.hierarchy.lineage(field.owner).classes:
        for method in known.methods():
            if named.search(" ".join([method.name, *(part.text for part in method.fact.decorators)])):
                return False
    return re.search(r"\bint\b", text) is not None and BOUNDS.search(text) is None


def _pages(file: SourceFile) -> Iterator[Report]:
    """A query that skips rows and is executed at once, where nothing says how many may follow."""
    for call in file.nodes(ast.Call):
        function = file.function_of(call) if last_name(call) == "offset" else None
        if function is None or not any(_executes(above) for above in file.ancestors(call)):
            continue
        names = {last_name(node) for node in levels(function) if isinstance(node, ast.Call)}
        if not names & ENDS and not any(isinstance(node, ast.Slice) for node in levels(function)):
            yield file.report(
                call,
                f"`{function.name}` skips rows and fetches all that follow",
                f"{file.text_of(call)}.limit(limit)",
            )


def _executes(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and last_name(node) in {"exec", "execute", "scalars"}


def _query(route: Route, file: SourceFile) -> Iterator[Report]:
    handler = route.handler
    assert handler is not None
    query = _unbounded(handler, file, 2)
    kept = listed_whole(handler, file.project) if query is None else None
    if kept is not None:
        yield file.report(
            route.place,
            f"`{handler.name}` answers with every row that requests have added",
            "limit: Annotated[int, Query(ge=1, le=100)] = 25\n...[offset : offset + limit]",
            related=[Related(kept.place, "the rows are kept here")],
        )
    if query is None:
        return
    yield file.report(
        route.place,
        f"`{handler.name}` answers with every row that its query finds",
        "limit: Annotated[int, Query(ge=1, le=100)] = 25\n...select(...).limit(limit)",
        related=[query],
    )


def _answers_list(route: Route, file: SourceFile) -> bool:
    for given in answers_of(file.project, route):
        answer = given.answer
        inner = answer.arguments[0] if answer.kind == "model" and answer.arguments else None
        if answer.kind == "list" or (inner is not None and ast.unparse(inner).startswith(("list[", "List["))):
            return True
    return False


def _may_limit(handler: FunctionInfo) -> bool:
    """Whether a parameter, by its name or type, may bring a limit."""
    for one in handler.fact.parameters:
        text = " ".join(part.text for part in (one.annotation, one.default) if part is not None)
        if LIMITS.search(one.name) or re.search(r"Pag|Limit|Params|Query\w*Model|Filter|Cursor|pagin", text):
            return True
    return False


def _unbounded(function: FunctionInfo, file: SourceFile, depth: int) -> Related | None:
    """The query of a function, or of one it calls, that fetches all rows and bounds nothing."""
    body = file.project.definition(function)
    if body is None:
        return None
    names = [last_name(node) for node in levels(body) if isinstance(node, ast.Call)]
    sliced = any(isinstance(node, ast.Slice) for node in levels(body))
    if sliced or any(name in BOUNDING for name in names):
        return None
    query = next((node for node in levels(body) if isinstance(node, ast.Call) and last_name(node) == "select"), None)
    if query is not None:
        if not _fetches_all(body, names) or "in_" in names or "group_by" in names:
            return None
        source = file.project.source(function.path)
        return None if source is None else Related(source.place(query), "the query is here")
    if not depth:
        return None
    found = [_unbounded(one, file, depth - 1) for one in called_functions(file.project, function)]
    return next((one for one in found if one is not None), None)


def _fetches_all(body: ast.AST, names: list[str]) -> bool:
    """Whether all rows are asked for, or gone through into a list."""
    calls = [node for node in levels(body) if isinstance(node, ast.Call)]
    listed = [node.args[0] for node in calls if last_name(node) == "list" and node.args]
    looped = [node.iter for node in levels(body) if isinstance(node, ast.comprehension)]
    rows = [one for one in (*listed, *looped) if isinstance(one, ast.Call) and last_name(one) == "scalars"]
    return "all" in names or bool(rows)


def _is_capped(name: str, handler: FunctionInfo, file: SourceFile) -> bool:
    """Whether the body compares the parameter or passes it to `min`."""
    body = file.project.definition(handler)
    for node in levels(body) if body is not None else ():
        is_order = isinstance(node, ast.Compare) and not isinstance(node.ops[0], ast.Is | ast.IsNot)
        is_test = is_order or (isinstance(node, ast.Call) and last_name(node) in {"min", "clamp"})
        if is_test and any(isinstance(part, ast.Name) and part.id == name for part in levels(node)):
            return True
    return False


def _field_place(field: FieldInfo) -> Place:
    fact = field.fact
    return Place(field.owner.path, fact.line, fact.column, fact.end_line, fact.end_column)


def _place(expression: Expr, file: SourceFile) -> Place:
    return Place(file.path, *expression[1:])
