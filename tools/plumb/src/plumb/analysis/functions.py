"""What a function does with its own names: what it returns, what its variables are set to, what its parameters are."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plumb.index.modules import FunctionInfo

if TYPE_CHECKING:
    from plumb.project import Project
    from plumb.source import FunctionNode, SourceFile

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def source_of(project: "Project", info: FunctionInfo) -> "tuple[SourceFile | None, FunctionNode | None]":
    """The file and the definition of a known function of the project."""
    source = None if info.module.library else project.source(info.path)
    if source is None:
        return None, None
    for node in (*source.nodes(ast.FunctionDef), *source.nodes(ast.AsyncFunctionDef)):
        if node.name == info.name and node.lineno == info.fact.line:
            return source, node
    return source, None


def own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function's body, without those of functions and classes inside it, in the order of the text."""
    pending = list(reversed(list(ast.iter_child_nodes(function))))
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            pending.extend(reversed(list(ast.iter_child_nodes(node))))


def returns_of(function: "FunctionNode") -> Iterator[ast.expr]:
    """The values of its `return` statements."""
    for node in own_nodes(function):
        if isinstance(node, ast.Return) and node.value is not None:
            yield node.value


def yields_of(function: "FunctionNode") -> Iterator[ast.expr]:
    """The values a generator gives."""
    for node in own_nodes(function):
        if isinstance(node, ast.Yield | ast.YieldFrom) and node.value is not None:
            yield node.value


def enclosing(node: ast.AST, file: "SourceFile") -> ast.AST | None:
    """The innermost function or lambda around *node*."""
    return next((found for found in file.ancestors(node) if isinstance(found, FUNCTIONS)), None)


def parameter_of(node: ast.Name, file: "SourceFile") -> ast.arg | None:
    """The parameter that *node* names, of the innermost function that has one of this name."""
    function = enclosing(node, file)
    while function is not None:
        arguments = getattr(function, "args", None)
        if isinstance(arguments, ast.arguments):
            for found in parameters(arguments):
                if found.arg == node.id:
                    return found
        function = enclosing(function, file)
    return None


def parameters(arguments: ast.arguments) -> list[ast.arg]:
    """Those that can be given by name."""
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def values_of(node: ast.Name, file: "SourceFile") -> list[ast.expr]:
    """What the variable *node* is set to by plain assignments, in the innermost function that sets it."""
    function = enclosing(node, file)
    while function is not None:
        found = assigned(function, file).get(node.id)
        if found:
            return found
        function = enclosing(function, file)
    return []


def assigned(function: ast.AST, file: "SourceFile") -> dict[str, list[ast.expr]]:
    """The values of the plain assignments of a function, by variable."""
    key = ("assigned", file.path, getattr(function, "lineno", 0), getattr(function, "col_offset", 0))
    return file.project.memo(key, lambda: _assigned(function))


def _assigned(function: ast.AST) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for node in own_nodes(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(node.value)
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and isinstance(node.target, ast.Name) and node.value:
            found.setdefault(node.target.id, []).append(node.value)
    return found
