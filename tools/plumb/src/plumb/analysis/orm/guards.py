"""Tests that tell what is loaded, or whether a handler ran: behind them less is certain."""

import ast

from plumb.analysis.orm.frame import Frame, instances
from plumb.analysis.orm.plan import EVERYTHING
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
    """A test of what a `try` has set may well tell whether its handler ran."""
    doubted = [ref for ref, obj in frame.state.objects.items() if obj.expired is not None and obj.expired.weak]
    names = {node.id for node in walk(test) if isinstance(node, ast.Name)} if doubted else set[str]()
    for ref in doubted:
        obj = frame.state.objects[ref]
        if obj.expired is not None and obj.expired.weak is not None and obj.expired.weak & names:
            frame.state.objects[ref] = obj._replace(expired=None)
