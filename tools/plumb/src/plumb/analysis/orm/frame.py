"""One run through one function: where it is, what it has found, and how to go on into the functions it calls."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from plumb.analysis.orm.home import Home
from plumb.analysis.orm.state import Obj, State
from plumb.analysis.orm.values import Instance, Lookup, Many, Row, Value
from plumb.findings import Place, Related
from plumb.index.modules import FunctionInfo
from plumb.index.scope import Scope
from plumb.project import Project

AMBIENT = "ambient"
"""The session that a function is given, or that its object keeps."""
SESSION_NAMES = frozenset({"session", "db", "db_session", "async_session", "_session", "_db", "sess"})
"""What is called so and is awaited is a session, whatever is not said of its type."""


class Misread(NamedTuple):
    """A read that fails, as the rule `code` reports it."""

    code: str
    place: Place
    message: str
    fix: str
    keys: tuple[str, ...]
    related: tuple[Related, ...]
    certain: bool = True


class Failure(NamedTuple):
    """An exception that may leave a block: "" for one of the database, else its name.

    `session` is the one that has been rolled back by then, nothing if none has; `place` None if that is not known.
    """

    error: str
    session: str
    place: Place | None
    text: str


class Summary(NamedTuple):
    """What a caller has to know of a function: what it returns, and the state it leaves, None if it never returns.

    `given` are the objects it got, by parameter; the witnesses are a loaded and an added object of the same session:
    what happens to them happens to all others. `levels` is how many calls deep the look went, None if it was cut short;
    `failures` are the exceptions that leave it.
    """

    given: tuple[tuple[str, Value], ...]
    loaded_witness: int
    added_witness: int
    value: Value
    after: State | None
    misreads: tuple[Misread, ...]
    levels: int | None
    failures: tuple[Failure, ...] = ()


class Response(NamedTuple):
    """What a route's return value is turned into."""

    annotation: ast.expr
    scope: Scope


@dataclass(slots=True)
class Turn:
    """One turn of a loop: where it is left early, the branches that it ends with, and where their ways end."""

    last: frozenset[ast.stmt] = frozenset()
    breaks: list[State] = field(default_factory=list[State])
    continues: list[State] = field(default_factory=list[State])
    ends: list[State] = field(default_factory=list[State])


@dataclass(slots=True)
class Frame:
    """`quiet` counts the reasons not to report: a guard around, a second look at the same code.

    `answering` while a returned expression is looked at; `starting` counts the calls around that run coroutines.
    `failures` are what may leave each of the blocks around, `caught` what the handlers around have caught; `ended` is
    the last call of a function that always raises.
    """

    project: Project
    home: Home
    info: FunctionInfo | None
    state: State
    depth: int
    evaluate: Callable[["Frame", ast.expr | None], Value]
    summarise: Callable[["Frame", FunctionInfo, dict[str, Value]], Summary | None]
    quiet: int = 0
    misreads: dict[tuple[str, Place], Misread] = field(default_factory=dict[tuple[str, Place], Misread])
    returned: list[tuple[Value, State]] = field(default_factory=list[tuple[Value, State]])
    snapshots: list[list[State]] = field(default_factory=list[list[State]])
    turns: list[Turn] = field(default_factory=list[Turn])
    response: "Response | None" = None
    levels: int | None = 0
    answering: bool = False
    starting: int = 0
    witness: int = -1
    ended: ast.expr | None = None
    failures: list[list[Failure]] = field(default_factory=lambda: [list[Failure]()])
    caught: list[list[Failure]] = field(default_factory=list[list[Failure]])

    def value(self, node: ast.expr | None) -> Value:
        return self.evaluate(self, node)

    def obj(self, instance: Instance) -> Obj:
        return self.state.objects[instance.ref]

    def change(self, instance: Instance, **fields: object) -> None:
        """Replace some of what is known of an object."""
        self.state.objects[instance.ref] = self.state.objects[instance.ref]._replace(**fields)

    def place(self, node: ast.expr | ast.stmt) -> Place:
        return self.home.place(node)

    def followed(self, levels: int | None) -> None:
        """Note how deep the look into a called function went."""
        if self.levels is not None:
            self.levels = None if levels is None else max(self.levels, levels + 1)

    def report(self, misread: Misread) -> None:
        if not self.quiet:
            gather(self.misreads, misread)


def gather(found: dict[tuple[str, Place], Misread], misread: Misread) -> None:
    """Keep the first misread of a place, or the one that is certain."""
    key = (misread.code, misread.place)
    if key not in found or (misread.certain and not found[key].certain):
        found[key] = misread


def instances(value: Value) -> list[Instance]:
    """The mapped objects in a value: itself, or what it is a collection of."""
    if value is None:
        return []
    if isinstance(value, Instance):
        return [value]
    if isinstance(value, Many | Lookup):
        return instances(value.item)
    return [found for item in value.items for found in instances(item)] if isinstance(value, Row) else []
