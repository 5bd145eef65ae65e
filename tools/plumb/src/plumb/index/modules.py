"""A module of the index and the things a name can stand for."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import overload

from plumb.index.facts import Assignment, ClassFact, FieldFact, FunctionFact, Import, ModuleFacts
from plumb.track import DECLARED, IMPORTS, Tracker

Binding = Import | ClassFact | FunctionFact | Assignment


class Module:
    """The facts of one file and what its names are bound to, by scope ("" is the module, else a qualified name).

    The keys of a project's classes start with their path, those of a library's with their module's name. Whatever is
    read here is noted: what asks for one name depends on what is declared under it, what asks for all on the file.
    """

    def __init__(
        self, path: str, dotted: str, facts: ModuleFacts, tracker: Tracker | None = None, *, library: bool = False
    ) -> None:
        self.path = path
        self.dotted = dotted
        self.library = library
        self._tracker = tracker or Tracker()
        self._facts = facts
        self._classes = {fact.qualname: fact for fact in facts.classes}
        self._class_at = {(fact.line, fact.name): fact for fact in facts.classes}
        self._functions = {fact.qualname: fact for fact in facts.functions}
        self._methods: dict[str, list[FunctionFact]] = {}
        for fact in facts.functions:
            self._methods.setdefault(fact.owner, []).append(fact)
        self._infos: dict[int, ClassInfo | FunctionInfo] = {}
        self._notes = _Notes(path)
        self._stars: list[Import] = []
        self._bindings: dict[tuple[str, str], Binding] = {}
        for binding in _in_order(facts):
            if isinstance(binding, Import) and binding.name == "*":
                self._stars.append(binding)
            else:
                self._bindings.setdefault((binding.scope, binding.name), binding)

    @property
    def facts(self) -> ModuleFacts:
        """All that the file declares."""
        self._tracker.touch(self.path)
        return self._facts

    @property
    def bindings(self) -> dict[tuple[str, str], Binding]:
        """What is bound first to each name, by scope and name."""
        self._tracker.touch(self.path)
        return self._bindings

    @property
    def imports(self) -> tuple[Import, ...]:
        self._tracker.touch(self._notes[IMPORTS])
        return self._facts.imports

    @property
    def stars(self) -> list[Import]:
        """The imports of whole modules, `from module import *`."""
        self._tracker.touch(self._notes[IMPORTS])
        return self._stars

    def binding(self, scope: str, name: str) -> Binding | None:
        """What is bound first to a name in this very scope."""
        self._tracker.touch(self._notes[scope or name])
        return self._bindings.get((scope, name))

    def note_of(self, qualname: str) -> str:
        """The note of what is declared under the first part of a name."""
        return self._notes[qualname]

    def key(self, qualname: str) -> str:
        return f"{self.dotted}.{qualname}" if self.library else f"{self.path}::{qualname}"

    def classes(self) -> Iterator["ClassInfo"]:
        for fact in self.facts.classes:
            yield self.info(fact)

    def functions(self) -> Iterator["FunctionInfo"]:
        for fact in self.facts.functions:
            yield self.info(fact)

    def function(self, qualname: str) -> "FunctionInfo | None":
        """The function or method of this qualified name."""
        self._tracker.touch(self._notes[qualname])
        fact = self._functions.get(qualname)
        return None if fact is None else self.info(fact)

    def class_(self, qualname: str) -> "ClassInfo | None":
        """The class of this qualified name."""
        self._tracker.touch(self._notes[qualname])
        fact = self._classes.get(qualname)
        return None if fact is None else self.info(fact)

    def class_at(self, line: int, name: str) -> "ClassInfo":
        """The class whose definition stands there."""
        self._tracker.touch(self.path)
        return self.info(self._class_at[line, name])

    def methods(self, owner: str) -> "list[FunctionInfo]":
        """The methods of a class, also those that a later one of the same name replaces."""
        self._tracker.touch(self._notes[owner])
        return [self.info(fact) for fact in self._methods.get(owner, ())]

    @overload
    def info(self, fact: ClassFact) -> "ClassInfo": ...
    @overload
    def info(self, fact: FunctionFact) -> "FunctionInfo": ...
    def info(self, fact: ClassFact | FunctionFact) -> "ClassInfo | FunctionInfo":
        """The class or function of one of the facts of this module, made once."""
        found = self._infos.get(id(fact))
        if found is None:
            found = ClassInfo(self, fact) if isinstance(fact, ClassFact) else FunctionInfo(self, fact)
            self._infos[id(fact)] = found
        return found

    def exported(self, name: str) -> bool:
        """Whether `from module import *` brings *name*."""
        self._tracker.touch(self._notes["__all__"])
        exports = self._facts.exports
        return name in exports if exports is not None else not name.startswith("_")


class _Notes(dict[str, str]):
    """The notes of what a file declares, by qualified names: those of one name are one."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def __missing__(self, qualname: str) -> str:
        name = qualname.partition(".")[0]
        self[qualname] = f"{self.path}{DECLARED}{name}" if name == qualname else self[name]
        return self[qualname]


