"""Where an expression kept as text is at home, so that the names in it can be followed."""

import ast
from typing import TYPE_CHECKING, NamedTuple

from plumb.index.modules import ClassInfo, External, FieldInfo, Module, Symbol, ValueInfo
from plumb.index.names import dotted_name

if TYPE_CHECKING:
    from plumb.project import Project

Literal = str | int | float | bool | None
DEPTH = 6


class Scope(NamedTuple):
    """A module and the qualified name of the function or class inside it, "" for the module itself.

    `given` says what names stand for that a call or a class gives: an expression of another scope, or that class.
    """

    project: "Project"
    module: Module
    name: str = ""
    given: "tuple[tuple[str, Scope | None, ast.expr | ClassInfo], ...]" = ()

    @classmethod
    def of_class(cls, project: "Project", owner: ClassInfo) -> "Scope":
        """Where the expressions in the body of a class are read."""
        return cls(project, owner.module, owner.fact.qualname)

    def resolve(self, node: ast.expr) -> Symbol | None:
        """What a name or chain of attributes stands for; of `Base[T]`, what `Base` stands for."""
        while isinstance(node, ast.Subscript):
            node = node.value
        dotted = dotted_name(node)
        if not dotted:
            return None
        first, _, rest = dotted.partition(".")
        for name, home, meant in self.given:
            if name == first:
                return self._of_given(
                    meant if home is None or isinstance(meant, ClassInfo) else home.resolve(meant), rest
                )
        names = self.project.environment.names if self.module.library else self.project.names
        return names.resolve(self.module, dotted, self.name)

    def is_call_to(self, node: ast.AST | None, *keys: str) -> bool:
        """Whether *node* calls one of these external names."""
        if not isinstance(node, ast.Call):
            return False
        symbol = self.resolve(node.func)
        return isinstance(symbol, External) and symbol.key in keys

    def value(self, node: ast.expr, depth: int = DEPTH) -> tuple["Scope", ast.expr]:
        """The expression behind a name of a constant, with the scope it is written in; else *node* itself."""
        called = node.id if isinstance(node, ast.Name) and depth else ""
        for name, home, meant in self.given if called else ():
            if name == called and home is not None and isinstance(meant, ast.expr):
                return home.value(meant, depth - 1)
        symbol = self.resolve(node) if isinstance(node, ast.Name | ast.Attribute) and depth else None
        if isinstance(symbol, ValueInfo):
            return Scope(self.project, symbol.module).value(symbol.assignment.value.node, depth - 1)
        if isinstance(symbol, FieldInfo) and symbol.fact.value is not None:
            return Scope.of_class(self.project, symbol.owner).value(symbol.fact.value.node, depth - 1)
        return self, node

    def literal(self, node: ast.expr | None) -> Literal:
        """The string, number or truth value of *node*, through constants; None when it is none of these."""
        if node is None:
            return None
        _, found = self.value(node)
        if isinstance(found, ast.Constant) and isinstance(found.value, str | int | float | bool):
            return found.value
        return None

    def _of_given(self, owner: "Symbol | ast.expr | None", name: str) -> Symbol | None:
        """A given class, or what one of its attributes is set to."""
        if isinstance(owner, ast.expr) or not name:
            return None if isinstance(owner, ast.expr) else owner
        found = self.project.hierarchy.member(owner, name) if isinstance(owner, ClassInfo) else None
        value = found.fact.value if found is not None else None
        if found is None or value is None:
            return found
        return Scope.of_class(self.project, found.owner).resolve(value.node) or found


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The value of the keyword argument *name*."""
    return next((word.value for word in call.keywords if word.arg == name), None)


def argument(call: ast.Call, name: str, position: int) -> ast.expr | None:
    """An argument given by keyword or by position, unless a star before it makes the position unknown."""
    found = keyword(call, name)
    if (
        found is None
        and len(call.args) > position
        and not any(isinstance(one, ast.Starred) for one in call.args[: position + 1])
    ):
        return call.args[position]
    return found


def has_double_star(call: ast.Call) -> bool:
    """Whether the call passes keywords that are not written out."""
    return any(word.arg is None for word in call.keywords)


def entry(node: ast.expr | None, key: str) -> ast.expr | None:
    """The value under *key* of a dict display or of `dict(key=...)`."""
    if isinstance(node, ast.Call):
        return keyword(node, key)
    if isinstance(node, ast.Dict):
        for name, value in zip(node.keys, node.values, strict=True):
            if isinstance(name, ast.Constant) and name.value == key:
                return value
    return None
