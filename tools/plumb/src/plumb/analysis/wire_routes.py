"""What a route takes and answers: its parameters, and the shapes of body and answer."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.wire import ANY, Shape, shape_of
from plumb.index.facts import FunctionFact, Parameter
from plumb.index.modules import ClassInfo, External, FunctionInfo, ValueInfo
from plumb.index.names import dotted_name
from plumb.index.routers import inclusions
from plumb.index.routes import Route
from plumb.index.scope import Scope, argument, keyword

if TYPE_CHECKING:
    from plumb.project import Project

DEPTH = 6
MARKERS = frozenset({"Query", "Path", "Header", "Cookie", "Body", "Form", "File", "Depends", "Security"})
FRAMEWORK = frozenset(
    {"Request", "Response", "BackgroundTasks", "WebSocket", "HTTPConnection", "SecurityScopes", "UploadFile"}
)
RESHAPED = ("response_model_include", "response_model_exclude", "response_model_by_alias", "response_class")
SHORTENED = ("response_model_exclude_none", "response_model_exclude_unset", "response_model_exclude_defaults")


class Taken(NamedTuple):
    """A parameter: `where` is path, query, header, cookie, body or form."""

    name: str
    where: str
    shape: Shape
    required: bool


class Interface(NamedTuple):
    """`complete` unless some parameter could not be classed; `body` is None for a route that takes none."""

    taken: tuple[Taken, ...]
    complete: bool
    body: Shape | None
    answer: Shape
    shortened: bool

    def names(self, *where: str) -> dict[str, Taken]:
        """The parameters of these places by their names."""
        return {one.name: one for one in self.taken if one.where in where}


def interface(project: "Project", route: Route) -> Interface | None:
    """What *route* takes and answers; None when its function is not known."""
    if route.handler is None:
        return None
    return project.memo(("interface", route.place, route.path), lambda: _read(project, route))


def _read(project: "Project", route: Route) -> Interface | None:
    handler = route.handler
    assert handler is not None
    path = {part.partition(":")[0] for part in _path_names(route)}
    reader = _Parameters(project, path)
    reader.function(handler, DEPTH)
    for node, scope in _dependencies(project, route):
        reader.depends(node, None, scope, DEPTH)
    bodies = [one for one in reader.taken if one.where == "body"]
    body: Shape | None = None
    if bodies:
        body = bodies[0].shape if len(bodies) == 1 and not reader.embedded else ANY
    if any(one.where == "form" for one in reader.taken):
        body = ANY
    return Interface(tuple(reader.taken), reader.complete, body, _answer(project, route), _is_shortened(route))


def _path_names(route: Route) -> list[str]:
    full = f"{route.router.prefix}{route.path}"
    return [piece.partition("}")[0] for piece in full.split("{")[1:]]


def _answer(project: "Project", route: Route) -> Shape:
    handler = route.handler
    assert handler is not None
    if route.response_model_is_none or any(route.option(word) is not None for word in RESHAPED):
        return ANY
    if any(
        "Response(" in value.text and "[" not in value.text.partition("Response(")[0] for value in handler.fact.returned
    ):
        direct = [value.text.partition("(")[0].rpartition(".")[2] for value in handler.fact.returned]
        if any(
            name in {"JSONResponse", "ORJSONResponse", "Response", "StreamingResponse", "UJSONResponse"}
            for name in direct
        ):
            return ANY
    scope = route.scope if route.option("response_model") is not None else _home(project, handler)
    return shape_of(route.response_model, scope, sent=False)


def _home(project: "Project", handler: FunctionInfo) -> Scope:
    return Scope(project, handler.module, handler.fact.scope)


def _is_shortened(route: Route) -> bool:
    return any(route.option(word) is not None for word in SHORTENED)


def _dependencies(project: "Project", route: Route) -> Iterator[tuple[ast.Call, Scope]]:
    """What `dependencies=[Depends(...)]` adds, from the route up to the application."""
    yield from _listed(route.call, route.scope)
    seen: set[str] = set()
    routers = [route.router]
    while routers:
        router = routers.pop()
        if router.key in seen:
            continue
        seen.add(router.key)
        if router.call is not None and router.scope is not None:
            yield from _listed(router.call, router.scope)
        for one in inclusions(project):
            if one.child.key == router.key:
                yield from _listed(one.call, one.scope)
                routers.append(one.parent)


def _listed(call: ast.Call, scope: Scope) -> Iterator[tuple[ast.Call, Scope]]:
    node = keyword(call, "dependencies")
    for one in node.elts if isinstance(node, ast.List | ast.Tuple) else ():
        home, made = scope.value(one)
        if isinstance(made, ast.Call):
            yield made, home


class _Parameters:
    """Collects the parameters of a function and of the dependencies below it."""

    def __init__(self, project: "Project", path: set[str]) -> None:
        self.project = project
        self.path = path
        self.taken: list[Taken] = []
        self.complete = True
        self.embedded = False
        self.seen: set[str] = set()

    def function(self, function: FunctionInfo, depth: int, *, skip: int = 0) -> None:
        if function.key in self.seen:
            return
        self.seen.add(function.key)
        scope = _home(self.project, function)
        for parameter in _own(function.fact)[skip:]:
            if parameter.kind in {"args", "kwargs"} or not depth:
                self.complete = False
            else:
                self.parameter(parameter, scope, depth)

    def parameter(self, parameter: Parameter, scope: Scope, depth: int) -> None:
        node, markers = _unfolded(parameter.annotation.node if parameter.annotation else None, scope)
        default = parameter.default.node if parameter.default else None
        mark = _marker(default, scope) or next((one for one in markers if _marker(*one)), None)
        call, at = (default, scope) if isinstance(mark, str) else mark or (None, scope)
        kind = _marker(call, at) or ""
        where = node[0] if node else None
        home = node[1] if node else scope
        if kind in {"Depends", "Security"} and isinstance(call, ast.Call):
            self.depends(call, (where, home), at, depth)
            return
        shape = shape_of(where, home, sent=True)
        required = not _default_of(call) if parameter.default is None or call is default else False
        name = _alias(call, parameter.name, at)
        self.classed(Taken(name, kind.lower(), shape, required), where, home, call)

    def classed(self, taken: Taken, node: ast.expr | None, scope: Scope, call: ast.expr | None) -> None:
        if taken.name in self.path:
            self.taken.append(taken._replace(where="path"))
        elif taken.where == "query" and taken.shape.kind == "object":
            self.taken += [Taken(one.name, "query", one.shape, one.required) for one in taken.shape.members]
        elif taken.where in {"query", "header", "cookie", "body"}:
            if taken.where == "query" and isinstance(call, ast.Call) and _is_model(node, scope):
                self.complete = False
            if taken.where == "body" and isinstance(call, ast.Call):
                self.embedded = self.embedded or keyword(call, "embed") is not None or taken.shape.kind != "object"
            self.taken.append(taken)
        elif taken.where in {"form", "file"}:
            self.taken.append(taken._replace(where="form"))
        elif _last(node) in FRAMEWORK:
            return
        else:
            self.unmarked(taken)

    def unmarked(self, taken: Taken) -> None:
        kinds = _kinds(taken.shape)
        if _is_plain(taken.shape):
            self.taken.append(taken._replace(where="query"))
        elif kinds <= {"object", "list", "map"}:
            self.taken.append(taken._replace(where="body"))
        else:
            self.complete = False
            self.taken.append(taken._replace(where="body", shape=ANY))

    def depends(
        self, call: ast.Call, annotated: tuple[ast.expr | None, Scope] | None, scope: Scope, depth: int
    ) -> None:
        node = argument(call, "dependency", 0)
        if node is None and annotated is not None:
            node, scope = annotated
        target = scope.resolve(node) if node is not None and not isinstance(node, ast.Call) else None
        if isinstance(target, FunctionInfo) and depth:
            self.function(target, depth - 1)
        elif isinstance(target, ClassInfo) and depth:
            self.class_(target, shape_of(node, scope, sent=True), depth - 1)
        elif not (isinstance(target, ValueInfo) and _is_security(target, self.project)) and not (
            isinstance(target, External) and target.package == "fastapi"
        ):
            self.complete = False

    def class_(self, target: ClassInfo, shape: Shape, depth: int) -> None:
        made = target.module.function(f"{target.qualname}.__init__")
        if made is not None:
            self.function(made, depth)
        elif shape.kind == "object" and all(_is_plain(one.shape) for one in shape.members):
            self.taken += [Taken(one.name, "query", one.shape, one.required) for one in shape.members]
        else:
            self.complete = False


def _kinds(shape: Shape) -> set[str]:
    return {one.kind for one in shape.parts} - {"null"} if shape.kind == "union" else {shape.kind}


def _is_plain(shape: Shape) -> bool:
    """Whether a parameter of this shape is one of the query, unless it says otherwise."""
    return bool(_kinds(shape)) and _kinds(shape) <= {"text", "integer", "number", "boolean", "choice"}


def _own(fact: FunctionFact) -> tuple[Parameter, ...]:
    return fact.parameters[1:] if fact.owner else fact.parameters


def _unfolded(
    node: ast.expr | None, scope: Scope
) -> tuple[tuple[ast.expr, Scope] | None, list[tuple[ast.expr, Scope]]]:
    """The type inside `Annotated`, aliases followed, and what stands beside it."""
    markers: list[tuple[ast.expr, Scope]] = []
    for _ in range(DEPTH):
        if isinstance(node, ast.Name | ast.Attribute):
            symbol = scope.resolve(node)
            if not isinstance(symbol, ValueInfo):
                break
            node, scope = symbol.assignment.value.node, Scope(scope.project, symbol.module)
        elif isinstance(node, ast.Subscript) and dotted_name(node.value).rpartition(".")[2] == "Annotated":
            inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            markers += [(one, scope) for one in inner[1:]]
            node = inner[0]
        else:
            break
    return (None if node is None else (node, scope)), markers


def _marker(node: ast.expr | None, scope: Scope) -> str:
    symbol = scope.resolve(node.func) if isinstance(node, ast.Call) else None
    name = symbol.name if isinstance(symbol, External) and symbol.package == "fastapi" else ""
    return name if name in MARKERS else ""


def _default_of(call: ast.expr | None) -> bool:
    """Whether `Query(...)` has a default."""
    if not isinstance(call, ast.Call):
        return False
    given = argument(call, "default", 0)
    return keyword(call, "default_factory") is not None or (
        given is not None and not (isinstance(given, ast.Constant) and given.value is ...)
    )


def _alias(call: ast.expr | None, name: str, scope: Scope) -> str:
    alias = scope.literal(keyword(call, "alias")) if isinstance(call, ast.Call) else None
    return alias if isinstance(alias, str) else name


def _is_model(node: ast.expr | None, scope: Scope) -> bool:
    return node is not None and isinstance(scope.resolve(node), ClassInfo)


def _is_security(value: ValueInfo, project: "Project") -> bool:
    """Whether a value is one of FastAPI's security schemes, which take headers or cookies only."""
    node = value.assignment.value.node
    symbol = Scope(project, value.module).resolve(node.func) if isinstance(node, ast.Call) else None
    return isinstance(symbol, External) and symbol.package == "fastapi" and symbol.name != "APIKeyQuery"


def _last(node: ast.expr | None) -> str:
    return dotted_name(node).rpartition(".")[2] if node is not None else ""
