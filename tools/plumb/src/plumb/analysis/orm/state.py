"""What is known at one point of a function: its variables, the mapped objects behind them, the sessions."""

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

from plumb.analysis.orm.plan import EVERYTHING, NOTHING, Plan
from plumb.analysis.orm.values import Const, Instance, Lookup, Many, Mapping, Query, Row, Value
from plumb.findings import Place
from plumb.index.models import Model

BORROWED = "borrowed"
"""A session that some other object carries, with a history that the function does not know."""
CLOSED = "closed"
"""A session that is over: its objects are as it left them."""
PERSISTENT, NEW, ADDED, FLUSHED = "persistent", "new", "added", "flushed"


class Expiry(NamedTuple):
    """What expired an object; `weak` names the variables of the `try` whose handler did it, if one did."""

    kind: str
    place: Place
    text: str
    weak: frozenset[str] | None = None


class Origin(NamedTuple):
    """Where an object comes from: "query", "get", "new", "parameter" or "merge", with the text of the expression.

    "held" is what `get()` was asked for again, with options. `asked` is the session as it is written there, nothing in
    another function, and `words` the text of what was asked for: the condition of the query, the key, the arguments.
    """

    kind: str
    place: Place
    text: str
    asked: str
    words: str = ""


class Link(NamedTuple):
    """A child that was added with the key of its parent only: the parent's relationship `name` does not know of it."""

    child: int
    name: str
    column: str
    place: Place
    text: str
    parent: int = -1
    certain: bool = True


class Obj(NamedTuple):
    """A mapped object, or all the objects of one collection.

    `plan` is what its query loads, and loads again at a refresh; `extra` what was loaded or assigned since; `parent`
    the model of the object that it was reached from; `links` the parents that a new object names by their key alone;
    `missing` the children that a loaded relationship of the object does not hold; `doubt` the variables whose test may
    tell on which of several paths the object is; `either` when it was made on one of them, and found on another.
    """

    model: Model
    plan: Plan
    session: str
    origin: Origin
    birth: str = PERSISTENT
    extra: Plan = NOTHING
    expired: Expiry | None = None
    live: frozenset[str] = frozenset()
    fresh: bool = False
    deleted: bool = False
    dirty: bool = False
    stale: Place | None = None
    parent: str = ""
    links: tuple[Link, ...] = ()
    missing: tuple[Link, ...] = ()
    doubt: frozenset[str] = frozenset()
    either: bool = False


@dataclass(slots=True)
class State:
    """`seen` are the models of which a session has loaded rows, `held` those whose objects the callers have.

    `renewed` are those of which it has loaded rows since it last expired them.
    """

    variables: dict[str, Value] = field(default_factory=dict[str, Value], compare=False)
    objects: dict[int, Obj] = field(default_factory=dict[int, Obj])
    links: dict[tuple[int, str], Value] = field(default_factory=dict[tuple[int, str], Value])
    expires: dict[str, bool | None] = field(default_factory=dict[str, bool | None])
    idle: set[str] = field(default_factory=set[str])
    seen: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    held: set[str] = field(default_factory=set[str])
    renewed: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    numbers: Iterator[int] = field(default_factory=count)

    def copy(self) -> "State":
        return State(
            dict(self.variables),
            dict(self.objects),
            dict(self.links),
            self.expires,
            set(self.idle),
            set(self.seen),
            self.held,
            set(self.renewed),
            self.numbers,
        )

    def equals(self, other: "State", without: Container[str] = ()) -> bool:
        """Whether the same is known in both, but for the variables *without* which the other is compared.

        Values of two kinds may have the same parts.
        """
        theirs = {name: (type(value), value) for name, value in other.variables.items() if name not in without}
        mine = {name: (type(value), value) for name, value in self.variables.items()}
        return mine == theirs and self == other

    def add(self, obj: Obj) -> Instance:
        ref = next(self.numbers)
        self.objects[ref] = obj
        return Instance(ref)


