"""What the local variables of a function of the project hold, by its plain assignments."""

import ast
from typing import TYPE_CHECKING

from plumb.index.modules import FunctionInfo
from plumb.walk import walk

if TYPE_CHECKING:
    from plumb.project import Project


def value_of_local(project: "Project", function: FunctionInfo, name: str) -> ast.expr | None:
    """The value of a local variable that is assigned once and not changed by key."""
    values = values_of_local(project, function, name) or []
    return values[0] if len(values) == 1 else None


def values_of_local(project: "Project", function: FunctionInfo, name: str) -> list[ast.expr] | None:
    """What a local variable is set to, its own name where that is not written out; None if it is changed by key."""
    source = project.source(function.path)
    body = source.definition(function.fact.line, function.name) if source is not None else None
    if source is None or body is None:
        return None
    values: list[ast.expr] = []
    for node in walk(body):
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load):
            above = source.parent(node)
            values.append(above.value if isinstance(above, ast.Assign) and above.targets == [node] else node)
        elif isinstance(node, ast.Subscript | ast.Attribute) and _changes(node, name, source.parent(node)):
            return None
    return values


def _changes(node: ast.Subscript | ast.Attribute, name: str, above: ast.AST | None) -> bool:
    if not isinstance(node.value, ast.Name) or node.value.id != name:
        return False
    if isinstance(node, ast.Subscript):
        return isinstance(node.ctx, ast.Store)
    return node.attr in {"update", "setdefault", "append", "extend"} and isinstance(above, ast.Call)
