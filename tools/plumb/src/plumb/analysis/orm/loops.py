"""Loops: what one turn leaves behind is what the next one meets, also where only some of its ways expire anything."""

import ast
from collections.abc import Callable, Iterator
from functools import reduce

from plumb.analysis.orm import guards
from plumb.analysis.orm.frame import Frame, Turn, instances
from plumb.analysis.orm.state import Doubt, Obj, State, join, nobody
from plumb.index.names import dotted_name
from plumb.walk import walk

LoopNode = ast.For | ast.AsyncFor | ast.While


def loop(frame: Frame, node: LoopNode, turn: Callable[[], bool], otherwise: Callable[[], bool]) -> bool:
    """Two turns: what the first leaves behind is what the second meets, if it leaves anything."""
    may_skip = not isinstance(node, ast.While) or not isinstance(node.test, ast.Constant)
    end: State | None = frame.state.copy() if may_skip else None
    frame.turns.append(Turn(frozenset(_last(node.body))))
    for number in range(2):
        before = frame.state.copy()
        ways = _turn(frame, turn)
        if not ways:
            break
        if may_skip:
            end = join(end, frame.state.copy(), skipped=True)
        if number == 0:
            _follow(frame, node, turn, before, ways)
        if before.equals(frame.state, _unknown(frame.state, before)):
            break
    return _leave(frame, end, otherwise)


def each(frame: Frame, turns: list[Callable[[], bool]], otherwise: Callable[[], bool]) -> bool:
    """A turn for each of the objects that are written out."""
    frame.turns.append(Turn())
    falls = all(_turn(frame, turn) for turn in turns)
    return _leave(frame, frame.state if falls else None, otherwise)


def ended(frame: Frame, node: ast.stmt, ends: list[State]) -> None:
    """Note where the ways through a branch end, if a turn ends with it."""
    if frame.turns and node in frame.turns[-1].last:
        frame.turns[-1].ends += ends


def meet(frame: Frame, ends: list[State], doubt: Doubt = nobody) -> bool:
    """Go on where paths end; False if none does."""
    if ends:
        frame.state = reduce(lambda first, second: join(first, second, doubt), ends)
    return bool(ends)


def _turn(frame: Frame, turn: Callable[[], bool]) -> list[State]:
    """The ways that one turn may end, met; none if there is no next one."""
    now = frame.turns[-1]
    now.continues, now.ends = [], []
    falls = turn()
    ends = [*([frame.state] if falls else []), *now.continues]
    return [*now.ends, *ends] if meet(frame, ends) else []


def _leave(frame: Frame, end: State | None, otherwise: Callable[[], bool]) -> bool:
    """The way out of a loop: past its `else` at the *end* of all turns, or by a `break`."""
    ends = frame.turns.pop().breaks
    if end is not None:
        frame.state = end
        ends = [frame.state, *ends] if otherwise() else ends
    return meet(frame, ends)


def _follow(frame: Frame, node: LoopNode, turn: Callable[[], bool], before: State, ways: list[State]) -> None:
    """Look at the turn behind one that has expired what it found, by one of its ways: for what it misreads alone."""
    lapsed = dict(_lapsed(frame.state, before, ways))
    if not lapsed or frame.quiet:
        return
    telling = frozenset(_telling(frame, node))
    kept, snapshots, returned = frame.state, frame.snapshots, len(frame.returned)
    frame.state, frame.snapshots = kept.copy(), []
    for ref, obj in lapsed.items():
        expiry = obj.expired._replace(weak=telling) if obj.expired is not None else None
        frame.state.objects[ref] = obj._replace(expired=expiry)
    frame.turns.append(Turn())
    frame.failures.append([])
    turn()
    frame.failures.pop()
    frame.turns.pop()
    del frame.returned[returned:]
    frame.state, frame.snapshots = kept, snapshots


def _lapsed(met: State, before: State, ways: list[State]) -> Iterator[tuple[int, Obj]]:
    """The objects that the turn has found, as the way leaves them that expires them, if not every way does."""
    for way in ways:
        for ref, obj in way.objects.items():
            found = before.objects.get(ref)
            if obj.expired is not None and found is not None and found.expired is met.objects[ref].expired is None:
                yield ref, obj


def _telling(frame: Frame, node: LoopNode) -> Iterator[str]:
    """What a test may ask to learn which way an earlier turn took: what the loop sets or fills; no mapped object."""
    names = set(guards.stored(node))
    for part in walk(node):
        if isinstance(part, ast.Attribute | ast.Subscript) and isinstance(part.value, ast.Name):
            names |= {part.value.id, dotted_name(part)}
    yield from (name for name in names if name and not instances(frame.state.variables.get(name)))


def _last(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The branches at the end of a body, and at the ends of their own."""
    last = body[-1] if body else None
    if isinstance(last, ast.If | ast.Match):
        yield last
        bodies = [last.body, last.orelse] if isinstance(last, ast.If) else [case.body for case in last.cases]
    elif isinstance(last, ast.Try) and not last.finalbody:
        yield last
        bodies = [last.orelse or last.body, *(handler.body for handler in last.handlers)]
    else:
        bodies = []
    for inner in bodies:
        yield from _last(inner)


def _unknown(after: State, before: State) -> set[str]:
    """New variables of which nothing is known: a turn that finds them there does what it did without them."""
    return {name for name, value in after.variables.items() if value is None and name not in before.variables}
