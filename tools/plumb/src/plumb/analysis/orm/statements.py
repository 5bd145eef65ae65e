"""The flow through the statements of a function: branches, loops, handlers, blocks, and what each leaves behind."""

import ast
from collections.abc import Callable, Iterable
from functools import partial, reduce
from typing import Any

from plumb.analysis.orm import blocks, failures, guards, loops, outliving, schemas, things
from plumb.analysis.orm.conditions import truth
from plumb.analysis.orm.expressions import bind, evaluate, item_of
from plumb.analysis.orm.frame import Failure, Frame, instances
from plumb.analysis.orm.state import BORROWED, Doubt, State, join
from plumb.analysis.orm.values import Many, Result, Row, Session, Value
from plumb.walk import child_expressions

PROBED = frozenset({"MissingGreenlet", "DetachedInstanceError", "StatementError", "InvalidRequestError"})
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def run(frame: Frame, body: Iterable[ast.stmt]) -> bool:
    """Go through a block; False if its end is never reached."""
    for statement in body:
        handler = _HANDLERS.get(type(statement))
        falls = handler(frame, statement) if handler is not None else _plain(frame, statement)
        for collected in frame.snapshots:
            if not collected[-1].equals(frame.state):
                collected.append(frame.state.copy())
        if not falls:
            return False
    return True


def _plain(frame: Frame, node: ast.stmt) -> bool:
    for child in child_expressions(node):
        evaluate(frame, child)
    return True


def _expression(frame: Frame, node: ast.Expr) -> bool:
    """A call that stands alone; False if its function always raises."""
    evaluate(frame, node.value)
    call = node.value.value if isinstance(node.value, ast.Await) else node.value
    return frame.ended is not call


def _assign(frame: Frame, node: ast.Assign) -> bool:
    value = evaluate(frame, node.value)
    for target in node.targets:
        bind(frame, target, value)
    return True


def _annotated(frame: Frame, node: ast.AnnAssign) -> bool:
    """What is not known of the value, the annotation may say: a session of somebody, or an object of the project."""
    if node.value is not None:
        value = evaluate(frame, node.value)
        said = things.of_annotation(node.annotation, frame.home.scope) if value is None else value
        bind(frame, node.target, Session(BORROWED) if value is None and isinstance(said, Session) else said)
    return True


def _augmented(frame: Frame, node: ast.AugAssign) -> bool:
    """`x.count += 1` reads before it writes."""
    evaluate(frame, node.value)
    evaluate(frame, node.target)
    if isinstance(node.target, ast.Name | ast.Attribute):
        bind(frame, node.target, None)
    return True


def _return(frame: Frame, node: ast.Return) -> bool:
    frame.answering = True
    value = evaluate(frame, node.value)
    frame.answering = False
    if node.value is not None:
        outliving.returned(frame, node.value, value)
    if frame.response is not None and node.value is not None:
        schemas.respond(frame, frame.response, value, node.value)
    frame.returned.append((value, frame.state.copy()))
    return False


def _raise(frame: Frame, node: ast.Raise) -> bool:
    _plain(frame, node)
    failures.raised(frame, node)
    return False


def _jump(frame: Frame, node: ast.Break | ast.Continue) -> bool:
    for turn in frame.turns[-1:]:
        jumps = turn.breaks if isinstance(node, ast.Break) else turn.continues
        jumps.append(frame.state.copy())
    return False


def _if(frame: Frame, node: ast.If) -> bool:
    decided = truth(frame, node.test)
    evaluate(frame, node.test)
    guards.trust(frame, node.test)
    if decided is not None:
        return run(frame, node.body if decided else node.orelse)
    guarded = guards.asks_what_is_loaded(frame, node.test)
    frame.quiet += guarded
    paths = [(frame.state, node.body), (frame.state.copy(), node.orelse)]
    falls = _paths(frame, node, paths, lambda: guards.telling(frame, node))
    frame.quiet -= guarded
    if guarded:
        guards.know(frame, node.test)
    return falls


def _paths(frame: Frame, node: ast.stmt, paths: list[tuple[State, list[ast.stmt]]], doubt: Doubt) -> bool:
    """Go through alternatives and meet where they end."""
    ends: list[State] = []
    for state, body in paths:
        frame.state = state
        if run(frame, body):
            ends.append(frame.state)
    loops.ended(frame, node, ends)
    return loops.meet(frame, ends, doubt)


