"""Who inherits from whom, across project, installed libraries and built-in table; an unknown base is said so."""

import ast
import builtins
from typing import TYPE_CHECKING, NamedTuple

from plumb.index.facts import Expr
from plumb.index.known import BASES, canonical
from plumb.index.modules import ClassInfo, External, FieldInfo, FunctionInfo, Symbol, ValueInfo
from plumb.index.names import dotted_name

if TYPE_CHECKING:
    from plumb.project import Project

_PLAIN_PACKAGES = frozenset({"typing", "typing_extensions", "abc", "collections.abc"})


class Lineage(NamedTuple):
    """A class and its ancestors in lookup order; not `complete` when the base of some ancestor is unknown."""

    keys: tuple[str, ...]
    classes: tuple[ClassInfo, ...]
    complete: bool


class Hierarchy:
    def __init__(self, project: "Project") -> None:
        self.project = project
        self.active: set[str] = set()

    def lineage(self, symbol: ClassInfo | External | ValueInfo) -> Lineage:
        """The class itself first. A cycle of inheritance ends where it closes and is not complete."""
        if isinstance(symbol, ValueInfo):
            return Lineage((symbol.key,), (), complete=False)
        if isinstance(symbol, External):
            return self.project.memo(("lineage", symbol.key), lambda: self._external(symbol.key))
        return self.project.memo(("lineage", symbol.path, symbol.key), lambda: self._known(symbol))

    def is_subclass(self, child: ClassInfo | External, parent: ClassInfo | External) -> bool | None:
        """Whether *child* is *parent* or inherits from it; None when an unknown base leaves it open."""
        lineage = self.lineage(child)
        if self.identity(parent) in lineage.keys:
            return True
        return False if lineage.complete and self.lineage(parent).complete else None

    def inherits(self, symbol: Symbol | None, *keys: str) -> bool:
        """Whether a known ancestor of *symbol* is one of *keys*, spelled as imported or by its last name."""
        if not isinstance(symbol, ClassInfo | External):
            return False
        wanted = {*keys, *map(canonical, keys)}
        return not wanted.isdisjoint(self.lineage(symbol).keys)

    def identity(self, symbol: ClassInfo | External) -> str:
        """The key two symbols share exactly when they are the same class."""
        return self.lineage(symbol).keys[0]

    def member(self, owner: ClassInfo, name: str) -> FieldInfo | None:
        """The field *name* of the class or of its nearest ancestor that has one."""
        for known in self.lineage(owner).classes:
            field = known.field(name)
            if field is not None:
                return FieldInfo(known, field)
        return None

    def method(self, owner: ClassInfo, name: str) -> FunctionInfo | None:
        """The method *name* of the class or of its nearest ancestor in the project that has one."""
        for known in self.lineage(owner).classes:
            found = known.module.function(f"{known.qualname}.{name}") if not known.module.library else None
            if found is not None:
                return found
        return None

    def bases(self, owner: ClassInfo) -> list[Symbol | None]:
        return [self._base(owner, base) for base in owner.fact.bases]

    def _base(self, owner: ClassInfo, base: Expr) -> Symbol | None:
        node = base.node
        while isinstance(node, ast.Subscript):
            node = node.value
        names = self.project.environment.names if owner.module.library else self.project.names
        dotted = dotted_name(node)
        return names.resolve(owner.module, dotted, owner.fact.scope) if dotted else None

    def _known(self, owner: ClassInfo) -> Lineage:
        if owner.module.library and canonical(owner.key) in BASES:
            return self._external(owner.key)
        if owner.key in self.active:
            return Lineage((owner.key,), (owner,), complete=False)
        self.active.add(owner.key)
        try:
            parents = [self._parent(base) for base in self.bases(owner)]
        finally:
            self.active.discard(owner.key)
        return _merge(owner.key, owner, parents)

    def _parent(self, symbol: Symbol | None) -> Lineage:
        if isinstance(symbol, ClassInfo | External | ValueInfo):
            return self.lineage(symbol)
        return Lineage((), (), complete=False)

    def _external(self, key: str) -> Lineage:
        name = canonical(key)
        if name.startswith("builtins."):
            return _builtin(name.removeprefix("builtins."))
        if name in BASES:
            return _merge(name, None, [self._external(base) for base in BASES[name]])
        found = self.project.environment.find_class(key)
        if found is not None:
            return self._known(found)
        return Lineage((name,), (), complete=key.rpartition(".")[0] in _PLAIN_PACKAGES)


def _builtin(name: str) -> Lineage:
    found = getattr(builtins, name, None)
    if not isinstance(found, type):
        return Lineage((f"builtins.{name}",), (), complete=False)
    return Lineage(tuple(f"builtins.{base.__name__}" for base in found.__mro__), (), complete=True)


def _merge(key: str, owner: ClassInfo | None, parents: list[Lineage]) -> Lineage:
    """Parents in order, each ancestor at its last place, as in a diamond."""
    keys = [found for parent in parents for found in parent.keys]
    classes = [found for parent in parents for found in parent.classes]
    ordered = tuple(dict.fromkeys(reversed(keys)))[::-1]
    return Lineage(
        (key, *(found for found in ordered if found != key)),
        (*([owner] if owner else []), *tuple(dict.fromkeys(reversed(classes)))[::-1]),
        all(parent.complete for parent in parents),
    )
