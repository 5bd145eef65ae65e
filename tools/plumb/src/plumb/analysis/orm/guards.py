"""Tests that tell what is loaded, or whether a handler ran: behind them less is certain."""

import ast
from collections.abc import Iterator

from plumb.analysis.orm.frame import Frame, instances
from plumb.analysis.orm.plan import EVERYTHING
from plumb.analysis.orm.values import Instance
from plumb.index.names import dotted_name
from plumb.walk import walk

ASKING = ("inspect(", "__dict__", "unloaded", "instance_state", "__pydantic_fields_set__")


def asks_what_is_loaded(frame: Frame, test: ast.expr) -> bool:
    """Whether a test looks at the state of an object instead of its attributes."""
    text = frame.home.lines.segment(test)
    return any(guard in text for guard in ASKING)


def know(frame: Frame, test: ast.expr) -> None:
    """Behind a test of what is loaded nothing is missing of the objects that it names, or of any if it names none."""
    variables = frame.state.variables
    named = [variables.get(part.id) for part in walk(test) if isinstance(part, ast.Name)]
    asked = [one for value in named for one in instances(value)]
    for one in asked or [one for value in variables.values() for one in instances(value)]:
        frame.change(one, extra=EVERYTHING)


def trust(frame: Frame, test: ast.expr) -> None:
    """A test of what a `try` or a branch has set may well tell which way was taken.

    A new object that asks for its own kind knows what it was made with.
    """
    own = frame.state.variables.get("self")
    is_new = isinstance(own, Instance) and frame.obj(own).origin.kind == "new"
    if isinstance(own, Instance) and is_new and any(name.startswith("self.") for name in _asked(test)):
        frame.change(own, extra=EVERYTHING)
    doubted = [ref for ref, obj in frame.state.objects.items() if obj.doubt or (obj.expired and obj.expired.weak)]
    names = set(_asked(test)) if doubted else set[str]()
    for ref in doubted:
        obj = frame.state.objects[ref]
        if obj.expired is not None and obj.expired.weak is not None and obj.expired.weak & names:
            obj = obj._replace(expired=None)
        if obj.doubt & names:
            extra = EVERYTHING if obj.either else obj.extra
            obj = obj._replace(dirty=False, stale=None, extra=extra, doubt=frozenset(), either=False)
        frame.state.objects[ref] = obj


def telling(frame: Frame, branch: ast.If | ast.Match) -> frozenset[str]:
    """What a later test may ask to learn which way a branch went: tested or set there, and no mapped objects."""
    test = branch.test if isinstance(branch, ast.If) else branch.subject
    variables = frame.state.variables
    return frozenset(name for name in {*_asked(test), *stored(branch)} if not instances(variables.get(name)))


def _asked(test: ast.expr) -> Iterator[str]:
    """The variables of a test, and their attributes: `data.title` tells nothing of `data.notify`."""
    pending: list[ast.AST] = [test]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name | ast.Attribute) and dotted_name(node):
            yield dotted_name(node)
            continue
        pending += ast.iter_child_nodes(node)


def stored(node: ast.AST) -> Iterator[str]:
    """The variables that are set inside."""
    for part in walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id
