"""Which exceptions the handlers of a `try` catch, with names, tuples, constants and concatenations followed."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from plumb.index.modules import ClassInfo, External, ValueInfo
from plumb.index.names import dotted_name
from plumb.source import SourceFile

DEPTH = 5


class Caught(NamedTuple):
    """An exception class with the expression in the handler that brings it."""

    symbol: ClassInfo | External
    node: ast.expr
    handler: ast.ExceptHandler

    @property
    def name(self) -> str:
        return dotted_name(self.node)

    @property
    def label(self) -> str:
        """The name with its class, where a constant hides it: `TRANSIENT` (`ReadTimeout`)."""
        return self.name if self.name.rpartition(".")[2] == self.symbol.name else f"{self.name} ({self.symbol.name})"


def caught(handler: ast.ExceptHandler, file: SourceFile) -> list[Caught]:
    """The known exceptions of a handler; a bare `except:` catches BaseException."""
    if handler.type is None:
        return []
    return [
        Caught(symbol, place, handler) for place in _members(handler.type) for symbol in _classes(place, file, DEPTH)
    ]


def covers(file: SourceFile, parent: Caught, child: Caught) -> bool:
    """Whether *parent* is certainly an ancestor of *child*, and not the same class."""
    hierarchy = file.project.hierarchy
    same = hierarchy.identity(parent.symbol) == hierarchy.identity(child.symbol)
    return not same and hierarchy.is_subclass(child.symbol, parent.symbol) is True


def hardly_missed(file: SourceFile, parent: Caught, child: Caught) -> bool:
    """Whether *parent* is `Exception` and *child* of a library that is not installed, but called an error by it."""
    hierarchy = file.project.hierarchy
    everything = hierarchy.identity(parent.symbol) == "builtins.Exception"
    named = isinstance(child.symbol, External) and child.symbol.name.endswith(("Error", "Exception"))
    return everything and named and hierarchy.is_subclass(child.symbol, parent.symbol) is None


def same(file: SourceFile, one: Caught, other: Caught) -> bool:
    hierarchy = file.project.hierarchy
    return hierarchy.identity(one.symbol) == hierarchy.identity(other.symbol)


def _members(node: ast.expr) -> Iterator[ast.expr]:
    """The parts of a tuple, of a tuple in a tuple, and of tuples that are added up."""
    if isinstance(node, ast.Tuple):
        for element in node.elts:
            yield from _members(element)
    elif isinstance(node, ast.Starred):
        yield from _members(node.value)
    elif isinstance(node, ast.BinOp):
        yield from _members(node.left)
        yield from _members(node.right)
    else:
        yield node


def _classes(node: ast.expr, file: SourceFile, depth: int) -> Iterator[ClassInfo | External]:
    local = _local_value(node, file) if isinstance(node, ast.Name) else None
    if local is not None and depth:
        for member in _members(local):
            yield from _classes(member, file, depth - 1)
        return
    symbol = file.resolve(node)
    if isinstance(symbol, ClassInfo | External):
        yield symbol
    elif isinstance(symbol, ValueInfo):
        yield from _constant(symbol, file, depth)


def _constant(value: ValueInfo, file: SourceFile, depth: int) -> Iterator[ClassInfo | External]:
    """The classes in a module-level tuple such as `TRANSIENT = (ConnectTimeout, ReadTimeout)`."""
    names = file.project.environment.names if value.module.library else file.project.names
    for member in _members(value.assignment.value.node):
        symbol = names.resolve(value.module, dotted_name(member)) if dotted_name(member) else None
        if isinstance(symbol, ClassInfo | External):
            yield symbol
        elif isinstance(symbol, ValueInfo) and depth:
            yield from _constant(symbol, file, depth - 1)


def _local_value(name: ast.Name, file: SourceFile) -> ast.expr | None:
    """The value of a variable of the function around that is assigned exactly once, by a plain assignment."""
    function = file.function_of(name)
    if function is None or not file.is_local(name, name.id):
        return None
    stores = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and node.id == name.id and isinstance(node.ctx, ast.Store)
    ]
    parent = file.parent(stores[0]) if len(stores) == 1 else None
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1 and parent.targets[0] is stores[0]:
        return parent.value
    return None
