"""What a route answers: a model, a list, a dict or something that is no JSON, from its declaration or its returns."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.local_values import value_of_local, values_of_local
from plumb.findings import Place
from plumb.index.extract import last_name
from plumb.index.facts import Expr, FieldFact, parse_expression
from plumb.index.modules import ClassInfo, External, FunctionInfo, Symbol, ValueInfo
from plumb.index.routes import Route, status_code
from plumb.index.scope import DEPTH, Scope, argument

if TYPE_CHECKING:
    from plumb.project import Project

PYDANTIC = ("pydantic.main.BaseModel", "sqlmodel.main.SQLModel", "pydantic.generics.GenericModel")
ROOT_MODELS = ("pydantic.RootModel", "pydantic.root_model.RootModel")
RESPONSES = ("starlette.responses.Response", "fastapi.Response", "fastapi.responses.Response")
LISTS = frozenset({"list", "List", "Sequence", "set", "Set", "frozenset", "tuple", "Tuple", "Iterable", "Collection"})
DICTS = frozenset({"dict", "Dict", "Mapping", "MutableMapping", "OrderedDict", "defaultdict", "DefaultDict"})
STREAMS = frozenset({"AsyncIterable", "AsyncIterator", "AsyncGenerator", "Iterator", "Generator"})
SCALARS = frozenset({"str", "int", "float", "bool"})
JSON_RESPONSES = frozenset({"JSONResponse", "ORJSONResponse", "UJSONResponse"})
OK = 200
SUCCESSES = range(200, 300)
DUMPS = frozenset({"model_dump", "dict"})
MAKERS = frozenset({"of", "model_validate", "from_orm", "parse_obj", "model_construct", "construct", "create"})


class Answer(NamedTuple):
    """`kind` is model, list, dict, any, scalar, nothing, other (no JSON) or "" when it cannot be read.

    `keys` are those of a dict display, `open` if it holds `**`; `arguments` the types in the brackets of a generic.
    """

    kind: str
    symbol: Symbol | None = None
    text: str = ""
    keys: tuple[str, ...] = ()
    node: ast.expr | None = None
    scope: Scope | None = None
    arguments: tuple[ast.expr, ...] = ()
    open: bool = False


UNKNOWN = Answer("")
OTHER = Answer("other")
NOTHING = Answer("nothing")


class Given(NamedTuple):
    """One answer with the place that says it; `declared` if it comes from an annotation and not from a `return`."""

    answer: Answer
    place: Place
    declared: bool


def answers_of(project: "Project", route: Route) -> list[Given]:
    """What the route is declared to answer; where nothing is declared, what its `return` statements give."""
    return project.memo(("answers", route.place, route.path), lambda: list(_answers(project, route)))


def fields_of(project: "Project", owner: ClassInfo) -> dict[str, tuple[ClassInfo, FieldFact]] | None:
    """The fields of a schema, inherited ones too; None when it is no schema or a base is unknown."""
    lineage = project.hierarchy.lineage(owner)
    if not is_schema(project, owner) or not lineage.complete:
        return None
    found: dict[str, tuple[ClassInfo, FieldFact]] = {}
    for known in reversed(lineage.classes):
        if known.module.library:
            continue
        for field in known.fact.fields:
            if field.annotation is not None and "ClassVar" not in field.annotation.text and field.name[0] != "_":
                found[field.name] = (known, field)
    found.pop("model_config", None)
    return found


def is_schema(project: "Project", symbol: Symbol | None) -> bool:
    """Whether a class is a model of Pydantic or SQLModel."""
    return isinstance(symbol, ClassInfo) and project.hierarchy.inherits(symbol, *PYDANTIC)


def read_type(node: ast.expr | None, scope: Scope, depth: int = DEPTH) -> Answer:
    """The answer an annotation describes."""
    if node is None or not depth:
        return UNKNOWN
    if isinstance(node, ast.Constant):
        return _constant_type(node, scope, depth)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _union([node.left, node.right], scope, depth)
    if isinstance(node, ast.Subscript):
        return _subscript(node, scope, depth)
    symbol = scope.resolve(node)
    if isinstance(symbol, ValueInfo) and isinstance(symbol.assignment.value.node, ast.Subscript | ast.BinOp):
        return read_type(symbol.assignment.value.node, Scope(scope.project, symbol.module), depth - 1)
    return _of_symbol(symbol, node, scope)


def read_value(node: ast.expr, scope: Scope, depth: int = DEPTH) -> Answer:
    """The answer that a returned expression is."""
    if isinstance(node, ast.Constant) and node.value is None:
        return NOTHING
    if isinstance(node, ast.Dict):
        named = [key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
        return Answer("dict", None, "dict", tuple(named), node, scope, open=len(named) < len(node.keys))
    if isinstance(node, ast.List | ast.ListComp):
        return Answer("list", None, "list", (), node, scope)
    if isinstance(node, ast.Constant | ast.JoinedStr):
        return Answer("scalar", None, "constant", (), node, scope)
    if isinstance(node, ast.Name) and depth:
        return _named(node, scope, depth - 1)
    return _made(node, scope, depth - 1) if isinstance(node, ast.Call) and depth else UNKNOWN


def content_of(call: ast.Call) -> ast.expr | None:
    """What a `JSONResponse(...)` carries, through `jsonable_encoder(...)`."""
    found = argument(call, "content", 0)
    if isinstance(found, ast.Call) and last_name(found) == "jsonable_encoder":
        return argument(found, "obj", 0)
    return found


def returned(project: "Project", function: FunctionInfo) -> Iterator[tuple[ast.expr, Place, Scope]]:
    """The values a function returns, plain local variables replaced by what they were assigned."""
    scope = Scope(project, function.module, function.fact.qualname)
    for value in function.fact.returned:
        place = Place(function.path, *value[1:])
        node = value.node
        if isinstance(node, ast.Name):
            node = value_of_local(project, function, node.id) or node
        yield node, place, scope


def _answers(project: "Project", route: Route) -> Iterator[Given]:
    declared = _declared(route)
    if declared is not None:
        parts = [read_type(one, declared[1]) for one in _parts(declared[0])]
        real = [one for one in parts if one.kind not in {"nothing", "other"}]
        answers = real if len(real) > 1 else [read_type(declared[0], declared[1])]
        if answers[0].kind != "other" or "JSON" not in answers[0].text:
            yield from (Given(answer, declared[2], declared=True) for answer in answers)
            yield from _past_the_declaration(project, route)
            return
    given = route.option("response_class")
    if given is not None and "JSON" not in last_name(given):
        yield Given(OTHER, route.place, declared=True)
        return
    if route.handler is None:
        return
    if route.handler.fact.is_generator:
        yield Given(OTHER, route.place, declared=True)
    for node, place, scope in returned(project, route.handler):
        yield Given(read_value(node, scope), place, declared=False)


def _parts(node: ast.expr) -> list[ast.expr]:
    """The sides of a union, others as they are."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_parts(node.left), *_parts(node.right)]
    if isinstance(node, ast.Subscript) and last_name(node.value) == "Union" and isinstance(node.slice, ast.Tuple):
        return node.slice.elts
    return [node]


