"""The failures that a route declares: its `responses`, written out or made from the error classes it is given."""

import ast
from typing import TYPE_CHECKING

from plumb.index.modules import ClassInfo, FunctionInfo
from plumb.index.routes import Route, status_code
from plumb.index.scope import Scope

if TYPE_CHECKING:
    from plumb.project import Project

FAILURES = range(400, 500)
STATUS_NAMES = ("status_code", "status", "http_status", "code")


def declared_failures(project: "Project", route: Route) -> list[int]:
    """The statuses from 400 to 499 that the route itself declares; what its router adds is not read."""
    given = route.option("responses")
    return [] if given is None else sorted({one for one in _statuses(given, route.scope, project) if one in FAILURES})


def _statuses(node: ast.expr, scope: Scope, project: "Project") -> set[int]:
    home, value = scope.value(node)
    if isinstance(value, ast.Dict):
        keys = {status_code(key, home) for key in value.keys if key is not None}
        merged = [inner for key, inner in zip(value.keys, value.values, strict=True) if key is None]
        return {key for key in keys if key is not None}.union(*(_statuses(one, home, project) for one in merged))
    if isinstance(value, ast.Call) and isinstance(home.resolve(value.func), FunctionInfo):
        classes = (home.resolve(one) for one in value.args if isinstance(one, ast.Name | ast.Attribute))
        found = (_status_of(one, project) for one in classes if isinstance(one, ClassInfo))
        more = (_statuses(one.value, home, project) for one in value.keywords)
        return {one for one in found if one is not None}.union(*more)
    return set()


def _status_of(error: ClassInfo, project: "Project") -> int | None:
    """The number that an exception class, or its nearest base, has under a name for statuses."""
    if not project.hierarchy.inherits(error, "builtins.Exception"):
        return None
    for name in STATUS_NAMES:
        field = project.hierarchy.member(error, name)
        if field is not None and field.fact.value is not None:
            return status_code(field.fact.value.node, Scope.of_class(project, field.owner))
    return None
