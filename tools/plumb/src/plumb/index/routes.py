"""The routes of a project: method, path, handler and what decorator and signature say of the response."""

import ast
from collections.abc import Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from plumb.findings import Place
from plumb.index.facts import Expr, FunctionFact
from plumb.index.modules import FunctionInfo, Module
from plumb.index.routers import Router, is_hidden, prefixes, router_of, text_of
from plumb.index.scope import Literal, Scope, argument, keyword
from plumb.views import view

if TYPE_CHECKING:
    from plumb.project import Project

METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace"})
OTHER = frozenset({"api_route", "websocket"})
_HTTP_STATUS = {status.name: status.value for status in HTTPStatus}


class Route(NamedTuple):
    """`call` is the decorator or the `add_api_route` call; `path` starts at the router; WEBSOCKET is a method, too."""

    methods: tuple[str, ...]
    path: str
    router: Router
    handler: FunctionInfo | None
    call: ast.Call
    scope: Scope
    place: Place

    def option(self, name: str) -> ast.expr | None:
        """A keyword of the decorator, such as `response_model`, to be read in `scope`."""
        return keyword(self.call, name)

    @property
    def response_model(self) -> ast.expr | None:
        """What the response is declared to be: `response_model`, else the return annotation, to be read in `scope`."""
        given = self.option("response_model")
        if given is not None:
            return given
        returns = self.handler.fact.returns if self.handler is not None else None
        return None if returns is None else returns.node

    @property
    def response_model_is_none(self) -> bool:
        """Whether `response_model=None` switches validation off."""
        given = self.option("response_model")
        return isinstance(given, ast.Constant) and given.value is None

    @property
    def status(self) -> int | None:
        """The status of a success: 200 by default, None when it cannot be read."""
        given = self.option("status_code")
        return 200 if given is None else status_code(given, self.scope)

    @property
    def in_schema(self) -> bool:
        """Whether the decorator itself leaves the route in the schema."""
        given = self.option("include_in_schema")
        return not (isinstance(given, ast.Constant) and given.value is False)


def routes_in(project: "Project", path: str) -> list[Route]:
    """The routes that a file declares."""
    return project.memo(("routes", path), lambda: list(_declared(project, project.module(path))))


@view
def all_routes(project: "Project") -> list[Route]:
    """Every route outside tests, file by file."""
    return list(_everywhere(project))


def full_paths(project: "Project", route: Route, *, shown: bool = False) -> tuple[str, ...]:
    """Where the application serves a route, through all routers; empty when none is known to include it.

    Only those *shown* leaves out what routers keep out of the schema.
    """
    return tuple(f"{prefix}{route.path}" for prefix in prefixes(project, route.router, shown=shown))


def is_public(project: "Project", route: Route) -> bool:
    """Whether the route appears in the OpenAPI schema."""
    return route.in_schema and not is_hidden(project, route.router)


def status_code(node: ast.expr, scope: Scope) -> int | None:
    """`201`, `status.HTTP_201_CREATED` or `HTTPStatus.CREATED` as a number."""
    literal: Literal = scope.literal(node)
    if isinstance(literal, int):
        return literal
    name = node.attr if isinstance(node, ast.Attribute) else ""
    if name.startswith("HTTP_") and name[5:8].isdigit():
        return int(name[5:8])
    return _HTTP_STATUS.get(name)


def _everywhere(project: "Project") -> Iterator[Route]:
    for module in project.modules():
        if project.kind(module.path) == "app":
            yield from routes_in(project, module.path)


def _declared(project: "Project", module: Module) -> Iterator[Route]:
    for fact in module.facts.functions:
        for decorator in fact.decorators:
            route = _decorated(project, module, fact, decorator)
            if route is not None:
                yield route
    for call in module.facts.calls:
        if call.function == "add_api_route":
            route = _added(Scope(project, module, call.scope), call.expression)
            if route is not None:
                yield route


def _decorated(project: "Project", module: Module, fact: FunctionFact, decorator: Expr) -> Route | None:
    call = decorator.node
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return None
    name = call.func.attr
    if name not in METHODS and name not in OTHER:
        return None
    scope = Scope(project, module, fact.scope)
    router = router_of(call.func.value, scope)
    if router is None:
        return None
    path = text_of(argument(call, "path", 0), scope)
    place = _place(module, decorator)
    return Route(_methods(name, call, scope), path, router, FunctionInfo(module, fact), call, scope, place)


def _added(scope: Scope, expression: Expr) -> Route | None:
    call = expression.node
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return None
    router = router_of(call.func.value, scope)
    endpoint = argument(call, "endpoint", 1)
    handler = scope.resolve(endpoint) if endpoint is not None else None
    if router is None:
        return None
    known = handler if isinstance(handler, FunctionInfo) else None
    path = text_of(argument(call, "path", 0), scope)
    return Route(_methods("api_route", call, scope), path, router, known, call, scope, _place(scope.module, expression))


def _methods(name: str, call: ast.Call, scope: Scope) -> tuple[str, ...]:
    if name in METHODS or name == "websocket":
        return (name.upper(),)
    given = keyword(call, "methods")
    if not isinstance(given, ast.List | ast.Tuple | ast.Set):
        return ("GET",) if given is None else ()
    return tuple(str(scope.literal(one)).upper() for one in given.elts)


def _place(module: Module, expression: Expr) -> Place:
    return Place(module.path, *expression[1:])