def _past_the_declaration(project: "Project", route: Route) -> Iterator[Given]:
    """Responses that the route makes by hand of what is written out, which nothing compares with its declaration."""
    for node, place, scope in returned(project, route.handler) if route.handler is not None else ():
        if isinstance(node, ast.Call) and last_name(node) in JSON_RESPONSES and isinstance(content_of(node), ast.Dict):
            answer = read_value(node, scope)
            if answer.kind == "dict":
                yield Given(answer, place, declared=False)


def _declared(route: Route) -> tuple[ast.expr, Scope, Place] | None:
    model = route.option("response_model")
    if model is not None and not (isinstance(model, ast.Constant) and model.value is None):
        return model, route.scope, route.place
    if route.handler is None or route.handler.fact.returns is None or model is not None:
        return None
    returns: Expr = route.handler.fact.returns
    home = Scope(route.scope.project, route.handler.module, route.handler.fact.scope)
    return returns.node, home, Place(route.handler.path, *returns[1:])


def _constant_type(node: ast.Constant, scope: Scope, depth: int) -> Answer:
    if node.value is None:
        return NOTHING
    if not isinstance(node.value, str):
        return UNKNOWN
    try:
        return read_type(parse_expression(node.value), scope, depth - 1)
    except SyntaxError:
        return UNKNOWN


