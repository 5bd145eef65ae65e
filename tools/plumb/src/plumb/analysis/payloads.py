"""Follows a value back to the expressions it is made of: literals, variables, functions of the project."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.functions import (
    FUNCTIONS,
    enclosing,
    parameter_of,
    parameters,
    returns_of,
    source_of,
    uses,
    yields_of,
)
from plumb.analysis.reaching import reaching
from plumb.analysis.receivers import method_called
from plumb.index.modules import ClassInfo, External, FunctionInfo

if TYPE_CHECKING:
    from plumb.source import FunctionNode, SourceFile

CALLS = 3
STEPS = 400
THROUGH = frozenset(
    {
        *("builtins.dict", "builtins.list", "builtins.tuple", "builtins.sorted", "builtins.reversed", "json.dumps"),
        *("orjson.dumps", "ujson.dumps", "fastapi.encoders.jsonable_encoder", "typing.cast", "copy.copy"),
        *("copy.deepcopy", "collections.OrderedDict", "builtins.next", "builtins.bytes"),
    }
)
THROUGH_METHODS = frozenset(
    {
        *("encode", "decode", "values", "items", "copy", "join"),
        *("model_validate", "parse_obj", "model_dump", "model_dump_json"),
    }
)
BUILTIN_STR = "builtins.str"


class Part(NamedTuple):
    """An expression a value is made of, in its file, and the key it stands under ("" if it stands alone)."""

    node: ast.expr
    file: "SourceFile"
    key: str
    through: tuple[ClassInfo, ...]


class Frame(NamedTuple):
    """A call that is being followed: the arguments by parameter, to be read in the caller's frame."""

    arguments: dict[str, ast.expr]
    file: "SourceFile"
    above: "Frame | None"


class At(NamedTuple):
    """Where an expression is met: in which file and call, under which key, inside the construction of which classes."""

    file: "SourceFile"
    key: str = ""
    frame: Frame | None = None
    depth: int = CALLS
    through: tuple[ClassInfo, ...] = ()


def class_made(call: ast.Call, file: "SourceFile") -> ClassInfo | None:
    """The class of the project that *call* makes an object of, also where a class method says `cls(...)`."""
    symbol = file.resolve(call.func)
    if isinstance(symbol, ClassInfo):
        return symbol
    if not isinstance(call.func, ast.Name) or call.func.id != "cls":
        return None
    method = next((above for above in file.ancestors(call) if isinstance(above, FUNCTIONS)), None)
    around = None if method is None else file.parent(method)
    return file.class_info(around) if isinstance(around, ast.ClassDef) else None


