"""Walks over trees: a whole file once, with its parents and its nodes by type, or a part in the order of the text."""

import ast
from collections import defaultdict
from collections.abc import Iterator
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
        "name",
        "rest",
        "op",
        "ops",
        "tag",
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
        for name in _BACKWARDS[kind]:
            value = getattr(node, name, None)
            if type(value) is list:
                if value:
                    pending += value[::-1]  # Nodes, or None for a gap.
            elif value is not None:
                pending.append(value)
    return found


def names_in(root: ast.AST) -> set[str]:
    """The names that are read or set inside."""
    return {node.id for node in walk(root) if isinstance(node, ast.Name)}


def levels(root: ast.AST) -> list[ast.AST]:
    """*root* and the nodes below it, level by level as `ast.walk` gives them, but for operators and contexts."""
    found = [root]
    for node in found:
        for name in _FIELDS[type(node)]:
            value = getattr(node, name, None)
            if type(value) is list:
                if value:
                    found += [child for child in value if child is not None]  # pyright: ignore[reportUnknownVariableType]
            elif value is not None:
                found.append(value)
    return found


def child_expressions(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions right below *node*, in the order of its fields."""
    for name in _FIELDS[type(node)]:
        value = getattr(node, name, None)
        if isinstance(value, ast.expr):
            yield value
        elif type(value) is list:
            yield from (child for child in value if isinstance(child, ast.expr))  # pyright: ignore[reportUnknownVariableType]


class Tree:
    def __init__(self, root: ast.AST) -> None:
        self.parents: dict[ast.AST, ast.AST] = {}
        self.by_type: defaultdict[type[ast.AST], list[ast.AST]] = defaultdict(list)
        self._walk(root)

    def of_type(self, kind: type[SomeNode]) -> list[SomeNode]:
        return self.by_type.get(kind, [])  # pyright: ignore[reportReturnType] The walk files a node under its own type.

    def _walk(self, root: ast.AST) -> None:
        parents, by_type, level = self.parents, self.by_type, [root]
        while level:
            below: list[ast.AST] = []
            for node in level:
                kind = type(node)
                by_type[kind].append(node)
                for name in _FIELDS[kind]:
                    value = getattr(node, name, None)
                    if type(value) is list:
                        for child in value:  # pyright: ignore[reportUnknownVariableType] Nodes, or None for a gap.
                            if child is not None:
                                parents[child] = node
                                below.append(child)  # pyright: ignore[reportUnknownArgumentType]
                    elif value is not None:
                        parents[value] = node
                        below.append(value)
            level = below


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


def chained_calls(node: ast.expr) -> Iterator[ast.Call]:
    """The calls of `update(users).where(...).values(...)`, the last one first."""
    while isinstance(node, ast.Call):
        yield node
        node = node.func.value if isinstance(node.func, ast.Attribute) else node.func


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class _Fields(dict[type[ast.AST], tuple[str, ...]]):
    """The fields of each node type that hold nodes worth visiting, and nothing else."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        leaves = _LEAVES - {"name"} if kind.__name__ == "TypeAlias" else _LEAVES
        self[kind] = tuple(name for name in kind._fields if name not in leaves)
        return self[kind]


class _Backwards(dict[type[ast.AST], tuple[str, ...]]):
    """The same fields, the last one first."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        self[kind] = _FIELDS[kind][::-1]
        return self[kind]


_FIELDS = _Fields(dict.fromkeys((ast.Constant, ast.Global, ast.Nonlocal, ast.MatchSingleton), ()))
_BACKWARDS = _Backwards()
