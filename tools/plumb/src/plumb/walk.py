"""One walk over a tree that remembers every parent and sorts the nodes by type."""

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
    }
)


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


_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {ast.Constant: (), ast.Global: (), ast.Nonlocal: ()}


def _child_fields(kind: type[ast.AST]) -> tuple[str, ...]:
    """The fields of a node type that can hold nodes worth visiting."""
    fields = _FIELDS.get(kind)
    if fields is None:
        fields = _FIELDS[kind] = tuple(name for name in kind._fields if name not in _LEAVES)
    return fields
