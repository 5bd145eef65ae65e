"""Tests whose outcome is known: constants that a caller passes, and the classes of mapped objects."""

import ast

from plumb.analysis.orm.frame import Frame
from plumb.analysis.orm.values import Const, Instance, Loader, Loaders, Row, Value


def truth(frame: Frame, test: ast.expr) -> bool | None:
    """The outcome of a test that constants decide, such as `include_subtasks` where the caller passes True."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = truth(frame, test.operand)
        return None if inner is None else not inner
    if isinstance(test, ast.BoolOp):
        parts = [truth(frame, part) for part in test.values]
        decisive = isinstance(test.op, ast.Or)
        if decisive in parts:
            return decisive
        return (not decisive) if all(part is not None for part in parts) else None
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Is | ast.IsNot):
        return _identity(frame, test)
    if isinstance(test, ast.Call):
        return _is_instance(frame, test)
    return _holds(frame.state.variables.get(test.id)) if isinstance(test, ast.Name) else None


def _holds(value: Value) -> bool | None:
    """Whether a value counts as true: a constant, or options that are written out."""
    if isinstance(value, Const):
        return bool(value.value)
    if isinstance(value, Row):
        return bool(value.items)
    return True if isinstance(value, Loader | Loaders) else None


def _is_instance(frame: Frame, test: ast.Call) -> bool | None:
    """Whether `isinstance(task, (Task, Note))` holds for a mapped object."""
    if not isinstance(test.func, ast.Name) or test.func.id != "isinstance" or len(test.args) != _PAIR:
        return None
    value = frame.state.variables.get(test.args[0].id) if isinstance(test.args[0], ast.Name) else None
    if not isinstance(value, Instance):
        return None
    asked = list(test.args[1].elts) if isinstance(test.args[1], ast.Tuple) else [test.args[1]]
    found = [frame.home.resolve_class(one) for one in asked]
    owner = frame.obj(value).model.owner
    answers = [None if one is None else frame.project.hierarchy.is_subclass(owner, one) for one in found]
    if True in answers:
        return True
    return None if None in answers else False


def _identity(frame: Frame, test: ast.Compare) -> bool | None:
    left, right = test.left, test.comparators[0]
    value = frame.state.variables.get(left.id) if isinstance(left, ast.Name) else None
    if isinstance(value, Row | Loader | Loaders) and isinstance(right, ast.Constant) and right.value is None:
        return isinstance(test.ops[0], ast.IsNot)
    if not isinstance(value, Const) or not isinstance(right, ast.Constant):
        return None
    return (value.value is right.value) == isinstance(test.ops[0], ast.Is)


_PAIR = 2
