"""Where `Depends(...)` names a function, with or without `scope="function"`."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumb.findings import Place
from plumb.index.extract import last_name
from plumb.index.facts import Expr, Parameter
from plumb.index.modules import ClassInfo, FunctionInfo, Module, Symbol
from plumb.index.scope import Scope, argument, keyword
from plumb.views import view
from plumb.walk import levels

if TYPE_CHECKING:
    from plumb.project import Project

DEPENDS = (
    "fastapi.Depends",
    "fastapi.params.Depends",
    "fastapi.param_functions.Depends",
    "fastapi.Security",
    "fastapi.param_functions.Security",
)


class Use(NamedTuple):
    """One `Depends(function, scope=...)`; `scope` is "" when it is not said, "?" when it cannot be read.

    `function` is None where the name cannot be followed, as in `Depends(database.session)`.
    """

    function: Symbol | None
    name: str
    scope: str
    place: Place


def uses_of(project: "Project", function: FunctionInfo) -> list[Use]:
    """Every place outside tests that depends on *function*."""
    named = _uses_under(project, f"?{function.name}") if function.fact.owner else []
    return _uses_under(project, function.key) + named


@view
def _uses_under(project: "Project", key: str) -> list[Use]:
    return project.memo(("dependencies",), lambda: _collect(project)).get(key, [])


def depends_on(node: ast.expr | None, scope: Scope) -> Symbol | None:
    """The function in `Depends(function)`, also inside `Annotated[...]` and its aliases."""
    if node is None:
        return None
    home, found = scope.value(node)
    return next((use.function for use in _in(found, home, Place("", 0, 0, 0, 0)) if use.function is not None), None)


def provider_of(parameter: Parameter, scope: Scope) -> FunctionInfo | None:
    """The function whose `Depends(function)` gives a parameter its value."""
    for part in (parameter.default, parameter.annotation):
        function = depends_on(part.node, scope) if part is not None else None
        if isinstance(function, FunctionInfo):
            return function
    return None


def _collect(project: "Project") -> dict[str, list[Use]]:
    found: dict[str, list[Use]] = {}
    for module in project.modules():
        if project.kind(module.path) != "app":
            continue
        for scope, expression in _expressions(project, module):
            if "Depends" in expression.text or "Security" in expression.text:
                for use in _in(expression.node, scope, Place(module.path, *expression[1:])):
                    key = getattr(use.function, "key", "") or f"?{use.name}"
                    found.setdefault(key, []).append(use)
    return found


def _expressions(project: "Project", module: Module) -> Iterator[tuple[Scope, Expr]]:
    for assignment in module.facts.assignments:
        yield Scope(project, module, assignment.scope), assignment.value
    for call in module.facts.calls:
        yield Scope(project, module, call.scope), call.expression
    for owner in module.facts.classes:
        parts = [part for field in owner.fields for part in (field.annotation, field.value)]
        yield from ((Scope(project, module, owner.qualname), part) for part in parts if part is not None)
    for function in module.facts.functions:
        written = [part for parameter in function.parameters for part in (parameter.annotation, parameter.default)]
        parts = [*written, *function.decorators]
        yield from ((Scope(project, module, function.scope), part) for part in parts if part is not None)


def _in(node: ast.expr, scope: Scope, place: Place) -> Iterator[Use]:
    for part in levels(node):
        if isinstance(part, ast.Call) and scope.is_call_to(part, *DEPENDS):
            given = argument(part, "dependency", 0)
            if given is not None:
                yield Use(_called(given, scope), last_name(given), _scope_of(part, scope), place)


def _called(given: ast.expr, scope: Scope) -> Symbol | None:
    """What is called: the function itself, or the `__call__` of an object such as `Owned("write")`."""
    home, made = scope.value(given)
    owner = home.resolve(made.func) if isinstance(made, ast.Call) else None
    method = owner.module.function(f"{owner.fact.qualname}.__call__") if isinstance(owner, ClassInfo) else None
    return method or scope.resolve(given)


def _scope_of(call: ast.Call, scope: Scope) -> str:
    given = keyword(call, "scope")
    if given is None:
        return ""
    literal = scope.literal(given)
    return literal if isinstance(literal, str) else "?"
