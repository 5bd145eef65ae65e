"""Enum classes with the names and values of their members."""

import ast
from typing import TYPE_CHECKING, NamedTuple

from plumb.index.facts import Assignment, FieldFact, FunctionFact
from plumb.index.modules import ClassInfo, Symbol
from plumb.index.scope import Scope

if TYPE_CHECKING:
    from plumb.project import Project

ENUMS = ("enum.Enum", "enum.StrEnum", "enum.IntEnum", "enum.Flag", "enum.IntFlag", "enum.ReprEnum", "strenum.StrEnum")
AUTO = ("enum.auto", "strenum.auto")


class Member(NamedTuple):
    """`value` is None when it cannot be read from the source."""

    name: str
    value: str | int | None
    line: int


class EnumInfo(NamedTuple):
    owner: ClassInfo
    members: tuple[Member, ...]

    @property
    def name(self) -> str:
        """The name of the class."""
        return self.owner.name

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the members, as SQLAlchemy stores them by default."""
        return tuple(member.name for member in self.members)

    @property
    def values(self) -> tuple[str, ...] | None:
        """The values, if all of them are strings that can be read."""
        values = tuple(member.value for member in self.members if isinstance(member.value, str))
        return values if values and len(values) == len(self.members) else None

    @property
    def differs(self) -> bool:
        """Whether storing names is certainly not storing values."""
        return self.values is not None and self.values != self.names


def enum_of(project: "Project", symbol: Symbol | None) -> EnumInfo | None:
    """The enum that *symbol* is, if it is a known one with members."""
    if not isinstance(symbol, ClassInfo) or symbol.module.library:
        return None
    return project.memo(("enum", symbol.key), lambda: _read(project, symbol))


def _read(project: "Project", owner: ClassInfo) -> EnumInfo | None:
    if not project.hierarchy.inherits(owner, *ENUMS):
        return None
    scope, automatic, given = Scope(project, owner.module), _Automatic(project, owner), _given_by_new(project, owner)
    members: list[Member] = []
    for field in owner.fact.fields:
        if field.value is None or field.name.startswith("_") or field.name in owner.fact.methods:
            continue
        node = _value_of(field.value.node, given)
        is_automatic = scope.is_call_to(node, *AUTO)
        value = automatic.value(field.name, len(members)) if is_automatic else scope.literal(node)
        if not _is_alias(field, members):
            members.append(Member(field.name, value if isinstance(value, str | int) else None, field.line))
    return EnumInfo(owner, tuple(members)) if members else None


def _is_alias(field: FieldFact, members: list[Member]) -> bool:
    assert field.value is not None
    return field.value.text in {member.name for member in members}


def _given_by_new(project: "Project", owner: ClassInfo) -> int | None:
    """Which argument `__new__` makes the value of a member; None where it leaves that to `Enum`, -1 if it is unread."""
    new = project.hierarchy.method(owner, "__new__")
    known = new.module.facts.assignments if new is not None else ()
    set_to = [one.value.text for one in known if new is not None and _sets_value(one, new.fact)]
    if new is None or not set_to:
        return None
    names = [one.name for one in new.fact.parameters[1:] if one.kind == "positional"]
    return names.index(set_to[0]) if len(set_to) == 1 and set_to[0] in names else -1


def _sets_value(found: Assignment, function: FunctionFact) -> bool:
    return found.scope == function.qualname and found.name.endswith("._value_")


def _value_of(node: ast.expr, given: int | None) -> ast.expr | None:
    """The part of what a member is set to that becomes its value; nothing can be said of a whole tuple."""
    if given is None:
        return None if isinstance(node, ast.Tuple) else node
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return parts[given] if 0 <= given < len(parts) else None


class _Automatic:
    """What `auto()` gives in a class: by its own rule if it has one, else by StrEnum's or Enum's."""

    def __init__(self, project: "Project", owner: ClassInfo) -> None:
        self.rule = "lower" if project.hierarchy.inherits(owner, "enum.StrEnum", "strenum.StrEnum") else "count"
        if self.rule == "count" and project.hierarchy.inherits(owner, "builtins.str"):
            self.rule = "unknown"
        for known in project.hierarchy.lineage(owner).classes:
            own = known.module.function(f"{known.qualname}._generate_next_value_")
            if own is not None:
                self.rule = _rule_of(own.fact)
                break

    def value(self, name: str, position: int) -> str | int | None:
        """The value of the member *name*, the first of which has the position 0."""
        rules: dict[str, str | int] = {
            "lower": name.lower(),
            "upper": name.upper(),
            "name": name,
            "count": position + 1,
        }
        return rules.get(self.rule)


def _rule_of(fact: FunctionFact) -> str:
    first = next((parameter.name for parameter in fact.parameters if parameter.name not in {"self", "cls"}), "name")
    known = {first: "name", f"{first}.lower()": "lower", f"{first}.upper()": "upper"}
    return known.get(fact.returned[0].text, "unknown") if len(fact.returned) == 1 else "unknown"