class Tracer:
    """One walk from one value; every expression is visited once."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, int, int, int, str]] = set()

    def parts(
        self,
        node: ast.expr,
        at: "At",
    ) -> Iterator[Part]:
        """The calls that *node* is made of in the end, each with its key."""
        mark = (at.file.path, node.lineno, node.col_offset, node.end_col_offset or 0, at.key)
        if mark in self.seen or len(self.seen) > STEPS:
            return
        self.seen.add(mark)
        if isinstance(node, ast.Dict):
            for name, value in zip(node.keys, node.values, strict=True):
                inner = name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else at.key
                yield from self.parts(value, at._replace(key=inner or "?"))
        elif isinstance(node, ast.Name):
            yield from self._name(node, at)
        elif isinstance(node, ast.Call):
            yield Part(node, at.file, at.key, at.through)
            yield from self._call(node, at)
        elif isinstance(node, ast.JoinedStr | ast.BinOp) and _is_text(node):
            for part in _inside(node):
                found = self.parts(part, at._replace(key=""))
                yield from (one for one in found if one.key)
        else:
            for part in _pieces(node):
                yield from self.parts(part, at)

    def _name(
        self,
        node: ast.Name,
        at: "At",
    ) -> Iterator[Part]:
        for value in reaching(node, at.file):
            yield from self.parts(value, at)
        function = enclosing(node, at.file)
        if function is not None:
            used = uses(function, at.file)
            for value, inner in used.added.get(node.id, ()):
                yield from self.parts(value, at._replace(key=inner or at.key))
            for value in used.looped.get(node.id, ()):
                yield from self.parts(value, at)
        frame = at.frame
        if frame is not None and node.id in frame.arguments and parameter_of(node, at.file) is not None:
            yield from self.parts(frame.arguments[node.id], at._replace(file=frame.file, frame=frame.above))

    def _call(
        self,
        node: ast.Call,
        at: "At",
    ) -> Iterator[Part]:
        symbol = class_made(node, at.file) or at.file.resolve(node.func)
        if isinstance(symbol, External):
            if symbol.key in THROUGH or symbol.key.rpartition(".")[2].endswith("Response"):
                yield from self._arguments(node, at)
            return
        if isinstance(symbol, ClassInfo):
            yield from self._arguments(node, at._replace(through=(*at.through, symbol)))
            return
        function = symbol if isinstance(symbol, FunctionInfo) else method_called(node, at.file)
        if isinstance(function, FunctionInfo):
            yield from self._function(function, node, at)
        elif isinstance(node.func, ast.Attribute) and node.func.attr in THROUGH_METHODS:
            yield from self.parts(node.func.value, at)
            owner = _owner(node.func.value, at.file)
            yield from self._arguments(node, at._replace(through=(*at.through, *owner)))

    def _arguments(
        self,
        node: ast.Call,
        at: "At",
    ) -> Iterator[Part]:
        for value in node.args:
            yield from self.parts(value, at)
        for word in node.keywords:
            if word.arg not in {"headers", "media_type", "background", "status_code", "default"}:
                yield from self.parts(word.value, at._replace(key=_key_of(word, at.key)))

    def _function(
        self,
        function: FunctionInfo,
        node: ast.Call,
        at: "At",
    ) -> Iterator[Part]:
        source, definition = source_of(at.file.project, function)
        if not at.depth or source is None or definition is None:
            return
        inner = Frame(_bound(definition, node, method=bool(function.fact.owner)), at.file, at.frame)
        for value in (*returns_of(definition), *yields_of(definition)):
            yield from self.parts(value, At(source, at.key, inner, at.depth - 1, at.through))


def _key_of(word: ast.keyword, key: str) -> str:
    return key if word.arg in {None, "content", "data", "detail", "obj"} else str(word.arg)


def _owner(node: ast.expr, file: "SourceFile") -> tuple[ClassInfo, ...]:
    symbol = file.resolve(node)
    return (symbol,) if isinstance(symbol, ClassInfo) else ()


def _pieces(node: ast.expr) -> list[ast.expr]:  # noqa: PLR0911 one answer per form
    """The parts of an expression whose value goes into its own."""
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return node.elts
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        return [node.elt]
    if isinstance(node, ast.DictComp):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, ast.Await | ast.Starred | ast.NamedExpr | ast.YieldFrom):
        return [node.value]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr | ast.Add):
        return [node.left, node.right]
    return []


def _is_text(node: ast.JoinedStr | ast.BinOp) -> bool:
    """Whether it puts values into a text, such as `x.isoformat() + "Z"` or `"data: %s" % payload`."""
    if isinstance(node, ast.JoinedStr):
        return True
    sides = (node.left, node.right)
    return isinstance(node.op, ast.Add | ast.Mod) and any(
        isinstance(one, ast.Constant | ast.JoinedStr) for one in sides
    )


def _inside(node: ast.JoinedStr | ast.BinOp) -> Iterator[ast.expr]:
    """The values that a text is made of: of those only what is a payload itself is followed, by its keys."""
    if isinstance(node, ast.BinOp):
        yield from (side for side in (node.left, node.right) if not isinstance(side, ast.Dict))
        return
    for value in node.values:
        if isinstance(value, ast.FormattedValue):
            yield value.value


def _bound(definition: "FunctionNode", call: ast.Call, *, method: bool) -> dict[str, ast.expr]:
    names = [one.arg for one in parameters(definition.args)]
    if method and names and names[0] in {"self", "cls"}:
        names = names[1:]
    if any(isinstance(one, ast.Starred) for one in call.args):
        return {}
    given = dict(zip(names, call.args, strict=False))
    return given | {word.arg: word.value for word in call.keywords if word.arg is not None}