Doubt = Callable[[], frozenset[str]]


class _Meeting(NamedTuple):
    """Two paths, each with its own view of the objects, and what becomes of them."""

    first: State
    second: State
    result: State
    doubt: Doubt


def nobody() -> frozenset[str]:
    """No variable tells which path was taken."""
    return frozenset()


def join(first: State | None, second: State, doubt: Doubt = nobody, *, skipped: bool = False) -> State:
    """Where two paths meet, if there are two: an expiry is kept only if both have it, or if a handler brought it.

    *skipped*: the first path has left out a loop, so that what the loop does to its items it does to all there are.
    """
    if first is None:
        return second
    result = first.copy()
    for ref, other in second.objects.items():
        mine = result.objects.get(ref)
        if mine is not other:
            result.objects[ref] = other if mine is None else join_objects(mine, other, doubt, skipped=skipped)
    result.links.update({key: value for key, value in second.links.items() if key not in result.links})
    meeting = _Meeting(first, second, result, doubt)
    for name, value in second.variables.items():
        mine = result.variables.get(name, _MISSING)
        if mine is not value:
            result.variables[name] = value if mine is _MISSING else _join_values(mine, value, meeting)
    result.idle &= second.idle
    result.seen |= second.seen
    result.renewed |= second.renewed
    return result


def join_objects(first: Obj, second: Obj, doubt: Doubt = nobody, *, skipped: bool = False) -> Obj:
    """What holds of an object on either path, in favour of the code; a change that one path makes is one."""
    if first == second:
        return first
    unflushed = {NEW, ADDED}
    mixed = (first.birth in unflushed) != (second.birth in unflushed)
    changed = first.dirty != second.dirty or (first.stale is None) != (second.stale is None)
    return first._replace(
        plan=first.plan.merged(second.plan),
        extra=EVERYTHING if mixed else first.extra.merged(second.extra),
        expired=_join_expiries(first.expired, second.expired),
        live=_join_live(first, second),
        birth=first.birth if first.birth == second.birth else PERSISTENT,
        fresh=first.fresh or second.fresh,
        deleted=first.deleted or second.deleted,
        dirty=second.dirty or (first.dirty and not skipped),
        stale=second.stale or (None if skipped else first.stale),
        missing=_join_missing(first.missing, second.missing),
        session=first.session if first.session == second.session else BORROWED,
        doubt=first.doubt | second.doubt | (doubt() if changed else nobody()),
        either=first.either or second.either,
    )


def _made_or_loaded(made: Obj, loaded: Obj, doubt: Doubt) -> Obj:
    """A new object, or the one that was found: what the new one lacks once it has its row, lacks for somebody."""
    both = made.doubt | loaded.doubt | doubt()
    if made.birth in {NEW, ADDED}:
        return loaded._replace(extra=loaded.extra.merged(made.extra), fresh=made.fresh, doubt=both, either=True)
    expired = _join_expiries(made.expired, loaded.expired)
    return made._replace(expired=expired, stale=loaded.stale, missing=(), doubt=both, either=True)


def _join_live(first: Obj, second: Obj) -> frozenset[str]:
    """What was set since the expiry; a path without one has nothing to say of it."""
    return frozenset[str]().union(*(one.live for one in (first, second) if one.expired is not None))


def _join_missing(first: tuple[Link, ...], second: tuple[Link, ...]) -> tuple[Link, ...]:
    """A child that only one path has linked may be missing."""
    both = {link.place for link in first if link.certain} & {link.place for link in second if link.certain}
    every = {link.place: link for link in (*first, *second)}
    return tuple(link._replace(certain=link.place in both) for link in every.values())


def _join_expiries(first: Expiry | None, second: Expiry | None) -> Expiry | None:
    if first is not None and second is not None:
        return first if first.weak is None or second.weak is not None else second
    one = first or second
    return one if one is not None and one.weak is not None else None


