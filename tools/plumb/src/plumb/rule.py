"""How a rule is declared: a decorated check function in a module of its own, documented by the module's docstring."""

import ast
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from plumb.findings import Good, Report, Severity

if TYPE_CHECKING:
    from plumb.project import Project
    from plumb.source import SourceFile

Outcome = Iterable[Report | Good]
NodeCheck = Callable[[Any, "SourceFile"], Outcome]
FileCheck = Callable[["SourceFile"], Outcome]
ProjectCheck = Callable[["Project"], Outcome]
SomeCheck = TypeVar("SomeCheck", bound=Callable[..., Outcome])

OptionValue = str | bool | int | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """A key a rule reads from `[tool.plumb]`; the default's type is the type that is accepted."""

    name: str
    default: OptionValue
    help: str


@dataclass(frozen=True, slots=True)
class Rule:
    code: str
    name: str
    severity: Severity
    documentation: str
    options: tuple[Option, ...] = ()
    kinds: frozenset[str] = frozenset()
    needles: tuple[str, ...] = ()
    nodes: tuple[type[ast.AST], ...] = ()
    node_check: NodeCheck | None = None
    file_check: FileCheck | None = None
    project_check: ProjectCheck | None = None

    @property
    def title(self) -> str:
        """The first line of the documentation."""
        return self.documentation.strip().splitlines()[0]

    def section(self, heading: str) -> str:
        """The text under `## heading`, or nothing."""
        _, _, rest = self.documentation.partition(f"## {heading}\n")
        return rest.partition("\n## ")[0].strip()


@dataclass(slots=True)
class Registry:
    """The rules by code; a second rule with the same code is an error of its author."""

    rules: dict[str, Rule] = field(default_factory=dict[str, Rule])

    def add(self, rule: Rule) -> None:
        if rule.code in self.rules:
            raise ValueError(f"{rule.code} is declared twice")
        self.rules[rule.code] = rule

    def all(self) -> list[Rule]:
        return [self.rules[code] for code in sorted(self.rules)]


REGISTRY = Registry()


def node_rule(
    code: str,
    name: str,
    severity: Severity,
    *,
    nodes: tuple[type[ast.AST], ...],
    needles: tuple[str, ...] = (),
    kinds: Iterable[str] = (),
    options: tuple[Option, ...] = (),
) -> Callable[[SomeCheck], SomeCheck]:
    """Declare `check(node, file)`, called for each node of the given types.

    A file whose text contains none of `needles` is not visited; `kinds` limits the rule to
    "app", "test" or "migration" files.
    """

    def declare(check: SomeCheck) -> SomeCheck:
        REGISTRY.add(
            Rule(code, name, severity, _doc(check), options, frozenset(kinds), needles, nodes, node_check=check)
        )
        return check

    return declare


def file_rule(
    code: str,
    name: str,
    severity: Severity,
    *,
    needles: tuple[str, ...] = (),
    kinds: Iterable[str] = (),
    options: tuple[Option, ...] = (),
) -> Callable[[SomeCheck], SomeCheck]:
    """Declare `check(file)`, called once for each file that contains one of `needles`."""

    def declare(check: SomeCheck) -> SomeCheck:
        REGISTRY.add(Rule(code, name, severity, _doc(check), options, frozenset(kinds), needles, file_check=check))
        return check

    return declare


def project_rule(
    code: str, name: str, severity: Severity, *, options: tuple[Option, ...] = ()
) -> Callable[[SomeCheck], SomeCheck]:
    """Declare `check(project)`, called once per run; for what no single file shows."""

    def declare(check: SomeCheck) -> SomeCheck:
        REGISTRY.add(Rule(code, name, severity, _doc(check), options, project_check=check))
        return check

    return declare


def _doc(check: Callable[..., Outcome]) -> str:
    return sys.modules[check.__module__].__doc__ or ""
