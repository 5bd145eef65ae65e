"""Walks over trees: a whole file once, with its parents and its nodes by type, or a part in the order of the text."""

import ast
from typing import TypeVar

SomeNode = TypeVar("SomeNode", bound=ast.AST)

_LEAVES = frozenset(
    {
        "id",
        "ctx",
        "attr",
        "arg",
        "asname",
        "module",
        "level",
        "kind",
        "type_comment",
        "conversion",
        "is_async",
        "simple",
        "n",
        "s",
        "kwd_attrs",
    }
)


def walk(root: ast.AST, *closed: type[ast.AST]) -> list[ast.AST]:
    """*root* and the nodes below it in the order of the text, without what is inside nodes of the *closed* types."""
    found: list[ast.AST] = []
    pending: list[ast.AST | None] = [root]
    while pending:
        node = pending.pop()
        if node is None:
            continue
        found.append(node)
        kind = type(node)
        if kind in closed and node is not root:
            continue
        for name in reversed(_child_fields(kind)):
            value = getattr(node, name, None)
            if type(value) is list:
                pending.extend(reversed(value))  # pyright: ignore[reportUnknownArgumentType] Nodes, or None for a gap.
            elif isinstance(value, ast.AST):
                pending.append(value)
    return found


class Tree:
    def __init__(self, root: ast.AST) -> None:
        self.parents: dict[ast.AST, ast.AST] = {}
        self.by_type: dict[type[ast.AST], list[ast.AST]] = {}
        self._walk(root)

    def of_type(self, kind: type[SomeNode]) -> list[SomeNode]:
        return self.by_type.get(kind, [])  # pyright: ignore[reportReturnType] The walk files a node under its own type.

    def _walk(self, root: ast.AST) -> None:
        parents, by_type, pending = self.parents, self.by_type, [root]
        while pending:
            node = pending.pop()
            kind = type(node)
            found = by_type.get(kind)
            if found is None:
                by_type[kind] = [node]
            else:
                found.append(node)
            for name in _child_fields(kind):
                value = getattr(node, name, None)
                if type(value) is list:
                    for child in value:  # pyright: ignore[reportUnknownVariableType] Told apart on the next line.
                        if isinstance(child, ast.AST):
                            parents[child] = node
                            pending.append(child)
                elif isinstance(value, ast.AST):
                    parents[value] = node
                    pending.append(value)


class LocalNames:
    """The parameters and variables of each function, without those of the functions inside it."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.by_function: dict[ast.AST, set[str]] = {}
        for name in tree.of_type(ast.Name):
            if type(name.ctx) is ast.Store:
                self._add(name, name.id)
        for handler in tree.of_type(ast.ExceptHandler):
            if handler.name:
                self._add(handler, handler.name)
        for argument in tree.of_type(ast.arg):
            self._add(argument, argument.arg)
        for declared in (*tree.of_type(ast.Global), *tree.of_type(ast.Nonlocal)):
            self._function(declared, set()).difference_update(declared.names)
        self.names = frozenset(name for names in self.by_function.values() for name in names)

    def of(self, function: ast.AST) -> set[str]:
        """The names of one function or lambda; nothing for other nodes."""
        return self.by_function.get(function, set())

    def _add(self, node: ast.AST, name: str) -> None:
        self._function(node, set()).add(name)

    def _function(self, node: ast.AST, nowhere: set[str]) -> set[str]:
        """The names of the innermost function around *node*; a class body keeps its own."""
        parents = self.tree.parents
        above = parents.get(node)
        while above is not None:
            if isinstance(above, _FUNCTIONS):
                return self.by_function.setdefault(above, set())
            if isinstance(above, ast.ClassDef):
                return nowhere
            above = parents.get(above)
        return nowhere


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {ast.Constant: (), ast.Global: (), ast.Nonlocal: ()}


def _child_fields(kind: type[ast.AST]) -> tuple[str, ...]:
    """The fields of a node type that can hold nodes worth visiting."""
    fields = _FIELDS.get(kind)
    if fields is None:
        fields = _FIELDS[kind] = tuple(name for name in kind._fields if name not in _LEAVES)
    return fields
