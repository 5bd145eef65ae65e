"""A module of the index and the things a name can stand for."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import overload

from plumb.index.facts import Assignment, ClassFact, FieldFact, FunctionFact, Import, ModuleFacts

Binding = Import | ClassFact | FunctionFact | Assignment


class Module:
    """The facts of one file and what its names are bound to, by scope ("" is the module, else a qualified name).

    The keys of a project's classes start with their path, those of a library's with their module's name.
    """

    def __init__(self, path: str, dotted: str, facts: ModuleFacts, *, library: bool = False) -> None:
        self.path = path
        self.dotted = dotted
        self.library = library
        self.facts = facts
        self.class_scopes = frozenset(fact.qualname for fact in facts.classes)
        self.class_at = {(fact.line, fact.name): fact for fact in facts.classes}
        self.class_named = {fact.qualname: fact for fact in facts.classes}
        self.function_named = {fact.qualname: fact for fact in facts.functions}
        self.infos: dict[int, ClassInfo | FunctionInfo] = {}
        self.stars: list[Import] = []
        self.bindings: dict[tuple[str, str], Binding] = {}
        for binding in _in_order(facts):
            if isinstance(binding, Import) and binding.name == "*":
                self.stars.append(binding)
            else:
                self.bindings.setdefault((binding.scope, binding.name), binding)

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
        fact = self.function_named.get(qualname)
        return None if fact is None else self.info(fact)

    @overload
    def info(self, fact: ClassFact) -> "ClassInfo": ...
    @overload
    def info(self, fact: FunctionFact) -> "FunctionInfo": ...
    def info(self, fact: ClassFact | FunctionFact) -> "ClassInfo | FunctionInfo":
        """The class or function of one of the facts of this module, made once."""
        found = self.infos.get(id(fact))
        if found is None:
            found = ClassInfo(self, fact) if isinstance(fact, ClassFact) else FunctionInfo(self, fact)
            self.infos[id(fact)] = found
        return found

    def exported(self, name: str) -> bool:
        """Whether `from module import *` brings *name*."""
        return name in self.facts.exports if self.facts.exports is not None else not name.startswith("_")


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
    def path(self) -> str:
        return self.module.path

    @property
    def line(self) -> int:
        return self.fact.line

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
    def path(self) -> str:
        return self.module.path


@dataclass(frozen=True, slots=True)
class ValueInfo:
    """A module-level value that is neither a class nor a function: a constant, an instance, a call's result."""

    module: Module = field(compare=False, repr=False)
    assignment: Assignment = field(compare=False, repr=False)
    key: str = field(init=False)

    def __post_init__(self) -> None:
        scope = f"{self.assignment.scope}." if self.assignment.scope else ""
        object.__setattr__(self, "key", self.module.key(scope + self.assignment.name))


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
