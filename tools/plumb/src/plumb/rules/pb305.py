"""A route with status 204 has a body.

## What it does
Finds routes with `status_code=204` that declare a response model or return a value, and response objects that carry
content under status 204.

## Why is this bad
A 204 ends after its headers. FastAPI drops a returned value in silence, refuses a response model at start-up, and a
`JSONResponse(None, status_code=204)` sends `null`, which a keep-alive client reads as the start of the next answer.

## Example
```python
from fastapi import FastAPI

app = FastAPI()


@app.delete("/tasks/{task_id}", status_code=204)
async def delete_task(task_id: int):
    return {"deleted": task_id}
```

## Use instead
```python
from fastapi import FastAPI

app = FastAPI()


@app.delete("/tasks/{task_id}", status_code=204)
async def delete_task(task_id: int) -> None:
    return None
```

## Known limits
A returned call is looked through only for response classes; what a service returns is not followed.
"""

import ast
from collections.abc import Iterator

from plumb.analysis.answers import JSON_RESPONSES, read_value, returned
from plumb.findings import Good, Place, Report, Severity
from plumb.index.extract import last_name
from plumb.index.modules import External
from plumb.index.routes import Route, routes_in, status_code
from plumb.index.scope import argument
from plumb.rule import file_rule
from plumb.source import SourceFile

NO_CONTENT = 204
WITHOUT_BODY = "return Response(status_code=204)"
EMPTY = frozenset({"None", "''", "b''"})


@file_rule("PB305", "body-on-204", Severity.ERROR, needles=("204", "NO_CONTENT"), kinds=("app",))
def check(file: SourceFile) -> Iterator[Report | Good]:
    """Look at the routes of the file and at the responses it makes."""
    for route in routes_in(file.project, file.path):
        if route.status == NO_CONTENT and "WEBSOCKET" not in route.methods:
            yield from _route(route, file)
    for call in file.nodes(ast.Call):
        if last_name(call).endswith("Response") and _carries(call, file):
            yield file.report(call, f"`{last_name(call)}` sends a body with status 204", WITHOUT_BODY)


def _route(route: Route, file: SourceFile) -> Iterator[Report | Good]:
    name = route.handler.name if route.handler is not None else route.path
    model = route.option("response_model")
    if model is not None and not route.response_model_is_none:
        text = ast.unparse(model)
        yield file.report(
            route.place, f"`{name}` declares `{text}` as the body of a 204", f"Remove `response_model={text}`."
        )
        return
    bodies = list(_bodies(route, file))
    for place, text in bodies:
        yield file.report(place, f"`{name}` has status 204 and returns {text}, which is never sent", "return None")
    if not bodies:
        yield file.good(route.place)


def _bodies(route: Route, file: SourceFile) -> Iterator[tuple[Place, str]]:
    """The returned values that are certainly something."""
    if route.handler is None:
        return
    for node, place, scope in returned(file.project, route.handler):
        answer = read_value(node, scope)
        if answer.kind in {"dict", "list", "scalar", "model"}:
            yield place, f"`{ast.unparse(node)}`"


def _carries(call: ast.Call, file: SourceFile) -> bool:
    """Whether a response object with status 204 is given content, or renders `null` for want of it."""
    symbol = file.resolve(call.func)
    if not isinstance(symbol, External) or symbol.package not in {"fastapi", "starlette"}:
        return False
    status = argument(call, "status_code", 1)
    if status is None or status_code(status, file.scope(call)) != NO_CONTENT:
        return False
    content = argument(call, "content", 0)
    if symbol.name == "Response":
        return content is not None and ast.unparse(content) not in EMPTY
    return symbol.name in JSON_RESPONSES or (content is not None and ast.unparse(content) not in EMPTY)
