"""Applications and routers, and how they include one another."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumb.index.annotations import meaning
from plumb.index.facts import Call
from plumb.index.modules import ClassInfo, External, FunctionInfo, Module, Symbol, ValueInfo
from plumb.index.names import dotted_name
from plumb.index.scope import DEPTH, Scope, argument, keyword
from plumb.views import view

if TYPE_CHECKING:
    from plumb.project import Project

APPS = frozenset({"fastapi.FastAPI", "fastapi.applications.FastAPI"})
ROUTERS = frozenset({"fastapi.APIRouter", "fastapi.routing.APIRouter", "fastapi.routers.APIRouter"})
ANY_APP = "an application that is passed in"
UNKNOWN_PART = "{?}"


class Router(NamedTuple):
    """`key` tells routers apart; `prefix` may contain "{?}" for what cannot be read."""

    key: str
    is_app: bool
    prefix: str
    call: ast.Call | None
    scope: Scope | None


class Inclusion(NamedTuple):
    """`parent.include_router(child, prefix=...)` or `parent.mount(path, child)`; `hidden` if kept out of the schema."""

    parent: Router
    child: Router
    prefix: str
    hidden: bool
    call: ast.Call
    scope: Scope


def router_of(node: ast.expr, scope: Scope) -> Router | None:
    """The router that an expression in *scope* stands for: a name, or a call of a function that makes one."""
    if isinstance(node, ast.Call):
        maker = scope.resolve(node.func)
        return _returned(maker, scope.project, DEPTH) if isinstance(maker, FunctionInfo) else None
    symbol = scope.resolve(node)
    if symbol is None and isinstance(node, ast.Name):
        return _parameter(node.id, scope)
    return _of_symbol(symbol, scope.project, DEPTH)


@view
def inclusions(project: "Project") -> list[Inclusion]:
    """Every inclusion outside tests whose two sides are known."""
    return list(_inclusions(project))


def prefixes(project: "Project", router: Router, *, shown: bool = False) -> tuple[str, ...]:
    """The paths a router is reachable under, its own prefix included; empty when no application includes it.

    Only those *shown* leaves out the ways that say `include_in_schema=False`, and a mounted application by itself.
    """
    if router.is_app and router.key == ANY_APP:
        return (router.prefix,)
    return tuple(dict.fromkeys(_climb(project, router, DEPTH * 2, shown=shown)))


def is_hidden(project: "Project", router: Router, below: frozenset[str] = frozenset()) -> bool:
    """Whether the router, or each way it is included, says `include_in_schema=False`; *below* are those it holds."""
    if router.call is not None and _is_false(keyword(router.call, "include_in_schema")):
        return True
    ways = [one for one in inclusions(project) if one.child.key == router.key]
    inside = below | {router.key}
    return bool(ways) and all(
        one.hidden or is_hidden(project, one.parent, inside) for one in ways if one.parent.key not in inside
    )


def text_of(node: ast.expr | None, scope: Scope) -> str:
    """A path as text: constants, f-strings, sums and settings are followed, "{?}" stands for the rest."""
    if node is None:
        return ""
    literal = scope.literal(node)
    if isinstance(literal, str):
        return literal
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part, scope) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return text_of(node.value, scope)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return text_of(node.left, scope) + text_of(node.right, scope)
    return _setting(node, scope) or UNKNOWN_PART


def _of_symbol(symbol: Symbol | None, project: "Project", depth: int) -> Router | None:
    if not isinstance(symbol, ValueInfo) or symbol.module.library or not depth:
        return None
    scope = Scope(project, symbol.module, symbol.assignment.scope)
    node = symbol.assignment.value.node
    if not isinstance(node, ast.Call):
        return None
    made = scope.resolve(node.func)
    if isinstance(made, FunctionInfo):
        return _returned(made, project, depth - 1)
    is_app = _is(made, APPS, project)
    if not is_app and not _is(made, ROUTERS, project):
        return None
    return Router(symbol.key, is_app, text_of(keyword(node, "prefix"), scope), node, scope)


def _is(made: Symbol | None, keys: frozenset[str], project: "Project") -> bool:
    if isinstance(made, External):
        return made.key in keys
    return isinstance(made, ClassInfo) and project.hierarchy.inherits(made, *keys)


def _returned(function: FunctionInfo, project: "Project", depth: int) -> Router | None:
    """The router that a function such as `create_app()` makes and returns."""
    scope = Scope(project, function.module, function.fact.qualname)
    for value in function.fact.returned:
        dotted = dotted_name(value.node)
        found = _of_symbol(scope.resolve(value.node), project, depth) if dotted else None
        if found is not None:
            return found
    return None


def _parameter(name: str, scope: Scope) -> Router | None:
    """A parameter annotated with FastAPI or APIRouter."""
    function = scope.module.function(scope.name)
    for parameter in function.fact.parameters if function is not None else ():
        if parameter.name == name and parameter.annotation is not None:
            said = meaning(parameter.annotation.node, scope).symbol
            if _is(said, APPS, scope.project):
                return Router(ANY_APP, is_app=True, prefix="", call=None, scope=None)
    return None


def _inclusions(project: "Project") -> Iterator[Inclusion]:
    for module in project.modules():
        if project.kind(module.path) == "app":
            for call in module.facts.calls:
                if call.function in {"include_router", "mount"}:
                    yield from _inclusion(project, module, call)


def _inclusion(project: "Project", module: Module, call: Call) -> Iterator[Inclusion]:
    scope = Scope(project, module, call.scope)
    node = call.expression.node
    node = node.value if isinstance(node, ast.Await) else node
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    mounted = call.function == "mount"
    child_node = argument(node, "app", 1) if mounted else argument(node, "router", 0)
    path = argument(node, "path", 0) if mounted else argument(node, "prefix", 99)
    parent = router_of(node.func.value, scope)
    child = router_of(child_node, scope) if child_node is not None else None
    if parent is not None and child is not None:
        hidden = _is_false(keyword(node, "include_in_schema"))
        yield Inclusion(parent, child, text_of(path, scope), hidden, node, scope)


def _climb(project: "Project", router: Router, depth: int, *, shown: bool) -> Iterator[str]:
    ways = [one for one in inclusions(project) if one.child.key == router.key] if depth else []
    if router.is_app and not (shown and ways):
        yield router.prefix
    for one in ways:
        if not (shown and one.hidden):
            for above in _climb(project, one.parent, depth - 1, shown=shown):
                yield f"{above}{one.prefix}{router.prefix}"


def _is_false(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def _setting(node: ast.expr, scope: Scope) -> str:
    """The default of `settings.API_PREFIX`, where `settings = Settings()` and the class says it."""
    if not isinstance(node, ast.Attribute):
        return ""
    symbol = scope.resolve(node.value)
    if not isinstance(symbol, ValueInfo):
        return ""
    made = symbol.assignment.value.node
    home = Scope(scope.project, symbol.module, symbol.assignment.scope)
    owner = home.resolve(made.func) if isinstance(made, ast.Call) else None
    if isinstance(owner, FunctionInfo) and owner.fact.returns is not None:
        owner = meaning(owner.fact.returns.node, Scope(scope.project, owner.module)).symbol
    found = scope.project.hierarchy.member(owner, node.attr) if isinstance(owner, ClassInfo) else None
    if found is None or found.fact.value is None:
        return ""
    literal = Scope.of_class(scope.project, found.owner).literal(found.fact.value.node)
    return literal if isinstance(literal, str) else ""