def _for(frame: Frame, node: ast.For | ast.AsyncFor) -> bool:
    iterated = evaluate(frame, node.iter)
    if isinstance(iterated, Result) and isinstance(node, ast.For):
        iterated = Many(item_of(frame, iterated))

    def turn(item: Value) -> bool:
        bind(frame, node.target, item)
        return run(frame, node.body)

    if isinstance(iterated, Row) and instances(iterated):
        return loops.each(frame, [partial(turn, one) for one in iterated.items], lambda: run(frame, node.orelse))
    return loops.loop(frame, node, lambda: turn(item_of(frame, iterated)), lambda: run(frame, node.orelse))


def _while(frame: Frame, node: ast.While) -> bool:
    def turn() -> bool:
        evaluate(frame, node.test)
        return run(frame, node.body)

    return loops.loop(frame, node, turn, lambda: run(frame, node.orelse))


def _try(frame: Frame, node: ast.Try) -> bool:
    probing = any(failures.names_of(handler.type) & PROBED for handler in node.handlers)
    frame.quiet += probing
    falls, entry, found = _attempt(frame, node.body)
    frame.quiet -= probing
    ends = [frame.state] if falls and run(frame, node.orelse) else []
    own = frozenset(guards.stored(node))
    for handler in node.handlers:
        frame.state = entry.copy()
        evaluate(frame, handler.type)
        failures.rolled_back(frame, handler.type, found, alone=len(node.body) == 1)
        frame.caught.append(failures.caught_by(failures.names_of(handler.type), found))
        if run(frame, handler.body):
            _weaken(frame.state, entry, own)
            ends.append(frame.state)
        found = [one for one in found if one not in frame.caught[-1]]
        frame.caught.pop()
    frame.failures[-1].extend(found)
    loops.ended(frame, node, ends)
    frame.state = entry
    falls = loops.meet(frame, ends)
    return run(frame, node.finalbody) and falls


def _attempt(frame: Frame, body: list[ast.stmt]) -> tuple[bool, State, list[Failure]]:
    """Whether the end of a block is reached, what holds wherever it may be left, and what it may be left for."""
    snapshots = [frame.state.copy()]
    frame.snapshots.append(snapshots)
    frame.failures.append([])
    falls = run(frame, body)
    frame.snapshots.pop()
    return falls, reduce(join, snapshots[1:], snapshots[0].copy()), failures.left(frame)


def _weaken(state: State, entry: State, own: frozenset[str]) -> None:
    for ref, obj in state.objects.items():
        before = entry.objects.get(ref)
        if obj.expired is not None and (before is None or before.expired is None):
            state.objects[ref] = obj._replace(expired=obj.expired._replace(weak=own))


def _with(frame: Frame, node: ast.With | ast.AsyncWith) -> bool:
    exits = [blocks.enter(frame, item) for item in node.items]
    expected = blocks.expected(frame, node.items[-1])
    if expected is not None:
        _, frame.state, found = _attempt(frame, node.body)
        failures.rolled_back(frame, expected, found, alone=len(node.body) == 1)
        return True
    frame.failures.append([])
    falls = run(frame, node.body)
    found = failures.left(frame)
    frame.failures[-1].extend(blocks.failing(frame, node.items[-1], found))
    if falls:
        for leave in reversed(exits):
            leave()
    return falls


def _match(frame: Frame, node: ast.Match) -> bool:
    evaluate(frame, node.subject)
    bodies = [case.body for case in node.cases]
    if not any(isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None for case in node.cases):
        bodies.append([])
    paths = [(frame.state.copy(), body) for body in bodies]
    return _paths(frame, node, paths, lambda: guards.telling(frame, node))


def _definition(frame: Frame, node: FunctionNode | ast.ClassDef) -> bool:
    """What is defined inside runs at another time, if at all."""
    frame.state.variables[node.name] = None
    return True


_HANDLERS: dict[type[ast.stmt], Callable[[Frame, Any], bool]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Break: _jump,
    ast.Continue: _jump,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Match: _match,
    ast.FunctionDef: _definition,
    ast.AsyncFunctionDef: _definition,
    ast.ClassDef: _definition,
}
