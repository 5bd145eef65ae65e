"""A field, with all that is written about it: in a table, on the wire, in Zod, and the values that prove it."""

from collections.abc import Mapping
from dataclasses import dataclass, field as having
from typing import Any

from plumb.resources.names import Noun, pascal, words
from plumb.resources.refusal import Refusal


class Code(str):
    """A sample value that is written as an expression: `"x" * 200`."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Enum:
    """A new enum: `InvoiceStatus`."""

    name: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """A table that a reference can lead to."""

    noun: str
    table: str
    module: str
    owned: bool
    """Whether its rows belong to a user."""
    factory: str | None
    """The module of tests that makes one."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a type has to know of the field: its name, whose it is, and what it may refer to."""

    name: str
    noun: Noun
    nullable: bool
    targets: Mapping[str, Target]

    @property
    def words(self) -> str:
        return words(self.name)

    def names(self, column: str | None = None) -> dict[str, Any]:
        """What every field begins with."""
        return {"name": self.name, "column": column or self.name, "nullable": self.nullable}

    def number(self, kind: str, given: str, more: tuple[str, ...], *, at_least: int, at_most: int) -> int:
        """What stands in the brackets of `str(80)`. Raises Refusal."""
        if more:
            raise self.refuse(f"{kind} does not take so many numbers: remove {', '.join(more)}")
        if not given.isdecimal() or not at_least <= int(given) <= at_most:
            raise self.refuse(f"`{kind}({given})`: expected a number from {at_least} to {at_most}")
        return int(given)

    def takes_nothing(self, kind: str, arguments: tuple[str, ...]) -> None:
        if arguments:
            raise self.refuse(f"{kind} takes nothing in brackets: remove ({', '.join(arguments)})")

    def refuse(self, message: str) -> Refusal:
        return Refusal(f"field `{self.name}`: {message}")


@dataclass(frozen=True, slots=True)
class Field:
    """All that is written about a field, apart from where."""

    name: str
    column: str
    """The name of its column; a reference has another than the field."""
    nullable: bool
    stored: str
    """The annotation in the table."""
    sa: str
    """The type in the migration."""
    zod: str
    valid: Any
    changed: Any
    """Two values that are answered as they were sent."""
    answered: str
    """The annotation in what is answered."""
    options: tuple[str, ...] = ()
    """What the column needs beside its annotation."""
    alias: str | None = None
    """The type that bodies need, where it has to be defined."""
    default: str | None = None
    """The expression in tables and schemas of what a field gets that is left out."""
    left_out: Any = None
    """What is answered then."""
    filtered: str | None = None
    """The annotation in a filter, where a listing can be filtered by the field."""
    enum: Enum | None = None
    target: Target | None = None
    accepted: Mapping[str, tuple[Any, Any]] = having(default_factory=dict[str, tuple[Any, Any]])
    """By what it shows: what is sent, and what is answered."""
    refused: Mapping[str, Any] = having(default_factory=dict[str, Any])

    @property
    def alias_name(self) -> str:
        return pascal(self.name)

    @property
    def taken(self) -> str:
        """The annotation in bodies."""
        return self.alias_name if self.alias else self.answered

    @property
    def has_default(self) -> bool:
        return self.nullable or self.default is not None
