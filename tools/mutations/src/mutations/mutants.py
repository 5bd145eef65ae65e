"""Operators and their mutants: an operator finds the places where our code could break a rule, and breaks each."""

import difflib
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from itertools import groupby
from pkgutil import iter_modules

from mutations import operators
from mutations.source import Edit, Repository, Source, applied

Edits = Iterable[Edit]
Find = Callable[[Source], Iterator[Edits]]


@dataclass(frozen=True)
class Operator:
    """One way to break one rule. Its docstring says what it does, and which places it passes over, and why."""

    rule: str
    name: str
    find: Find = field(repr=False)
    files: tuple[str, ...]
    tested: bool = True
    """Whether a test can see it. None can where the mutant weakens a test, or changes what only a reviewer compares."""
    against_base: bool = False
    """Whether the rule compares with the last commit."""
    both_databases: bool = False
    """Whether the tests have to run on PostgreSQL from the start."""


@dataclass(frozen=True)
class Mutant:
    """One edit of our code that breaks a rule."""

    operator: Operator
    edits: tuple[Edit, ...]
    repository: Repository = field(repr=False, compare=False)

    @property
    def path(self) -> str:
        return self.edits[0].path

    @property
    def place(self) -> str:
        return f"{self.path}:{self._old(self.path).count(chr(10), 0, self.edits[0].start) + 1}"

    @cached_property
    def texts(self) -> dict[str, str]:
        """The whole new text of each file that changes."""
        by_path = groupby(sorted(self.edits), key=lambda edit: edit.path)
        return {path: applied(self._old(path), list(edits)) for path, edits in by_path}

    @cached_property
    def diff(self) -> str:
        """What changes, as a unified diff without context."""
        lines: list[str] = []
        for path, new in self.texts.items():
            old = self._old(path)
            lines += difflib.unified_diff(old.splitlines(), new.splitlines(), path, path, n=0, lineterm="")
        return "\n".join(lines)

    @cached_property
    def id(self) -> str:
        return hashlib.sha256(f"{self.operator.name}\0{self.diff}".encode()).hexdigest()[:12]

    def _old(self, path: str) -> str:
        return self.repository.source(path).text if (self.repository.root / path).exists() else ""


_OPERATORS: list[Operator] = []


def operator(rule: str, name: str, *files: str, **options: bool) -> Callable[[Find], Find]:
    """Make a function an operator on the files that match *files*; it yields the edits of each mutant."""

    def register(find: Find) -> Find:
        _OPERATORS.append(Operator(rule, name, find, files, **options))
        return find

    return register


def all_operators() -> list[Operator]:
    """Every operator, by rule."""
    for module in sorted(iter_modules(operators.__path__), key=lambda found: found.name):
        import_module(f"{operators.__name__}.{module.name}")
    return sorted(_OPERATORS, key=lambda found: found.rule)


def mutants_of(found: Operator, repository: Repository) -> Iterator[Mutant]:
    for source in repository.matching(*found.files):
        for edits in found.find(source):
            yield Mutant(found, tuple(edits), repository)