def _subscript(node: ast.Subscript, scope: Scope, depth: int) -> Answer:
    outer = last_name(node.value)
    inner = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    if outer in {"Annotated", "Optional"}:
        return read_type(inner[0], scope, depth - 1)
    if outer == "Union":
        return _union(inner, scope, depth)
    if outer in STREAMS:
        return OTHER
    return _of_symbol(scope.resolve(node.value), node, scope)._replace(arguments=tuple(inner))


def _union(parts: list[ast.expr], scope: Scope, depth: int) -> Answer:
    """What all parts but None and responses agree on in kind; unknown if they do not."""
    found = [read_type(part, scope, depth - 1) for part in parts]
    real = [one for one in found if one.kind not in {"nothing", "other"}]
    if not real:
        return next((one for one in found if one.kind == "other"), NOTHING)
    return real[0] if len(real) == 1 else UNKNOWN


def _of_symbol(symbol: Symbol | None, node: ast.expr, scope: Scope) -> Answer:
    text = ast.unparse(node)
    known = Answer("", symbol, text, (), node, scope)
    if isinstance(symbol, External):
        return known._replace(kind=_external_kind(symbol))
    if not isinstance(symbol, ClassInfo):
        return known
    hierarchy = scope.project.hierarchy
    outside = (key for key in hierarchy.lineage(symbol).keys if "::" not in key)
    if hierarchy.inherits(symbol, *RESPONSES) or any("responses." in key for key in outside):
        return known._replace(kind="other")
    if hierarchy.inherits(symbol, *ROOT_MODELS):
        return known
    if is_schema(scope.project, symbol):
        return known._replace(kind="model")
    return known


def _external_kind(symbol: External) -> str:
    if symbol.package == "builtins" and symbol.name in SCALARS:
        return "scalar"
    if symbol.name in DICTS:
        return "dict"
    if symbol.name in LISTS:
        return "list"
    if symbol.key in {"typing.Any", "builtins.object"}:
        return "any"
    return "other" if symbol.package in {"fastapi", "starlette", "sse_starlette"} else ""


def _named(node: ast.Name, scope: Scope, depth: int) -> Answer:
    """What a local variable was set to, or a parameter that keeps what it was given."""
    function = scope.module.function(scope.name)
    values = None if function is None else values_of_local(scope.project, function, node.id)
    if function is None or values is None:
        return UNKNOWN
    if values:
        return read_value(values[0], scope, depth) if len(values) == 1 else UNKNOWN
    given = next((one for one in function.fact.parameters if one.name == node.id), None)
    home = Scope(scope.project, function.module, function.fact.scope)
    said = read_type(given.annotation.node, home) if given is not None and given.annotation is not None else UNKNOWN
    return said if said.kind == "model" else UNKNOWN


def _made(call: ast.Call, scope: Scope, depth: int) -> Answer:
    """A response object, or a model that is built by its class or one of its constructors, dumped or not."""
    name = last_name(call)
    if name in DUMPS and isinstance(call.func, ast.Attribute):
        return read_value(call.func.value, scope, depth)
    if name in JSON_RESPONSES:
        content = content_of(call)
        status = argument(call, "status_code", 1)
        code = OK if status is None else status_code(status, scope)
        return OTHER if content is None or code not in SUCCESSES else read_value(content, scope, depth)
    maker = call.func
    if isinstance(maker, ast.Attribute) and maker.attr in MAKERS:
        maker = maker.value
    found = read_type(maker, scope)
    known = found.kind in {"model", "other"} or (found.kind == "" and isinstance(found.symbol, External))
    return found._replace(node=call) if known else UNKNOWN
