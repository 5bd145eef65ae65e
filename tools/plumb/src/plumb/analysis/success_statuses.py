"""The status that a success of a route has, unless its function may choose another one."""

import ast
import re
from typing import TYPE_CHECKING

from plumb.analysis.wire import PLAIN_BASES
from plumb.index.modules import ClassInfo, FunctionInfo, Symbol

if TYPE_CHECKING:
    from plumb.index.routes import Route
    from plumb.project import Project


def is_answered(project: "Project", route: "Route", status: int) -> bool:
    """Whether the route answers so, or may: its function, or one whose answer it returns, speaks of a status."""
    responses = route.option("responses")
    if route.status in {None, status} or (responses is not None and str(status) in ast.unparse(responses)):
        return True
    text = function_text(project, route)
    if str(status) in text or _chooses(project, route, text):
        return True
    returned = route.handler.fact.returned if route.handler is not None else ()
    nodes = [one.node.value if isinstance(one.node, ast.Await) else one.node for one in returned]
    found = [route.scope.resolve(one.func) for one in nodes if isinstance(one, ast.Call)]
    bodies = [project.definition(one) for one in found if isinstance(one, FunctionInfo) and not one.module.library]
    return any(_chooses(project, route, ast.unparse(body)) for body in bodies if body is not None)


def function_text(project: "Project", route: "Route") -> str:
    """The function of a route as it is written."""
    source = project.source(route.handler.path) if route.handler is not None else None
    if route.handler is None or source is None:
        return ""
    fact = route.handler.fact
    return "\n".join(source.lines.lines[fact.line - 1 : fact.end_line])


def _chooses(project: "Project", route: "Route", text: str) -> bool:
    """Whether a function names the status itself, or makes a response that is no schema."""
    made = set(re.findall(r"\b(\w*Response)\(", text))
    return "status_code" in text or any(not _is_schema(route.scope.resolve(ast.Name(one)), project) for one in made)


def _is_schema(symbol: Symbol | None, project: "Project") -> bool:
    return isinstance(symbol, ClassInfo) and project.hierarchy.inherits(symbol, *PLAIN_BASES)
