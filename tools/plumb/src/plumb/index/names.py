"""Finds what a dotted name stands for: through imports, re-exports, aliases, star imports and nested classes."""

import ast
import builtins
from typing import Protocol

from plumb.index.facts import Assignment, ClassFact, FunctionFact, Import
from plumb.index.modules import (
    Binding,
    ClassInfo,
    External,
    FieldInfo,
    Module,
    Package,
    Symbol,
    ValueInfo,
)
from plumb.track import Tracker

BUILTINS = frozenset(dir(builtins))
REMEMBERED = 20_000


class Files(Protocol):
    """Where modules come from: the project, or the installed libraries."""

    def find(self, dotted: str, importer: str) -> str | None: ...

    def relative(self, importer: str, level: int, dotted: str) -> str | None: ...

    def child(self, path: str, name: str) -> str | None: ...

    def module(self, path: str) -> Module: ...


class Names:
    """*tracker* notes the files that a name leads through, also when the answer is remembered."""

    def __init__(self, files: Files, tracker: Tracker) -> None:
        self.files = files
        self.tracker = tracker
        self.active: set[tuple[str, str, str]] = set()
        self.resolved: dict[tuple[str, str, str], tuple[Symbol | None, set[str]]] = {}

    def resolve(self, module: Module, dotted: str, scope: str = "") -> Symbol | None:
        """What *dotted* means in *module*, seen from the function or class *scope*; None when that is unknown."""
        if self.active:
            return self._resolve(module, dotted, scope)
        key = (module.path, dotted, scope)
        known = self.resolved.get(key)
        if known is None:
            if len(self.resolved) > REMEMBERED:
                self.resolved.clear()
            with self.tracker.recording() as seen:
                known = self.resolved[key] = (self._resolve(module, dotted, scope), seen)
            return known[0]
        self.tracker.touch_all(known[1])
        return known[0]

    def _resolve(self, module: Module, dotted: str, scope: str) -> Symbol | None:
        first, *rest = dotted.split(".")
        symbol = self.name(module, first, scope)
        for part in rest:
            if symbol is None:
                return None
            symbol = self.member(symbol, part)
        return symbol

    def name(self, module: Module, name: str, scope: str) -> Symbol | None:
        inner = scope
        while inner:
            found = self.bound(module, inner, name) if inner == scope or module.class_(inner) is None else None
            if found is not None:
                return found
            inner = inner.rpartition(".")[0]
        return self.bound(module, "", name) or self.starred(module, name) or _builtin(name)

    def bound(self, module: Module, scope: str, name: str) -> Symbol | None:
        """What *name* is bound to in this very scope; a cycle of re-exports ends in None."""
        binding = module.binding(scope, name)
        key = (module.path, scope, name)
        if binding is None or key in self.active:
            return None
        self.active.add(key)
        try:
            return self.bring(module, binding)
        finally:
            self.active.discard(key)

    def bring(self, module: Module, binding: Binding) -> Symbol | None:
        if isinstance(binding, ClassFact | FunctionFact):
            return module.info(binding)
        if isinstance(binding, Assignment):
            alias = dotted_name(binding.value.node) if binding.value.text.replace(".", "").isidentifier() else ""
            target = self.resolve(module, alias, binding.scope) if alias else None
            if target is None and alias == binding.name:
                target = _builtin(alias)
            return target or ValueInfo(module, binding)
        return self.imported(module, binding)

    def imported(self, module: Module, binding: Import) -> Symbol | None:
        source = self.target(module, binding.module, binding.level)
        if binding.attribute is None or source is None:
            return source
        return self.member(source, binding.attribute)

    def target(self, module: Module, dotted: str, level: int) -> Symbol | None:
        """The module an import statement names."""
        if level:
            path = self.files.relative(module.path, level, dotted)
            return None if path is None else self._open(path, module.path)
        path = self.files.find(dotted, module.path)
        if path is None or (path == module.path and "." not in dotted and not path.endswith("/__init__.py")):
            return External(dotted)  # `import stripe` in a file stripe.py of a package means the library
        return self._open(path, module.path)

    def member(self, symbol: Symbol, name: str) -> Symbol | None:
        if isinstance(symbol, Module):
            return self.bound(symbol, "", name) or self._submodule(symbol.path, name) or self.starred(symbol, name)
        if isinstance(symbol, Package):
            path = self.files.child(symbol.dotted, name)
            return None if path is None else self._open(path, symbol.importer)
        if isinstance(symbol, External):
            return External(f"{symbol.key}.{name}")
        if isinstance(symbol, ClassInfo):
            return self._class_member(symbol, name)
        return None

    def starred(self, module: Module, name: str) -> Symbol | None:
        for star in module.stars:
            source = self.target(module, star.module, star.level)
            key = (module.path, "*", name)
            if not isinstance(source, Module) or not source.exported(name) or key in self.active:
                continue
            self.active.add(key)
            try:
                found = self.bound(source, "", name) or self.starred(source, name)
            finally:
                self.active.discard(key)
            if found is not None:
                return found
        return None

    def _class_member(self, owner: ClassInfo, name: str) -> Symbol | None:
        found = self.bound(owner.module, owner.fact.qualname, name)
        if found is not None:
            return found
        field = owner.field(name)
        return None if field is None else FieldInfo(owner, field)

    def _submodule(self, path: str, name: str) -> Symbol | None:
        child = self.files.child(path, name)
        return None if child is None else self._open(child, path)

    def _open(self, path: str, importer: str) -> Symbol:
        return Package(path, importer) if path.endswith("/") else self.files.module(path)


def dotted_name(node: ast.AST) -> str:
    """`a.b.c` for a chain of attributes on a name, else nothing."""
    if isinstance(node, ast.Name):
        return node.id
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


def _builtin(name: str) -> External | None:
    return External(f"builtins.{name}") if name in BUILTINS else None
