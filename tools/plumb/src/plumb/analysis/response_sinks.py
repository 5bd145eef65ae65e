"""The expressions of a file that become a response, or a part of one."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.functions import FUNCTIONS, returns_of, yields_of
from plumb.analysis.payloads import class_made
from plumb.analysis.response_fields import Shape, is_model, response_classes, shape_of_route, texts_read_of_objects
from plumb.index.extract import last_name
from plumb.index.models import model_of
from plumb.index.modules import ClassInfo, External, FunctionInfo
from plumb.index.routes import routes_in
from plumb.index.scope import argument, keyword
from plumb.walk import walk

if TYPE_CHECKING:
    from plumb.source import SourceFile

BODY_RESPONSES = frozenset({"JSONResponse", "ORJSONResponse", "UJSONResponse", "Response"})
STREAMS = frozenset({"StreamingResponse", "EventSourceResponse"})
PACKAGES = frozenset({"fastapi", "starlette", "sse_starlette"})
SERIALIZERS = frozenset({"field_serializer", "model_serializer", "serializer", "serialize", "computed_field"})
PROPERTIES = frozenset({"property", "cached_property", "hybrid_property"})
WEB_SOCKETS = frozenset({"fastapi.WebSocket", "starlette.websockets.WebSocket", "fastapi.websockets.WebSocket"})
ENCODERS = "json_encoders"


class Sink(NamedTuple):
    """`shape` is what a route declares to answer with, None if nothing validates it; `typed` if it gets datetimes.

    Not `certain` where only the name says that a response reads it.
    """

    value: ast.expr
    what: str
    shape: Shape | None = None
    typed: bool = False
    certain: bool = True


def sinks_in(file: "SourceFile") -> Iterator[Sink]:
    """Everything in *file* that is sent to a client."""
    yield from _routes(file)
    for call in file.nodes(ast.Call):
        yield from _call(call, file)
    for function in (*file.nodes(ast.FunctionDef), *file.nodes(ast.AsyncFunctionDef)):
        if any(last_name(one) in SERIALIZERS for one in function.decorator_list):
            yield from _serializer(function, file)
        elif any(last_name(one) in PROPERTIES for one in function.decorator_list):
            yield from _property(function, file)
    for node in file.nodes(ast.Assign):
        if any(getattr(target, "id", "") == ENCODERS for target in node.targets):
            yield from _encoders(node.value, file)


def _routes(file: "SourceFile") -> Iterator[Sink]:
    definitions = {(node.lineno, node.name): node for node in file.nodes(ast.FunctionDef)}
    definitions |= {(node.lineno, node.name): node for node in file.nodes(ast.AsyncFunctionDef)}
    for route in routes_in(file.project, file.path):
        handler = route.handler
        node = None if handler is None else definitions.get((handler.fact.line, handler.name))
        if node is None or handler is None or handler.path != file.path or "WEBSOCKET" in route.methods:
            continue
        shape = shape_of_route(file.project, route)
        for value in (*returns_of(node), *yields_of(node)):
            yield Sink(value, f"the response of `{node.name}`", None if _is_response(value) else shape)


def _is_response(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and last_name(node).endswith("Response")


def _call(call: ast.Call, file: "SourceFile") -> Iterator[Sink]:
    name = last_name(call.func)
    if name in BODY_RESPONSES or name in STREAMS or name == "HTTPException":
        yield from _external(call, name, file)
    elif name in {"send_json", "send_text"} and isinstance(call.func, ast.Attribute) and call.args:
        if _is_web_socket(call.func.value, file):
            yield Sink(call.args[0], "a message of the WebSocket")
    elif name in {"ConfigDict", "SettingsConfigDict"}:
        found = keyword(call, ENCODERS)
        if found is not None:
            yield from _encoders(found, file)
    elif name == "PlainSerializer" and call.args:
        yield from _function(call.args[0], file, "the serializer", typed=_is_of_datetime(call, file))
    elif name in {"dumps", "jsonable_encoder"}:
        yield from _dumped(call, file)
    elif call.keywords and (name[:1].isupper() or name == "cls"):
        yield from _model(call, file)


def _external(call: ast.Call, name: str, file: "SourceFile") -> Iterator[Sink]:
    symbol = file.resolve(call.func)
    if not isinstance(symbol, External) or symbol.package not in PACKAGES:
        return
    if name == "HTTPException":
        value, what = argument(call, "detail", 1), "the detail of an error"
    elif name in STREAMS:
        value, what = argument(call, "content", 0), "a stream"
    else:
        value, what = argument(call, "content", 0), f"a `{name}`"
    if value is not None:
        yield Sink(value, what)


def _is_web_socket(node: ast.expr, file: "SourceFile") -> bool:
    if not isinstance(node, ast.Name):
        return False
    for above in file.ancestors(node):
        if isinstance(above, FUNCTIONS):
            for one in above.args.args:
                if one.arg == node.id and one.annotation is not None:
                    symbol = file.resolve(one.annotation)
                    return isinstance(symbol, External) and symbol.key in WEB_SOCKETS
    return False


def _model(call: ast.Call, file: "SourceFile") -> Iterator[Sink]:
    """The construction of a model that some route answers with."""
    symbol = class_made(call, file)
    if symbol is not None and symbol.key in response_classes(file.project):
        yield Sink(call, f"a `{symbol.name}`, which is answered")


def _serializer(function: ast.FunctionDef | ast.AsyncFunctionDef, file: "SourceFile") -> Iterator[Sink]:
    around = file.parent(function)
    if not isinstance(around, ast.ClassDef):
        return
    known = is_model(file.project, file.class_info(around))
    for value in returns_of(function) if known else ():
        yield Sink(value, f"whatever `{around.name}` is serialised to")


def _property(function: ast.FunctionDef | ast.AsyncFunctionDef, file: "SourceFile") -> Iterator[Sink]:
    """What a table computes under the name of a text that a schema reads of objects."""
    owner = file.parent(function)
    if not isinstance(owner, ast.ClassDef) or function.name not in texts_read_of_objects(file.project):
        return
    for value in returns_of(function) if model_of(file.project, file.class_info(owner)) is not None else ():
        yield Sink(value, f"the response that reads `{owner.name}.{function.name}`", certain=False)


def _encoders(node: ast.expr, file: "SourceFile") -> Iterator[Sink]:
    """`{datetime: lambda value: value.isoformat()}`."""
    if not isinstance(node, ast.Dict):
        return
    for name, value in zip(node.keys, node.values, strict=True):
        symbol = None if name is None else file.resolve(name)
        if isinstance(symbol, External) and symbol.key == "datetime.datetime":
            yield from _function(value, file, "every datetime of the model", typed=True)


def _is_of_datetime(call: ast.Call, file: "SourceFile") -> bool:
    """Whether `Annotated[datetime, PlainSerializer(...)]` is around the call."""
    around = next((above for above in file.ancestors(call) if isinstance(above, ast.Subscript)), None)
    first = around.slice.elts[0] if around is not None and isinstance(around.slice, ast.Tuple) else None
    symbol = file.resolve(first) if isinstance(first, ast.Name | ast.Attribute) else None
    return isinstance(symbol, External) and symbol.key == "datetime.datetime"


def _dumped(call: ast.Call, file: "SourceFile") -> Iterator[Sink]:
    """How a response of the project's own turns its content into JSON, and an encoder for one kind of values."""
    custom = keyword(call, "custom_encoder")
    if custom is not None:
        yield from _encoders(custom, file)
    renders = any(isinstance(above, ast.ClassDef) and _renders(above) for above in file.ancestors(call))
    if not renders and not _is_answered(call, file):
        return
    what = "every response of the class" if renders else "a response"
    function, encoder = keyword(call, "default"), keyword(call, "cls")
    if function is not None:
        yield from _function(function, file, what)
    symbol = file.resolve(encoder) if encoder is not None else None
    if isinstance(symbol, ClassInfo) and symbol.path == file.path:
        for found in file.nodes(ast.FunctionDef):
            around = file.parent(found)
            if found.name == "default" and isinstance(around, ast.ClassDef) and around.lineno == symbol.line:
                yield from (Sink(value, what) for value in returns_of(found))


