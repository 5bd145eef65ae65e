"""An error leaves the application outside its error envelope.

## What it does
Where a code base answers errors as `{"error": {...}}`, finds an `HTTPException` that no handler reshapes, and
hand-written error responses with other keys; and an error that is returned as if it were an answer.

## Why is this bad
FastAPI renders an `HTTPException` as `{"detail": ...}`. A client that looks for `error.code` finds nothing, and shows
"unknown error" exactly where it should have explained one.

## Example
```python
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

app = FastAPI()


class AppError(Exception): ...


@app.exception_handler(AppError)
async def render(request: Request, error: AppError):
    return JSONResponse({"error": {"code": "X", "message": str(error)}}, status_code=400)


@app.get("/tasks/{task_id}")
async def get_task(task_id: int):
    raise HTTPException(404, "no such task")
```

## Use instead
```python
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

app = FastAPI()


class AppError(Exception): ...


@app.exception_handler(AppError)
async def render(request: Request, error: AppError):
    return JSONResponse({"error": {"code": "X", "message": str(error)}}, status_code=400)


@app.get("/tasks/{task_id}")
async def get_task(task_id: int):
    raise AppError("no such task")
```

## Known limits
Silent unless a handler, or a class with `error` holding `code` and `message`, shows the envelope; silent for
`HTTPException` when a handler for it exists, a handler's exception cannot be read, or an error middleware is added.
"""

import ast
import re
from collections.abc import Iterator

from plumb.analysis.answers import JSON_RESPONSES, content_of, read_value
from plumb.analysis.envelopes import is_exempt
from plumb.analysis.error_envelopes import ERROR_KEY, HTTP_EXCEPTIONS, Errors, errors_of
from plumb.findings import Place, Report, Severity
from plumb.index.extract import last_name
from plumb.index.modules import External
from plumb.index.routes import Route, routes_in, status_code
from plumb.index.scope import argument, entry
from plumb.rule import file_rule
from plumb.source import SourceFile

NEEDLES = ("raise ", "JSONResponse", "return {")
FIRST_ERROR = 400
PROBES = re.compile(r"health|ready|readiness|live|probe|metrics|oauth|webhook", re.IGNORECASE)


@file_rule("PB304", "error-outside-envelope", Severity.WARNING, needles=NEEDLES, kinds=("app",), options=(ERROR_KEY,))
def check(file: SourceFile) -> Iterator[Report]:
    """Look at what the file raises and at the error responses it makes."""
    candidates = [node for node in file.nodes(ast.Raise) if isinstance(node.exc, ast.Call)]
    responses = [node for node in file.nodes(ast.Call) if last_name(node) in JSON_RESPONSES]
    raised = [node for node in candidates if _is_http(node, file)]
    routes = routes_in(file.project, file.path)
    errors = errors_of(file.project) if raised or responses or routes else None
    if errors is None:
        return
    exempt = _exempt_lines(routes, file)
    for route in routes:
        yield from (one for one in _returned(route, errors, file) if one.place.line not in exempt)
    for node in raised:
        if not errors.reshapes and node.lineno not in exempt:
            yield from _raised(node, errors, file)
    for call in responses:
        if call.lineno not in exempt and not PROBES.search(f"{file.path}/{file.scope_of(call)}"):
            yield from _response(call, errors, file)


def _is_http(node: ast.Raise, file: SourceFile) -> bool:
    assert isinstance(node.exc, ast.Call)
    symbol = file.resolve_class(node.exc.func)
    return symbol is not None and file.project.hierarchy.inherits(symbol, *HTTP_EXCEPTIONS)


def _raised(node: ast.Raise, errors: Errors, file: SourceFile) -> Iterator[Report]:
    assert isinstance(node.exc, ast.Call)
    symbol = file.resolve_class(node.exc.func)
    assert symbol is not None
    if errors.handled & set(file.project.hierarchy.lineage(symbol).keys) or _is_caught(node, file):
        return
    name = ast.unparse(node.exc.func)
    yield file.report(
        node,
        f'`{name}` is answered as {{"detail": ...}}, outside the `{errors.key}` envelope',
        f"Raise an error of your own that a handler renders, or add\n@app.exception_handler({name})\n"
        f'    ... JSONResponse({{"{errors.key}": {{"code": ..., "message": ...}}}}, status_code=exc.status_code)',
    )


def _is_caught(node: ast.Raise, file: SourceFile) -> bool:
    """Whether a `try` around the statement handles exceptions."""
    below: ast.AST = node
    for above in file.ancestors(node):
        if isinstance(above, ast.Try) and below in above.body and any(_may_catch(one) for one in above.handlers):
            return True
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef):
            return False
        below = above
    return False


def _may_catch(handler: ast.ExceptHandler) -> bool:
    text = "" if handler.type is None else ast.unparse(handler.type)
    return not text or "HTTPException" in text or text in {"Exception", "BaseException"}


def _response(call: ast.Call, errors: Errors, file: SourceFile) -> Iterator[Report]:
    status = argument(call, "status_code", 1)
    code = status_code(status, file.scope(call)) if status is not None else None
    content = content_of(call)
    if code is None or code < FIRST_ERROR or not isinstance(content, ast.Dict):
        return
    symbol = file.resolve(call.func)
    answer = read_value(content, file.scope(call))
    told = entry(content, errors.key)
    if not isinstance(symbol, External) or answer.open or not answer.keys:
        return
    if told is None:
        what = "has {" + ", ".join(answer.keys) + "} where the others have `" + errors.key + "`"
    elif errors.nested and isinstance(told, ast.Constant | ast.JoinedStr):
        what = f"has a text under `{errors.key}`, where the others have an object"
    else:
        return
    yield file.report(
        content,
        f"this answer with status {code} {what}",
        f'{{"{errors.key}": {{"code": ..., "message": ...}}}}',
    )


def _returned(route: Route, errors: Errors, file: SourceFile) -> Iterator[Report]:
    """A text under the key of errors that a route returns like an answer."""
    handler = route.handler
    for value in handler.fact.returned if handler is not None and handler.path == file.path and errors.nested else ():
        told = entry(value.node, errors.key) if isinstance(value.node, ast.Dict) else None
        is_text = isinstance(told, ast.JoinedStr) or (isinstance(told, ast.Constant) and isinstance(told.value, str))
        if is_text or (isinstance(told, ast.Call) and last_name(told) == "str"):
            yield file.report(
                Place(file.path, *value[1:]),
                "this error is answered with status 200, and as a text where the others have an object",
                f'Raise an error that is rendered as\n{{"{errors.key}": {{"code": ..., "message": ...}}}}',
            )


def _exempt_lines(routes: list[Route], file: SourceFile) -> set[int]:
    """The lines of handlers whose shape others decide."""
    lines: set[int] = set()
    for route in routes:
        handler = route.handler
        if handler is not None and handler.path == file.path and is_exempt(file.project, route):
            lines.update(range(handler.fact.line, handler.fact.end_line + 1))
    return lines
