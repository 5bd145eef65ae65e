"""The error envelope of a code base, and whether its exception handlers put `HTTPException` into it."""

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.answers import content_of, fields_of, read_type
from plumb.analysis.local_values import value_of_local
from plumb.index.extract import last_name
from plumb.index.modules import ClassInfo, External, FunctionInfo, Module, Symbol
from plumb.index.scope import Scope, argument, entry, keyword
from plumb.rule import Option
from plumb.views import view

if TYPE_CHECKING:
    from plumb.project import Project

ERROR_KEY = Option("error-key", "error", "the key under which an error answer carries its error")
HTTP_EXCEPTIONS = ("starlette.exceptions.HTTPException", "fastapi.exceptions.HTTPException", "fastapi.HTTPException")
_DEPTH = 3
_NAMES = re.compile(r"Error|Fail|Fault|Problem")


class Handler(NamedTuple):
    """An exception handler; `exception` is None where it is registered for something that cannot be read."""

    exception: Symbol | None
    function: Symbol | None
    line: int


class Errors(NamedTuple):
    """`nested`: the key holds an object; `handled`: the exceptions with a handler; `reshapes`: others may have one."""

    key: str
    nested: bool
    reshapes: bool
    handled: frozenset[str]


@view
def errors_of(project: "Project") -> Errors | None:
    """The error envelope; None when the code base has none."""
    key = project.config.text("error-key")
    handlers = list(_handlers(project))
    functions = [one.function for one in handlers if isinstance(one.function, FunctionInfo)]
    keyed = [one for one in functions if _answers_with(project, one, key)]
    others = [one for one in functions if one not in keyed and _answers_with(project, one, "detail")]
    nested = _has_class(project, key)
    if len(others) > len(keyed) or not (keyed or nested):
        return None
    hierarchy = project.hierarchy
    unknown = any(not isinstance(one.exception, ClassInfo | External) for one in handlers)
    named = [one.exception for one in handlers if isinstance(one.exception, ClassInfo | External)]
    handled = frozenset(hierarchy.identity(one) for one in named)
    nested = nested or any(_holds_object(one, key) for one in keyed)
    return Errors(key, nested, unknown or _middleware_may(project), handled)


def _holds_object(function: FunctionInfo, key: str) -> bool:
    """Whether the handler itself writes an object under *key*."""
    found = (entry(content_of(one.node), key) for one in function.fact.returned if isinstance(one.node, ast.Call))
    return any(isinstance(one, ast.Dict) for one in found)


def _handlers(project: "Project") -> Iterator[Handler]:
    for module in project.modules():
        if project.kind(module.path) == "app":
            yield from _decorated(project, module)
            yield from _registered(project, module)


def _decorated(project: "Project", module: Module) -> Iterator[Handler]:
    for function in module.facts.functions:
        for decorator in function.decorators:
            if "exception_handler" in decorator.text and isinstance(decorator.node, ast.Call) and decorator.node.args:
                scope = Scope(project, module, function.scope)
                caught = decorator.node.args[0]
                yield Handler(scope.resolve(caught), FunctionInfo(module, function), decorator.line)


def _registered(project: "Project", module: Module) -> Iterator[Handler]:
    for call in module.facts.calls:
        if call.function == "add_exception_handler" and isinstance(call.expression.node, ast.Call):
            scope = Scope(project, module, call.scope)
            caught = argument(call.expression.node, "exc_class_or_status_code", 0)
            function = argument(call.expression.node, "handler", 1)
            yield Handler(
                scope.resolve(caught) if caught is not None else None,
                scope.resolve(function) if function is not None else None,
                call.expression.line,
            )
    for assignment in module.facts.assignments:
        node = assignment.value.node
        given = keyword(node, "exception_handlers") if isinstance(node, ast.Call) else None
        if given is None:
            continue
        scope = Scope(project, module, assignment.scope)
        home, table = scope.value(given)
        if not isinstance(table, ast.Dict):
            yield Handler(None, None, assignment.line)
            continue
        for caught, function in zip(table.keys, table.values, strict=True):
            symbol = home.resolve(caught) if caught is not None else None
            yield Handler(symbol, home.resolve(function), assignment.line)


def _answers_with(project: "Project", function: FunctionInfo, key: str, depth: int = _DEPTH) -> bool:
    """Whether what the function returns is, or carries, an object with *key*."""
    scope = Scope(project, function.module, function.fact.qualname)
    for value in function.fact.returned:
        node = value.node.value if isinstance(value.node, ast.Await) else value.node
        if not isinstance(node, ast.Call | ast.Dict):
            continue
        content = content_of(node) if isinstance(node, ast.Call) and last_name(node).endswith("Response") else node
        names = (
            {one.id for one in ast.walk(content) if isinstance(one, ast.Name)} if content is not None else set[str]()
        )
        held = [value_of_local(project, function, name) for name in sorted(names)]
        if any(one is not None and _carries(project, one, scope, key, depth) for one in [content, *held]):
            return True
        called = scope.resolve(node.func) if isinstance(node, ast.Call) else None
        if isinstance(called, FunctionInfo) and depth and _answers_with(project, called, key, depth - 1):
            return True
    return False


def _carries(project: "Project", content: ast.expr, scope: Scope, key: str, depth: int) -> bool:
    if entry(content, key) is not None:
        return True
    for part in ast.walk(content):
        if isinstance(part, ast.Call):
            made = read_type(part.func, scope).symbol
            if isinstance(made, ClassInfo) and key in (fields_of(project, made) or ()):
                return True
            if isinstance(made, FunctionInfo) and depth and _answers_with(project, made, key, 0):
                return True
    return False


def _has_class(project: "Project", key: str) -> bool:
    """Whether a class is an error envelope by its fields: *key*, holding a code and a message."""
    for module in project.modules():
        if project.kind(module.path) != "app":
            continue
        for owner in module.classes():
            field = owner.field(key) if _NAMES.search(owner.name) else None
            if field is None or field.annotation is None:
                continue
            inner = read_type(field.annotation.node, Scope.of_class(project, owner)).symbol
            if isinstance(inner, ClassInfo) and {"code", "message"} <= set(fields_of(project, inner) or ()):
                return True
    return False


def _middleware_may(project: "Project") -> bool:
    """Whether a middleware is there whose name says that it deals with errors."""
    calls = (
        call.expression.text
        for module in project.modules()
        if project.kind(module.path) == "app"
        for call in module.facts.calls
        if call.function == "add_middleware"
    )
    return any(word in text for text in calls for word in ("Envelope", "Exception", "ErrorHand"))
