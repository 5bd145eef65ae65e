"""What the code of a project asks of something that it is given: the attributes that it calls, if all are known."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.bodies import FunctionNode
from plumb.analysis.given_sessions import parameter_at, places_of, started
from plumb.analysis.mock_chains import Chain
from plumb.index.extract import last_name
from plumb.index.modules import ClassInfo, FunctionInfo, Symbol
from plumb.index.names import dotted_name
from plumb.index.scope import Scope
from plumb.walk import walk

if TYPE_CHECKING:
    from plumb.project import Project

Asked = frozenset[Chain]
DEPTH = 3
HARMLESS = frozenset({"abc.ABC", "typing.Generic", "typing.Protocol", "builtins.object"})


class Start(NamedTuple):
    """A function that is called, and the class of the instance that it is called for or makes."""

    function: FunctionInfo
    owner: ClassInfo | None


def start_of(symbol: Symbol | None, project: "Project") -> Start | None:
    """What a call of a function or a class of the project starts."""
    function, owner = started(symbol, project)
    return None if function is None else Start(function, owner)


def asked_of(start: Start, name: str, project: "Project", depth: int = DEPTH) -> Asked | None:
    """The attributes that a function, or the class that it starts, calls on its parameter; None if not all show."""
    body = project.definition(start.function) if depth else None
    if body is None:
        return None
    found: set[Chain] = set()
    for use, above in _uses(name, body):
        kept = _kept(above, use) if start.function.name == "__init__" else ""
        asked = _of_attribute(kept, start, project, depth) if kept else _of_use(use, above, start, project, depth)
        if asked is None:
            return None
        found |= asked
    return frozenset(found)


def asked_of_field(owner: ClassInfo, place: int, word: str, project: "Project") -> Asked | None:
    """What the methods of a dataclass ask of the field that is filled at a place, or by a keyword."""
    fields = [one.name for one in owner.fact.fields if one.annotation is not None]
    name = word or (fields[place] if place < len(fields) else "")
    made = project.hierarchy.method(owner, owner.fact.methods[0]) if owner.fact.methods else None
    if not is_dataclass(owner) or owner.fact.bases or name not in fields or made is None:
        return None
    return _of_attribute(f"self.{name}", Start(made, owner), project, DEPTH)


def is_dataclass(owner: ClassInfo) -> bool:
    """Whether the only decorator of a class is that of a dataclass."""
    return [last_name(one.node) for one in owner.fact.decorators] == ["dataclass"]


def _uses(name: str, body: FunctionNode) -> Iterator[tuple[ast.expr, list[ast.AST]]]:
    """Where a body reads a variable, or an attribute of `self`, each with what is above it, the nearest first."""
    aliases = {name}
    parents = {id(inner): node for node in walk(body) for inner in ast.iter_child_nodes(node)}
    for node in walk(body):
        if isinstance(node, ast.withitem) and dotted_name(node.context_expr) in aliases and node.optional_vars:
            aliases.add(dotted_name(node.optional_vars))
        elif (
            isinstance(node, ast.Name | ast.Attribute)
            and isinstance(node.ctx, ast.Load)
            and dotted_name(node) in aliases
        ):
            above = [parents[id(node)]]
            while id(above[-1]) in parents:
                above.append(parents[id(above[-1])])
            yield node, above


def _kept(above: list[ast.AST], use: ast.expr) -> str:
    """The attribute of `self.client = client`, of `self.client = client or ...` too."""
    place = 1 if isinstance(above[0], ast.BoolOp) and above[0].values[0] is use else 0
    target = dotted_name(node.targets[0]) if isinstance(node := above[place], ast.Assign) else ""
    if isinstance(node, ast.AnnAssign):
        target = dotted_name(node.target)
    return target if target.startswith("self.") and target.count(".") == 1 else ""


def _of_attribute(kept: str, start: Start, project: "Project", depth: int) -> Asked | None:
    """What the methods of the class, its ancestors' included, ask of the attribute that keeps it."""
    lineage = project.hierarchy.lineage(start.owner) if start.owner is not None else None
    own = {one.key for one in lineage.classes} if lineage is not None else set[str]()
    if lineage is None or not lineage.complete or not {*lineage.keys} - own <= HARMLESS:
        return None
    found: set[Chain] = set()
    for owner in lineage.classes:
        for name in owner.fact.methods:
            method = owner.module.function(f"{owner.fact.qualname}.{name}")
            body = project.definition(method) if method is not None else None
            for use, above in _uses(kept, body) if body is not None else ():
                home = Start(method, start.owner) if method is not None else start
                asked = _of_use(use, above, home, project, depth)
                if asked is None:
                    return None
                found |= asked
    return frozenset(found)


def _of_use(use: ast.expr, above: list[ast.AST], home: Start, project: "Project", depth: int) -> Asked | None:
    """The attributes that stand behind one use, up to the first call; what a function asks that is called with it."""
    names: list[str] = []
    for node in above:
        if not isinstance(node, ast.Attribute):
            break
        names.append(node.attr)
    if names:
        return frozenset({tuple(names)})
    if isinstance(above[0], ast.withitem | ast.Compare | ast.If | ast.UnaryOp):
        return frozenset()
    call = above[1] if isinstance(above[0], ast.keyword) else above[0]
    called = _called(call, home, project) if isinstance(call, ast.Call) and call.func is not use else None
    if called is None or not isinstance(call, ast.Call):
        return None
    found: set[Chain] = set()
    for place, word in places_of(call, ast.unparse(use)):
        parameter = parameter_at(called.function, place, word)
        asked = asked_of(called, parameter.name, project, depth - 1) if parameter is not None else None
        if asked is None:
            return None
        found |= asked
    return frozenset(found)


def _called(call: ast.Call, home: Start, project: "Project") -> Start | None:
    name = dotted_name(call.func)
    if name.startswith("self.") and home.owner is not None:
        method = project.hierarchy.method(home.owner, name.removeprefix("self."))
        return None if method is None else Start(method, home.owner)
    return start_of(Scope(project, home.function.module, home.function.fact.qualname).resolve(call.func), project)
