"""A file under check: its tree, the way up and down in it, its names, and the making of reports."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain, repeat
from typing import TYPE_CHECKING, TypeVar

from plumb.findings import Edit, Good, Place, Related, Report, Severity
from plumb.index.modules import ClassInfo, External, Module, Symbol, ValueInfo
from plumb.index.names import dotted_name
from plumb.index.scope import Scope
from plumb.parsing import Parsed
from plumb.text import Lines, Located
from plumb.track import Memo
from plumb.walk import LocalNames, Tree

if TYPE_CHECKING:
    from plumb.project import Project

SomeNode = TypeVar("SomeNode", bound=ast.AST)
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class SourceFile:
    """`kind` is "app", "test" or "migration"."""

    def __init__(self, project: "Project", path: str, parsed: Parsed) -> None:
        self.project = project
        self.path = path
        self.text = parsed.text
        self.rewritten = parsed.rewritten
        self.tree = parsed.tree
        self.lines = Lines(parsed.text)
        self.kind = project.kind(path)
        self.walked: Tree | None = None
        self.variables: LocalNames | None = None
        self.renamed: dict[str, set[str]] | None = None
        self.qualnames: dict[ast.AST, str] = {}
        self.memo = Memo(project.tracker)

    @property
    def module(self) -> Module:
        return self.project.module(self.path)

    @property
    def index(self) -> Tree:
        if self.walked is None:
            self.walked = Tree(self.tree)
        return self.walked

    def definition(self, line: int, name: str) -> FunctionNode | None:
        """The function whose `def` stands on this line."""
        return self.memo("definitions", self._definitions).get((line, name))

    def nodes(self, *types: type[SomeNode]) -> Iterator[SomeNode]:
        """Every node of these types, in no particular order."""
        return chain.from_iterable(map(self.index.of_type, types))

    def parent(self, node: ast.AST) -> ast.AST | None:
        return self.index.parents.get(node)

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """From the parent of *node* up to the module."""
        parents = self.index.parents
        while (above := parents.get(node)) is not None:
            yield above
            node = above

    def function_of(self, node: ast.AST) -> FunctionNode | None:
        """The innermost function around *node*."""
        return next((found for found in self.ancestors(node) if isinstance(found, FunctionNode)), None)

    def scope_of(self, node: ast.AST) -> str:
        """The qualified name of the function or class around *node*, "" at module level."""
        parents = self.index.parents
        above = parents.get(node)
        while above is not None and not isinstance(above, _SCOPES):
            above = parents.get(above)
        if above is None:
            return ""
        known = self.qualnames.get(above)
        if known is None:
            known = self.qualnames[above] = self._qualname(above)
        return known

    def text_of(self, node: Located) -> str:
        return self.lines.segment(node)

    def place(self, node: Located) -> Place:
        return Place(self.path, *self.lines.span(node))

    def resolve(self, node: ast.expr) -> Symbol | None:
        """What a name or a chain of attributes stands for where it is written; None when that is unknown."""
        dotted = dotted_name(node)
        if not dotted or self.is_local(node, dotted.partition(".")[0]):
            return None
        return self.project.names.resolve(self.module, dotted, self.scope_of(node))

    def resolve_class(self, node: ast.expr) -> ClassInfo | External | None:
        """The class *node* names; `Base[T]` is `Base`. A name outside the project may turn out to be no class."""
        while isinstance(node, ast.Subscript):
            node = node.value
        symbol = self.resolve(node)
        return symbol if isinstance(symbol, ClassInfo | External) else None

    def class_info(self, node: ast.ClassDef) -> ClassInfo:
        """The class that a definition in this file makes."""
        return self.module.class_at(node.lineno, node.name)

    def scope(self, node: ast.AST) -> Scope:
        """The scope of *node*, for what follows expressions through other files."""
        return Scope(self.project, self.module, self.scope_of(node))

    def is_call_to(self, node: ast.AST, *keys: str) -> bool:
        """Whether *node* calls one of the external names, such as `sqlalchemy.Enum`, however it was imported."""
        if not isinstance(node, ast.Call) or not self._may_be(node.func, keys):
            return False
        symbol = self.resolve(node.func)
        return isinstance(symbol, External) and symbol.key in keys

    def is_local(self, node: ast.AST, name: str) -> bool:
        """Whether *name* is a parameter or a variable of a function around *node*, and so not the module's."""
        if self.variables is None:
            self.variables = LocalNames(self.index)
        if name not in self.variables.names:
            return False
        for function in self.ancestors(node):
            if name in self.variables.of(function):
                return isinstance(function, ast.Lambda) or not self.module.binding(self._qualname(function), name)
        return False

    def report(
        self,
        node: Located | Place,
        message: str,
        fix: str,
        *,
        keys: Iterable[str] = (),
        edits: Iterable[Edit] = (),
        safe: bool = False,
        related: Iterable[Related] = (),
        severity: Severity | None = None,
    ) -> Report:
        """A violation at *node*. *fix* is the right pattern for this very snippet, with its real names."""
        place = node if isinstance(node, Place) else self.place(node)
        kept = () if self.rewritten else tuple(edits)
        return Report(place, message, fix, tuple(keys), kept, safe, tuple(related), severity)

    def good(self, node: Located | Place, *, keys: Iterable[str] = ()) -> Good:
        return Good(node if isinstance(node, Place) else self.place(node), tuple(keys))

    def edit(self, node: Located, text: str) -> Edit:
        """Replace the text of *node*."""
        return Edit(self.place(node), text)

    def insert(self, line: int, column: int, text: str) -> Edit:
        return Edit(Place(self.path, line, column, line, column), text)

    def related(self, symbol: ClassInfo | ValueInfo, message: str) -> Related | None:
        """The place where a known class or value of the project is defined."""
        if symbol.module.library:
            return None
        line = symbol.fact.line if isinstance(symbol, ClassInfo) else symbol.assignment.line
        return Related(Place(symbol.module.path, line, 1, line, 1), message)

    def _definitions(self) -> dict[tuple[int, str], FunctionNode]:
        return {(node.lineno, node.name): node for node in self.nodes(ast.FunctionDef, ast.AsyncFunctionDef)}

    def _may_be(self, function: ast.expr, keys: tuple[str, ...]) -> bool:
        """Whether a called expression can stand for one of *keys*, judged by its last name alone."""
        if isinstance(function, ast.Attribute):
            return any(map(str.endswith, keys, repeat(function.attr)))
        if not isinstance(function, ast.Name):
            return False
        if self.renamed is None:
            self.renamed = _renamed(self.module)
        possible = self.renamed.get(function.id, {function.id})
        return not possible.isdisjoint(_last_names(keys))

    def _qualname(self, function: ast.AST) -> str:
        outer, name = self.scope_of(function), getattr(function, "name", "")
        return f"{outer}.{name}" if outer else name


@cache
def _last_names(keys: tuple[str, ...]) -> frozenset[str]:
    return frozenset(key.rpartition(".")[2] for key in keys)


def _renamed(module: Module) -> dict[str, set[str]]:
    """For each name that imports and assignments of a file give, the names it may stand for."""
    found: dict[str, set[str]] = {}
    for one in module.facts.imports:
        found.setdefault(one.name, set()).add(one.attribute or one.name)
    for one in module.facts.assignments:
        found.setdefault(one.name, set()).add(one.value.text.rpartition(".")[2])
    return found