def _join_values(first: Value, second: Value, meeting: "_Meeting") -> Value:
    if (type(first), first) == (type(second), second):
        return first
    if isinstance(first, Const) and first.value is None:
        return second
    if isinstance(second, Const) and second.value is None:
        return first
    if {type(first), type(second)} in _FILLED and (first in _EMPTY or second in _EMPTY):
        return second if first in _EMPTY else first
    if isinstance(first, Instance) and isinstance(second, Instance):
        return _join_instances(first, second, meeting)
    return _join_parts(first, second, meeting)


def _join_parts(first: Value, second: Value, meeting: "_Meeting") -> Value:
    """Two collections, rows, dicts or queries of one kind."""
    match first, second:
        case (Many(), Many()) | (Lookup(), Lookup()):
            return type(first)(_join_values(first.item, second.item, meeting))
        case Query(), Query():
            return _join_queries(first, second, meeting.doubt)
        case Mapping(), Mapping():
            return _join_mappings(first, second, meeting)
        case (Row() | Many(), Row() | Many()):
            return _join_lists(first, second, meeting)
        case _:
            return None


def _join_lists(first: Row | Many, second: Row | Many, meeting: "_Meeting") -> Value:
    """A list that is written out, and another one or any number of the same."""
    match first, second:
        case Row(), Row() if len(first.items) == len(second.items):
            pairs = zip(first.items, second.items, strict=True)
            return Row(tuple(_join_values(mine, other, meeting) for mine, other in pairs))
        case (Row((Instance() as item,)), Row(())) | (Row(()), Row((Instance() as item,))):
            return Many(item)
        case Row((item,)), Many():
            return second._replace(item=_join_values(item, second.item, meeting))
        case Many(), Row((item,)):
            return first._replace(item=_join_values(first.item, item, meeting))
        case _:
            return None


def _join_mappings(first: Mapping, second: Mapping, meeting: "_Meeting") -> Mapping:
    """A dict with what either of the two has."""
    mine, other = dict(first.entries), dict(second.entries)
    both = {name: _join_values(mine[name], other[name], meeting) for name in mine if name in other}
    return Mapping(tuple((mine | other | both).items()))


def _join_queries(first: Query, second: Query, doubt: Doubt) -> Value:
    """The same selection. What only one branch loads is missing on the other, if a test may tell which it was."""
    if [one.model for one in first.entities] != [one.model for one in second.entities]:
        return None
    pairs = list(zip(first.entities, second.entities, strict=True))
    known = not any(mine.plan.everything or other.plan.everything for mine, other in pairs)
    differ = known and any(mine.plan != other.plan for mine, other in pairs)
    asked = doubt() if differ else nobody()
    plans = [mine.plan.common(other.plan) if asked else mine.plan.merged(other.plan) for mine, other in pairs]
    entities = tuple(mine._replace(plan=plan) for (mine, _), plan in zip(pairs, plans, strict=True))
    return first._replace(entities=entities, doubt=first.doubt | second.doubt | asked)


def _join_instances(first: Instance, second: Instance, meeting: "_Meeting") -> Value:
    mine, other = meeting.first.objects.get(first.ref), meeting.second.objects.get(second.ref)
    if mine is None or other is None or mine.model.owner != other.model.owner:
        return None
    for made, loaded in ((mine, other), (other, mine)):
        if made.origin.kind == "new" and loaded.origin.kind in {"query", "get"}:
            return meeting.result.add(_made_or_loaded(made, loaded, meeting.doubt))
    return meeting.result.add(join_objects(mine, other, meeting.doubt))


_EMPTY: tuple[Value, ...] = (Row(()), Mapping(()), Lookup(Row(())))
_FILLED = ({Row, Many}, {Mapping, Lookup}, {Lookup})
_MISSING: Value = Const("a variable that one path does not have")
