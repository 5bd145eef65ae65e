"""The bodies of functions of the project, and the functions of the project that they call."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plumb.analysis.functions import parameters
from plumb.index.annotations import meaning
from plumb.index.modules import ClassInfo, FunctionInfo, Symbol, ValueInfo
from plumb.index.names import dotted_name
from plumb.index.scope import Scope
from plumb.walk import walk

if TYPE_CHECKING:
    from plumb.project import Project

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
DEPTH = 3


def called_functions(project: "Project", function: FunctionInfo) -> list[FunctionInfo]:
    """The functions and methods of the project that a function calls by a name that can be followed."""
    body = project.definition(function)
    if body is None:
        return []
    scope = Scope(project, function.module, function.fact.qualname)
    variables = dict(variables_of(body, scope))
    found = (callee_of(node, scope, variables) for node in walk(body) if isinstance(node, ast.Call))
    return list({one.key: one for one in found if one is not None}.values())


def reached(first: list[FunctionInfo], project: "Project") -> list[FunctionInfo]:
    """These functions and those of the project that they call, as deep as they are followed."""
    found = {one.key: one for one in first}
    front = first
    for _ in range(DEPTH - 1):
        front = [one for function in front for one in called_functions(project, function) if one.key not in found]
        found.update({one.key: one for one in front})
    return list(found.values())


def variables_of(body: FunctionNode, scope: Scope) -> Iterator[tuple[str, ClassInfo]]:
    """The parameters and variables whose class is known by annotation or by the call that makes them."""
    for one in parameters(body.args):
        symbol = meaning(one.annotation, scope).symbol if one.annotation is not None else None
        if isinstance(symbol, ClassInfo):
            yield one.arg, symbol
    for node in walk(body):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Call):
            made = _resolve(node.value.func, scope)
            if isinstance(made, ClassInfo):
                yield node.targets[0].id, made
    owner = scope.module.class_(scope.name.rpartition(".")[0])
    if owner is not None:
        yield from attributes_of(scope.project, owner).items()


def attributes_of(project: "Project", owner: ClassInfo) -> dict[str, ClassInfo]:
    """The classes of what the methods of a class keep, such as `self.tasks = TaskRepository(session)`."""
    return project.memo(("kept", owner.key), lambda: dict(_kept(project, owner)))


def _kept(project: "Project", owner: ClassInfo) -> Iterator[tuple[str, ClassInfo]]:
    methods = [one for known in reversed(project.hierarchy.lineage(owner).classes) for one in known.methods()]
    for function in methods:
        body = project.definition(function)
        for node in walk(body) if body is not None else ():
            if isinstance(node, ast.Assign) and dotted_name(node.targets[0]).startswith("self."):
                made = _made(node.value, Scope(project, function.module, function.fact.qualname), function)
                if made is not None:
                    yield dotted_name(node.targets[0]), made


def _made(value: ast.expr, scope: Scope, function: FunctionInfo) -> ClassInfo | None:
    """The class of an instance that is made, or of a parameter that says what it is."""
    if isinstance(value, ast.Call):
        found = _resolve(value.func, scope)
        return found if isinstance(found, ClassInfo) else None
    given = [one.annotation for one in function.fact.parameters if isinstance(value, ast.Name) and one.name == value.id]
    found = meaning(given[0].node, scope).symbol if given and given[0] is not None else None
    return found if isinstance(found, ClassInfo) else None


def callee_of(call: ast.Call, scope: Scope, variables: dict[str, ClassInfo]) -> FunctionInfo | None:
    """The function or method that a call runs: by name, on `self`, on a known variable or a module-level instance."""
    func = call.func
    if isinstance(func, ast.Attribute):
        owner = _instance(func.value, scope, variables)
        if owner is not None:
            return scope.project.hierarchy.method(owner, func.attr)
    symbol = _resolve(func, scope)
    if isinstance(symbol, ClassInfo):
        return None
    return symbol if isinstance(symbol, FunctionInfo) and not symbol.module.library else None


def _instance(node: ast.expr, scope: Scope, variables: dict[str, ClassInfo]) -> ClassInfo | None:
    if isinstance(node, ast.Call):
        made = _resolve(node.func, scope)
        return made if isinstance(made, ClassInfo) else None
    if dotted_name(node) in variables:
        return variables[dotted_name(node)]
    if not isinstance(node, ast.Name):
        return None
    if node.id in {"self", "cls"}:
        return scope.module.class_(scope.name.rpartition(".")[0])
    symbol = scope.resolve(node)
    if not isinstance(symbol, ValueInfo):
        return None
    made = symbol.assignment.value.node
    found = Scope(scope.project, symbol.module).resolve(made.func) if isinstance(made, ast.Call) else None
    return found if isinstance(found, ClassInfo) else None


def _resolve(node: ast.expr, scope: Scope) -> Symbol | None:
    return scope.resolve(node) if dotted_name(node) else None
