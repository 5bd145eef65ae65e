"""Where a function is at home: its own tree, parsed for itself, its names and its places."""

import ast
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from plumb.findings import Place
from plumb.index.facts import FunctionFact
from plumb.index.modules import ClassInfo, External, FunctionInfo, Module, Symbol
from plumb.index.names import dotted_name
from plumb.index.scope import Scope
from plumb.parsing import Unreadable, decode
from plumb.project import Project
from plumb.source import FunctionNode
from plumb.text import Lines, Located
from plumb.walk import walk

HOMES = 150
TEXTS = 40
"""So many of each are kept, those that were asked for last."""
Value = TypeVar("Value")


@dataclass(slots=True, eq=False)
class Home:
    """`node` is None for the module itself; `local` are the names that are variables of the function.

    `shared` are those that it, or a function inside it, declares to be the module's. `known` is what is the same in
    every run through the function, and `seen` what was read to find it out, which every run depends on.
    """

    project: Project
    module: Module
    name: str
    node: FunctionNode | None
    lines: Lines
    local: frozenset[str]
    shared: frozenset[str] = frozenset()
    known: dict[Hashable, Any] = field(default_factory=dict[Hashable, Any])
    seen: set[str] = field(default_factory=set[str])

    @property
    def path(self) -> str:
        return self.module.path

    @property
    def scope(self) -> Scope:
        return Scope(self.project, self.module, self.name)

    def place(self, node: Located) -> Place:
        return Place(self.path, *self.lines.span(node))

    def is_local(self, name: str) -> bool:
        """Whether the name is a variable, and not bound by a local import or definition that is known."""
        return name in self.local and self.module.binding(self.name, name) is None

    def once(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """The value of *compute*, which sees nothing of the state of a run."""
        if key not in self.known:
            with self.project.tracker.recording() as seen:
                self.known[key] = compute()
            self.seen |= seen
        return self.known[key]

    def resolve(self, node: ast.expr) -> Symbol | None:
        """What a name or a chain of attributes stands for; None for variables."""
        dotted = dotted_name(node)
        if not dotted or self.is_local(dotted.partition(".")[0]):
            return None
        return self.once(dotted, lambda: self.project.names.resolve(self.module, dotted, self.name))

    def resolve_class(self, node: ast.expr) -> ClassInfo | External | None:
        while isinstance(node, ast.Subscript):
            node = node.value
        symbol = self.resolve(node)
        return symbol if isinstance(symbol, ClassInfo | External) else None


def home_of(project: Project, info: FunctionInfo) -> Home | None:
    """The home of a function; the trees of the last ones are kept."""
    project.touch_body(info)
    lines = _lines(project, info.path)
    kept = project.memo(("homes",), OrderedDict[str, Home | None])
    key = f"{info.path} {info.fact.qualname} {info.fact.line}"
    home = _last(kept, HOMES, key, lambda: _open(project, info, lines) if lines is not None else None)
    if home is not None:
        project.tracker.touch_all(home.seen)
    return home


def _last(kept: OrderedDict[str, Value], most: int, key: str, make: Callable[[], Value]) -> Value:
    """What is kept under *key*, in the place of what nobody has asked for longest."""
    if key in kept:
        kept.move_to_end(key)
        return kept[key]
    value = kept[key] = make()
    if len(kept) > most:
        kept.popitem(last=False)
    return value


def _lines(project: Project, path: str) -> Lines | None:
    kept = project.memo(("lines",), OrderedDict[str, Lines | None])
    return _last(kept, TEXTS, path, lambda: _read(project, path))


def _read(project: Project, path: str) -> Lines | None:
    try:
        return Lines(decode(project.raw(path)))
    except (OSError, Unreadable):
        return None


def _open(project: Project, info: FunctionInfo, lines: Lines) -> Home | None:
    open_file = project.trees.get(info.path)
    node = _parse(info.fact, lines) if open_file is None else open_file.definition(info.fact.line, info.name)
    node = node or _from_file(project, info)
    if node is None:
        return None
    local = project.memo(("bound", info.path, info.key, info.fact.line), lambda: frozenset(bound(node)))
    if info.fact.scope and info.module.class_(info.fact.scope) is None:
        around = info.module.function(info.fact.scope)
        outer = home_of(project, around) if around is not None else None
        local |= outer.local if outer is not None else frozenset()
    return Home(project, info.module, info.fact.qualname, node, lines, local, _shared(node, lines))


def _parse(fact: FunctionFact, lines: Lines) -> FunctionNode | None:
    """The function alone, its positions those of the file; None if it only parses with its surroundings."""
    first = min([fact.line, *(one.line for one in fact.decorators)])
    segment = "\n".join(lines.lines[first - 1 : fact.end_line])
    if segment[:1].isspace():
        segment = f"if 1:\n{segment}"
    above = "\n" * (fact.end_line - segment.count("\n") - 1)
    try:
        tree = ast.parse(f"{above}{segment}")
    except (SyntaxError, ValueError, RecursionError):
        return None
    body = tree.body[0].body if isinstance(tree.body[0], ast.If) else tree.body
    node = body[0]
    if not isinstance(node, FunctionNode) or node.name != fact.name:
        return None
    return node


def _from_file(project: Project, info: FunctionInfo) -> FunctionNode | None:
    source = project.source(info.path)
    return None if source is None else source.definition(info.fact.line, info.name)


def _shared(function: FunctionNode, lines: Lines) -> frozenset[str]:
    text = lines.lines[function.lineno - 1 : function.end_lineno]
    if not any("global" in line for line in text):
        return frozenset()
    return frozenset(name for node in walk(function) if isinstance(node, ast.Global) for name in node.names)


def bound(function: FunctionNode) -> set[str]:
    """Parameters and assigned names; those of functions inside are variables of theirs."""
    arguments = function.args
    given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    names = {one.arg for one in given if one is not None}
    for node in walk(function, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)[1:]:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names
