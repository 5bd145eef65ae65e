"""PB3xx: answers outside their envelope."""

import ast
import re
from collections.abc import Iterator

from mutations.mutants import Edits, operator
from mutations.places import ROUTERS, SERVICES, calls, enveloped, routes
from mutations.source import Source

BASE = "backend/src/schemas/base.py"
ERRORS = "backend/src/errors.py"
RENDERER = "backend/src/api/errors.py"
DATABASE = "backend/src/db.py"


@operator("PB301", "an object is answered bare", ROUTERS)
def unwrapped(source: Source) -> Iterator[Edits]:
    for found in enveloped(source):
        inner, value = source.text_of(found.inner), source.text_of(found.value)
        listing = found.envelope == "PaginatedResponse"
        assert found.route.function.returns
        yield [
            source.replace(found.route.function.returns, f"list[{inner}]" if listing else inner),
            source.replace(found.answer, f"return ({value}).items" if listing else f"return {value}"),
        ]


@operator("PB302", "an envelope is a dict", ROUTERS)
def dict_envelope(source: Source) -> Iterator[Edits]:
    for found in enveloped(source):
        assert found.route.function.returns
        yield [
            source.replace(found.route.function.returns, "dict"),
            source.replace(found.answer, f'return {{"data": {source.text_of(found.value)}}}'),
        ]


@operator("PB302", "an envelope does not say what is in it", ROUTERS)
def untyped_envelope(source: Source) -> Iterator[Edits]:
    for found in enveloped(source):
        assert found.route.function.returns
        yield [
            source.replace(found.route.function.returns, found.envelope),
            source.replace(found.answer, f"return {found.envelope}.of({source.text_of(found.value)})"),
        ]


@operator("PB303", "the page calls its pagination meta", BASE)
def pagination_renamed(source: Source) -> Iterator[Edits]:
    yield [
        source.replace_text("    pagination: Pagination", "    meta: Pagination"),
        source.replace_text('"pagination": page', '"meta": page'),
    ]


@operator("PB303", "the pagination lacks a field", BASE)
def pagination_shortened(source: Source) -> Iterator[Edits]:
    for owner in source.walk(ast.ClassDef):
        if owner.name == "Pagination":
            for node in owner.body:
                yield [source.remove(node)]


@operator("PB304", "an error is FastAPI's own", ROUTERS, SERVICES)
def http_exception(source: Source) -> Iterator[Edits]:
    """`HTTPException` with the status of our error takes its place.

    The application's handler puts it into the envelope, so that only the code and the message are lost: the linter
    forbids the import.
    """
    tree = source.repository.source(ERRORS).text
    status = dict(re.findall(r"^ *(\w+) +(\d{3}) [A-Z_]+$", tree, re.MULTILINE))
    for node in source.walk(ast.Raise):
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        if isinstance(raised, ast.Name) and raised.id in status and node.exc:
            yield [
                source.replace(node.exc, f'HTTPException({status[raised.id]}, "{raised.id}")'),
                source.with_import("from fastapi import HTTPException"),
            ]


@operator("PB304", "an error has another envelope", RENDERER)
def other_error_envelope(source: Source) -> Iterator[Edits]:
    """The error is answered bare."""
    yield [source.replace_text("ErrorResponse(error=body).model_dump_json()", "body.model_dump_json()")]


@operator("PB304", "the framework's errors are left as they are", RENDERER)
def handler_dropped(source: Source) -> Iterator[Edits]:
    """No handler reshapes `HTTPException`, nor the errors of validation."""
    for line in ("    HTTPException: http_error,\n", "    RequestValidationError: validation_error,\n"):
        yield [source.replace_text(line, "")]


@operator("PB305", "a 204 has a body", ROUTERS, tested=False)
def body_on_204(source: Source) -> Iterator[Edits]:
    """A value is returned and nothing is declared. No test can see it: FastAPI drops the value."""
    for route in routes(source):
        if route.status == "204":
            yield [source.after(route.function.body[-1], 'return {"done": True}')]


@operator("PB305", "a 204 declares a body", ROUTERS)
def model_on_204(source: Source) -> Iterator[Edits]:
    for route in routes(source):
        if route.status == "204":
            assert route.function.returns
            yield [
                source.replace(route.function.returns, "dict[str, bool]"),
                source.after(route.function.body[-1], 'return {"done": True}'),
            ]


@operator("PB306", "a listing has no limit", DATABASE)
def unlimited(source: Source) -> Iterator[Edits]:
    for function in source.walk(ast.AsyncFunctionDef):
        for call in calls(source, "limit", within=function):
            if function.name == "fetch_page" and isinstance(call.func, ast.Attribute):
                yield [source.replace(call, source.text_of(call.func.value))]


@operator("PB306", "a client may ask for any number of rows", BASE)
def unbounded_limit(source: Source) -> Iterator[Edits]:
    yield [source.replace_text(", le=100", "")]