@dataclass(frozen=True, slots=True)
class ClassInfo:
    """A class whose source is known."""

    module: Module = field(compare=False, repr=False)
    fact: ClassFact = field(compare=False, repr=False)
    key: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self.module.key(self.fact.qualname))

    @property
    def name(self) -> str:
        return self.fact.name

    @property
    def qualname(self) -> str:
        return self.fact.qualname

    @property
    def path(self) -> str:
        return self.module.path

    @property
    def line(self) -> int:
        return self.fact.line

    def methods(self) -> list["FunctionInfo"]:
        """The methods in the class body itself, also those that a later one of the same name replaces."""
        return self.module.methods(self.qualname)

    def field(self, name: str) -> FieldFact | None:
        """The last assignment to *name* in the class body itself, bases not included."""
        return next((found for found in reversed(self.fact.fields) if found.name == name), None)


@dataclass(frozen=True, slots=True)
class FunctionInfo:
    """A function or method whose source is known."""

    module: Module = field(compare=False, repr=False)
    fact: FunctionFact = field(compare=False, repr=False)
    key: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self.module.key(self.fact.qualname))

    @property
    def name(self) -> str:
        return self.fact.name

    @property
    def qualname(self) -> str:
        return self.fact.qualname

    @property
    def path(self) -> str:
        return self.module.path


@dataclass(frozen=True, slots=True)
class ValueInfo:
    """A module-level value that is neither a class nor a function: a constant, an instance, a call's result."""

    module: Module = field(compare=False, repr=False)
    assignment: Assignment = field(compare=False, repr=False)
    key: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self.module.key(self.qualname))

    @property
    def qualname(self) -> str:
        scope = f"{self.assignment.scope}." if self.assignment.scope else ""
        return f"{scope}{self.assignment.name}"


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """An assignment in the body of a known class, such as an enum member."""

    owner: ClassInfo
    fact: FieldFact

    @property
    def name(self) -> str:
        return self.fact.name

    @property
    def key(self) -> str:
        return f"{self.owner.key}.{self.fact.name}"


@dataclass(frozen=True, slots=True)
class External:
    """A name outside the project, spelled as it is imported: `sqlalchemy.Enum`, `builtins.ValueError`."""

    key: str

    @property
    def name(self) -> str:
        return self.key.rpartition(".")[2]

    @property
    def package(self) -> str:
        return self.key.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Package:
    """A folder without `__init__.py` in the way of a dotted name."""

    dotted: str
    importer: str


Symbol = Module | ClassInfo | FunctionInfo | ValueInfo | FieldInfo | External | Package


def _in_order(facts: ModuleFacts) -> list[Binding]:
    """First binding first, so that the import in `try` outranks the fallback in `except`."""
    everything: list[Binding] = [*facts.imports, *facts.classes, *facts.functions, *facts.assignments]
    return sorted(everything, key=lambda binding: binding.line)
