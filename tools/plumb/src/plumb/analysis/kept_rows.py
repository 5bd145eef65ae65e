"""Rows that a process keeps in memory: containers that start empty, and to which requests add without end."""

import ast
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.answers import returned
from plumb.analysis.bodies import callee_of, reached, variables_of
from plumb.analysis.local_values import value_of_local
from plumb.findings import Place
from plumb.index.extract import last_name
from plumb.index.modules import ClassInfo, FunctionInfo, ValueInfo
from plumb.index.names import dotted_name
from plumb.index.routes import all_routes
from plumb.index.scope import Scope
from plumb.views import view
from plumb.walk import walk

if TYPE_CHECKING:
    from plumb.project import Project

COPIES = frozenset({"list", "tuple", "sorted", "reversed"})
EMPTY = frozenset({"dict", "list", "defaultdict", "OrderedDict"})
ADDS = frozenset({"append", "insert", "setdefault", "extend"})
WRITES = frozenset({"POST", "PUT", "PATCH"})
DEPTH = 4


class Kept(NamedTuple):
    """A container, by a name that no other one has, and where it is made."""

    key: str
    place: Place


def listed_whole(function: FunctionInfo, project: "Project", depth: int = DEPTH) -> Kept | None:
    """The growing container whose every row a function returns, in a response or as they are."""
    for node, _, scope in returned(project, function) if depth else ():
        for one in (node, *_carried(node, scope)):
            found = _whole(one, function, scope, depth)
            if found is not None and found.key in _growing(project):
                return found
    return None


def _carried(node: ast.expr, scope: Scope) -> list[ast.expr]:
    """What a response is made of by its class, or by a function that takes nothing else; others may leave rows out."""
    if not isinstance(node, ast.Call):
        return []
    given = [*node.args, *(word.value for word in node.keywords)]
    maker = scope.resolve(node.func.value if isinstance(node.func, ast.Subscript) else node.func)
    return given if isinstance(maker, ClassInfo) or (isinstance(maker, FunctionInfo) and len(given) == 1) else []


def _whole(node: ast.expr, function: FunctionInfo, scope: Scope, depth: int) -> Kept | None:
    """The container of which an expression has a row for each of its own, none left out and none cut off."""
    node = _behind_copies(node)
    value = value_of_local(scope.project, function, node.id) if isinstance(node, ast.Name) else None
    if value is not None and depth:
        return _whole(value, function, scope, depth - 1)
    return _of_call(node, function, scope, depth) if isinstance(node, ast.Call) else _container(node, function, scope)


def _behind_copies(node: ast.expr) -> ast.expr:
    """What is gone through from its start to its end, without what is made of each row."""
    while True:
        match node:
            case ast.Call(func=ast.Name(id=name), args=[inner, *_]) if name in COPIES:
                node = inner
            case (
                ast.Await(value=inner)
                | ast.Call(func=ast.Attribute(value=inner, attr="values" | "copy"), args=[])
                | ast.ListComp(generators=[ast.comprehension(iter=inner, ifs=[])])
            ):
                node = inner
            case _:
                return node


def _of_call(call: ast.Call, function: FunctionInfo, scope: Scope, depth: int) -> Kept | None:
    """What a function of the project returns that is called."""
    body = scope.project.definition(function)
    called = callee_of(call, scope, dict(variables_of(body, scope))) if body is not None else None
    return listed_whole(called, scope.project, depth - 1) if called is not None else None


def _container(node: ast.expr, function: FunctionInfo, scope: Scope) -> Kept | None:
    """A name of a module, or an attribute of `self`, that starts as an empty container."""
    name = dotted_name(node)
    if name.startswith("self.") and function.fact.owner:
        return _of_instance(name, function, scope.project)
    symbol = scope.resolve(node) if name else None
    if not isinstance(symbol, ValueInfo) or symbol.assignment.scope or not _is_empty(symbol.assignment.value.node):
        return None
    return Kept(symbol.key, Place(symbol.module.path, *symbol.assignment.value[1:]))


def _of_instance(name: str, function: FunctionInfo, project: "Project") -> Kept | None:
    owner = function.module.class_(function.fact.owner)
    maker = project.hierarchy.method(owner, "__init__") if owner is not None else None
    body = project.definition(maker) if maker is not None else None
    source = project.source(maker.path) if maker is not None else None
    for node in walk(body) if body is not None else ():
        if source is None or not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if dotted_name(target) == name and _is_empty(node.value):
            return Kept(f"{source.path} {function.fact.owner} {name}", source.place(node))
    return None


def _is_empty(value: ast.expr) -> bool:
    match value:
        case ast.Dict(keys=[]) | ast.List(elts=[]):
            return True
        case ast.Call(args=[]) | ast.Call(func=ast.Name(id="defaultdict")):
            return not value.keywords and last_name(value) in EMPTY
        case _:
            return False


@view
def _growing(project: "Project") -> frozenset[str]:
    """The containers to which requests add, by functions that do not ask how many rows there are."""
    first = [one.handler for one in all_routes(project) if one.handler is not None and WRITES & {*one.methods}]
    found: set[str] = set()
    for function in reached(first, project):
        body = project.definition(function)
        if body is None or any(isinstance(node, ast.Call) and last_name(node) == "len" for node in _tests(body)):
            continue
        scope = Scope(project, function.module, function.fact.qualname)
        added = (_container(one, function, scope) for node in walk(body) for one in _added_to(node))
        found |= {one.key for one in added if one is not None}
    return frozenset(found)


def _tests(body: ast.AST) -> list[ast.AST]:
    """All that stands in a comparison."""
    return [part for node in walk(body) if isinstance(node, ast.Compare) for part in walk(node)]


def _added_to(node: ast.AST) -> list[ast.expr]:
    """The container that gets one more row."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ADDS:
        return [node.func.value]
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [one.value for one in targets if isinstance(one, ast.Subscript)]
