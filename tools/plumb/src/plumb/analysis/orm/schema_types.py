"""What an annotation of a schema allows: schema classes with their type variables, collections, alternatives."""

import ast
from typing import NamedTuple

from plumb.index.facts import parse_expression
from plumb.index.models import model_of
from plumb.index.modules import ClassInfo, External, ValueInfo
from plumb.index.scope import Scope

COLLECTIONS = frozenset(
    {"list", "List", "Sequence", "set", "Set", "frozenset", "FrozenSet", "tuple", "Tuple", "Iterable", "Collection"}
)
ANYTHING = frozenset({"typing.Any", "builtins.object"})
TRANSPARENT = frozenset({"Optional", "Annotated", "Union"})


class Schema(NamedTuple):
    """A schema class with what stands for its type variables."""

    owner: ClassInfo
    variables: tuple[tuple[str, Scope, ast.expr], ...]


def schema_of(node: ast.expr, scope: Scope, variables: tuple[tuple[str, Scope, ast.expr], ...]) -> Schema | None:
    """The schema class that an annotation names, with the arguments of a generic one."""
    base = node.value if isinstance(node, ast.Subscript) else node
    symbol = scope.resolve(base)
    if isinstance(symbol, ValueInfo) and isinstance(symbol.assignment.value.node, ast.Subscript):
        return schema_of(symbol.assignment.value.node, Scope(scope.project, symbol.module), variables)
    if not isinstance(symbol, ClassInfo) or not is_schema(symbol, scope):
        return None
    given = node.slice if isinstance(node, ast.Subscript) else None
    arguments = list(given.elts) if isinstance(given, ast.Tuple) else [given] if given is not None else []
    bound = [_follow(one, scope, variables) for one in arguments]
    names = _type_variables(symbol)
    return Schema(symbol, tuple((name, home, one) for name, (home, one) in zip(names, bound, strict=False)))


def is_open(annotation: ast.expr, scope: Scope, variables: tuple[tuple[str, Scope, ast.expr], ...]) -> bool:
    """Whether a field takes what it is given: a type variable that nothing stands for, or any value."""
    for home, one in alternatives(annotation, scope, variables):
        inner = element(one) or one
        symbol = home.resolve(inner)
        made = symbol.assignment.value.node if isinstance(symbol, ValueInfo) else None
        variable = isinstance(made, ast.Call) and _last(made.func) == "TypeVar"
        if variable or (isinstance(symbol, External) and symbol.key in ANYTHING):
            return True
    return False


def is_schema(symbol: ClassInfo, scope: Scope) -> bool:
    hierarchy = scope.project.hierarchy
    if symbol.module.library or model_of(scope.project, symbol) is not None:
        return False
    return hierarchy.inherits(symbol, "pydantic.main.BaseModel", "sqlmodel.main.SQLModel")


def alternatives(
    node: ast.expr, scope: Scope, variables: tuple[tuple[str, Scope, ast.expr], ...]
) -> list[tuple[Scope, ast.expr]]:
    """The types that an annotation allows, without Optional, Annotated, quotes and type variables."""
    home, node = _follow(node, scope, variables)
    if isinstance(node, ast.BinOp):
        return [*alternatives(node.left, home, variables), *alternatives(node.right, home, variables)]
    if isinstance(node, ast.Subscript) and _last(node.value) in TRANSPARENT:
        inner = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
        parts = inner[:1] if _last(node.value) == "Annotated" else inner
        return [found for part in parts for found in alternatives(part, home, variables)]
    return [(home, node)]


def _follow(node: ast.expr, scope: Scope, variables: tuple[tuple[str, Scope, ast.expr], ...]) -> tuple[Scope, ast.expr]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            node = parse_expression(node.value)
        except SyntaxError:
            return scope, node
    if isinstance(node, ast.Name):
        for name, home, bound in variables:
            if name == node.id:
                return home, bound
    symbol = scope.resolve(node) if isinstance(node, ast.Name | ast.Attribute) else None
    if isinstance(symbol, ValueInfo) and isinstance(symbol.assignment.value.node, ast.Subscript | ast.BinOp):
        return Scope(scope.project, symbol.module), symbol.assignment.value.node
    return scope, node


def element(node: ast.expr) -> ast.expr | None:
    if isinstance(node, ast.Subscript) and _last(node.value) in COLLECTIONS:
        return node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
    return None


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _type_variables(owner: ClassInfo) -> list[str]:
    for base in owner.fact.bases:
        node = base.node
        if isinstance(node, ast.Subscript):
            given = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
            return [one.id for one in given if isinstance(one, ast.Name)]
    return []
