"""What an annotation says: the type inside `Mapped`, `Annotated` and `Optional`, and whether it is a collection."""

import ast
from typing import NamedTuple

from plumb.index.facts import parse_expression
from plumb.index.modules import Symbol, ValueInfo
from plumb.index.scope import DEPTH, Scope

COLLECTIONS = frozenset(
    [
        *("list", "List", "set", "Set", "frozenset", "FrozenSet", "tuple", "Tuple", "Sequence", "MutableSequence"),
        *("Collection", "Iterable", "AsyncIterator", "WriteOnlyMapped", "DynamicMapped"),
    ]
)
LAZY = {"WriteOnlyMapped": "write_only", "DynamicMapped": "dynamic"}
"""The loading mode that an annotation sets, whatever the relationship itself says."""
TRANSPARENT = frozenset({"Mapped", "Optional", "Final", "ReadOnly", "Required", "NotRequired"})


class Meaning(NamedTuple):
    """`symbol` is the class (None if unknown), `metadata` what `Annotated` adds, with the scope it is written in.

    `lazy` is the loading mode that the annotation sets, if it does.
    """

    symbol: Symbol | None
    name: str
    collection: bool
    optional: bool
    mapped: bool
    class_variable: bool
    metadata: tuple[tuple[Scope, ast.expr], ...]
    lazy: str = ""


NOTHING = Meaning(None, "", collection=False, optional=False, mapped=False, class_variable=False, metadata=())


def meaning(node: ast.expr | None, scope: Scope, depth: int = DEPTH) -> Meaning:
    """Read an annotation, quoted parts and aliases such as `Status = Annotated[...]` included."""
    if node is None or not depth:
        return NOTHING
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _quoted(node.value, scope, depth)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _union([node.left, node.right], scope, depth)
    if isinstance(node, ast.Subscript):
        return _subscript(node, scope, depth)
    symbol = scope.resolve(node)
    if isinstance(symbol, ValueInfo) and isinstance(symbol.assignment.value.node, ast.Subscript | ast.BinOp):
        return meaning(symbol.assignment.value.node, Scope(scope.project, symbol.module), depth - 1)
    return NOTHING._replace(symbol=symbol, name=_last(node))


def _quoted(text: str, scope: Scope, depth: int) -> Meaning:
    try:
        return meaning(parse_expression(text), scope, depth - 1)
    except SyntaxError:
        return NOTHING


def _subscript(node: ast.Subscript, scope: Scope, depth: int) -> Meaning:
    outer = _last(node.value)
    inner = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    if outer == "Annotated":
        found = meaning(inner[0], scope, depth - 1)
        return found._replace(metadata=(*found.metadata, *((scope, extra) for extra in inner[1:])))
    if outer == "Union":
        return _union(inner, scope, depth)
    if outer == "ClassVar":
        return meaning(inner[0], scope, depth - 1)._replace(class_variable=True)
    if outer in TRANSPARENT:
        found = meaning(inner[0], scope, depth - 1)
        return found._replace(mapped=found.mapped or outer == "Mapped", optional=found.optional or outer == "Optional")
    if outer in COLLECTIONS:
        lazy = LAZY.get(outer, "")
        found = meaning(inner[0], scope, depth - 1)
        return found._replace(collection=True, optional=False, mapped=bool(lazy), lazy=lazy)
    return NOTHING._replace(symbol=scope.resolve(node.value), name=outer)


def _union(parts: list[ast.expr], scope: Scope, depth: int) -> Meaning:
    """`X | None` is X; a union of several types is nothing that can be named."""
    real = [part for part in parts if not (isinstance(part, ast.Constant) and part.value is None)]
    found = [meaning(part, scope, depth - 1) for part in real]
    if len(found) != 1:
        return NOTHING._replace(optional=any(one.optional for one in found))
    return found[0]._replace(optional=True) if len(real) < len(parts) else found[0]


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
