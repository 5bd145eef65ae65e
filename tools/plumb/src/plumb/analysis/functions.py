"""What a function does with its own names: what it returns, what its variables are set to, what its parameters are."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plumb.index.modules import FunctionInfo
from plumb.walk import walk

if TYPE_CHECKING:
    from plumb.project import Project
    from plumb.source import FunctionNode, SourceFile

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
ADDING = frozenset({"append", "extend", "insert", "update", "add", "setdefault"})


@dataclass(frozen=True, slots=True)
class Uses:
    """By variable: the values of its plain assignments; what is put into it (`x["key"] = value`, `x.append(value)`).

    And what it loops over, with the variables that loop over it: a loop may change what the list holds.
    """

    assigned: dict[str, list[ast.expr]] = field(default_factory=lambda: defaultdict(list))
    added: dict[str, list[tuple[ast.expr, str]]] = field(default_factory=lambda: defaultdict(list))
    looped: dict[str, list[ast.expr]] = field(default_factory=lambda: defaultdict(list))


def source_of(project: "Project", info: FunctionInfo) -> "tuple[SourceFile | None, FunctionNode | None]":
    """The file and the definition of a known function of the project."""
    source = None if info.module.library else project.source(info.path)
    return source, None if source is None else source.definition(info.fact.line, info.name)


def own_nodes(function: ast.AST) -> list[ast.AST]:
    """The nodes of a function's body, without those of functions and classes inside it, in the order of the text."""
    return walk(function, *FUNCTIONS, ast.ClassDef)[1:]


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
        found = uses(function, file).assigned.get(node.id)
        if found:
            return found
        function = enclosing(function, file)
    return []


def uses(function: ast.AST, file: "SourceFile") -> Uses:
    """What a function does with its variables, looked up once."""
    return file.memo(("uses", function), lambda: _uses(function))


def stores_in(function: ast.AST, file: "SourceFile") -> dict[str, list[ast.Name]]:
    """The places where each variable of a function is written, also in the functions inside it."""
    return file.memo(("stores", function), lambda: _stores(function))


def _stores(function: ast.AST) -> dict[str, list[ast.Name]]:
    found: dict[str, list[ast.Name]] = {}
    for node in walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.setdefault(node.id, []).append(node)
    return found


def _uses(function: ast.AST) -> Uses:
    found = Uses()
    for node in own_nodes(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                _assigned(target, node.value, found)
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and isinstance(node.target, ast.Name) and node.value:
            found.assigned[node.target.id].append(node.value)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            found.added[node.target.id].append((node.value, ""))
        elif isinstance(node, ast.Call):
            _added(node, found)
        elif isinstance(node, ast.For | ast.AsyncFor) and isinstance(node.target, ast.Name):
            found.looped[node.target.id].append(node.iter)
            if isinstance(node.iter, ast.Name):
                found.looped[node.iter.id].append(node.target)
    return found


def _assigned(target: ast.expr, value: ast.expr, found: Uses) -> None:
    if isinstance(target, ast.Name):
        found.assigned[target.id].append(value)
    elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
        key = target.slice.value if isinstance(target.slice, ast.Constant) else "?"
        found.added[target.value.id].append((value, str(key)))


def _added(call: ast.Call, found: Uses) -> None:
    function = call.func
    if isinstance(function, ast.Attribute) and function.attr in ADDING and isinstance(function.value, ast.Name):
        given = found.added[function.value.id]
        given.extend((value, "") for value in call.args)
        given.extend((word.value, word.arg or "") for word in call.keywords)