def _is_answered(call: ast.Call, file: "SourceFile") -> bool:
    """Whether `json.dumps()` is the content of a response, at once or through a variable."""
    above, function = file.parent(call), file.function_of(call)
    names = [one.id for one in above.targets if isinstance(one, ast.Name)] if isinstance(above, ast.Assign) else []
    for one in walk(function) if function is not None else ():
        if isinstance(one, ast.Call) and _is_response(one):
            given = [*one.args, *(word.value for word in one.keywords if word.arg == "content")]
            if any(part is call or (isinstance(part, ast.Name) and part.id in names) for part in given):
                return True
    return False


def _renders(owner: ast.ClassDef) -> bool:
    return any(last_name(base).endswith("Response") for base in owner.bases)


def _function(node: ast.expr, file: "SourceFile", what: str, *, typed: bool = False) -> Iterator[Sink]:
    if isinstance(node, ast.Lambda):
        yield Sink(node.body, what, typed=typed)
        return
    symbol = file.resolve(node)
    if isinstance(symbol, FunctionInfo) and symbol.path == file.path:
        for found in (*file.nodes(ast.FunctionDef), *file.nodes(ast.AsyncFunctionDef)):
            if (found.lineno, found.name) == (symbol.fact.line, symbol.name):
                yield from (Sink(value, what, typed=typed) for value in returns_of(found))
