"""Which method of the project a call such as `service.read()` or `row.to_dict()` reaches."""

import ast
from typing import TYPE_CHECKING

from plumb.analysis.functions import parameter_of, values_of
from plumb.index.annotations import meaning
from plumb.index.modules import ClassInfo, FunctionInfo, ValueInfo
from plumb.index.scope import Scope, argument
from plumb.views import view

if TYPE_CHECKING:
    from plumb.project import Project
    from plumb.source import SourceFile

COMMON = frozenset({"get", "all", "first", "one", "execute", "items", "values", "pop", "copy", "json", "read", "send"})


def method_called(call: ast.Call, file: "SourceFile") -> FunctionInfo | None:
    """The method that *call* reaches: of `self`, of a known class, else the only one of this name in the project."""
    if not isinstance(call.func, ast.Attribute):
        return None
    name, receiver = call.func.attr, call.func.value
    owner = _class_of(receiver, file)
    if owner is not None:
        return file.project.hierarchy.method(owner, name)
    if name in COMMON or file.resolve(receiver) is not None:
        return None
    return _only_method(file.project, name)


def _class_of(node: ast.expr, file: "SourceFile") -> ClassInfo | None:  # noqa: PLR0911 one answer per form
    if isinstance(node, ast.Await):
        node = node.value
    if isinstance(node, ast.Call):
        symbol = file.resolve(node.func)
        return symbol if isinstance(symbol, ClassInfo) else None
    if not isinstance(node, ast.Name):
        return None
    if node.id in {"self", "cls"}:
        return _around(node, file)
    symbol = file.resolve(node)
    if isinstance(symbol, ClassInfo):
        return symbol
    if isinstance(symbol, ValueInfo):
        return _instance(symbol, file)
    parameter = parameter_of(node, file)
    if parameter is not None:
        return _annotated(parameter, file)
    found = [value for value in values_of(node, file) if isinstance(value, ast.Call)]
    return _class_of(found[0], file) if len(found) == 1 else None


def _instance(value: ValueInfo, file: "SourceFile") -> ClassInfo | None:
    """The class of a module's `orders = OrderService()`."""
    made = value.assignment.value.node
    symbol = Scope(file.project, value.module).resolve(made.func) if isinstance(made, ast.Call) else None
    return symbol if isinstance(symbol, ClassInfo) else None


def _around(node: ast.AST, file: "SourceFile") -> ClassInfo | None:
    around = next((found for found in file.ancestors(node) if isinstance(found, ast.ClassDef)), None)
    return None if around is None else file.class_info(around)


def _annotated(parameter: ast.arg, file: "SourceFile") -> ClassInfo | None:
    said = meaning(parameter.annotation, file.scope(parameter))
    if isinstance(said.symbol, ClassInfo):
        return said.symbol
    for scope, extra in said.metadata:
        if isinstance(extra, ast.Call):
            first = argument(extra, "dependency", 0)
            symbol = scope.resolve(first) if first is not None else None
            if isinstance(symbol, ClassInfo):
                return symbol
    return None


@view
def _only_method(project: "Project", name: str) -> FunctionInfo | None:
    """The method of this name, if no two classes of the application have one."""
    found = project.memo(("methods by name",), lambda: _methods(project)).get(name, [])
    return found[0] if len(found) == 1 else None


def _methods(project: "Project") -> dict[str, list[FunctionInfo]]:
    found: dict[str, list[FunctionInfo]] = {}
    for module in project.modules():
        if project.kind(module.path) == "app":
            for function in module.functions():
                if function.fact.owner:
                    found.setdefault(function.name, []).append(function)
    return found
