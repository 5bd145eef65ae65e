"""The operations of a function that revisions call, as if they were written where one calls it."""

import ast
from typing import TYPE_CHECKING

from plumb.analysis.written_lists import Given, put
from plumb.index.facts import FunctionFact
from plumb.index.modules import External, FunctionInfo
from plumb.index.scope import argument
from plumb.walk import names_in, walk

if TYPE_CHECKING:
    from plumb.analysis.migration_steps import Step
    from plumb.source import FunctionNode, SourceFile

BUILDING = frozenset({"sqlalchemy", "builtins"})
READ_AS_TEXT = frozenset({"sql", "write", "helper"})


def moved(step: "Step", call: ast.Call, function: FunctionInfo) -> "Step":
    """The step at the place of the call, with what the call gives for the parameters of the function."""
    step = step._replace(helper=step.helper or function.path)
    if step.kind in READ_AS_TEXT:
        return step._replace(node=call)
    given = _given(call, function.fact)
    columns = tuple(one._replace(node=put(one.node, given, call)) for one in step.columns)
    column = None if step.given is None else put(step.given, given, call)
    return step._replace(node=put(step.node, given, call), given=column, columns=columns)


def skipped_by(call: ast.Call, fact: FunctionFact, function: "FunctionNode") -> set[ast.AST] | None:
    """What a function leaves out when it is called like this; None if that depends on what is not written out."""
    given, skipped = _given(call, fact), set[ast.AST]()
    parameters = {one.name for one in fact.parameters}
    for node in walk(function):
        if not isinstance(node, ast.If) or node in skipped:
            continue
        if parameters.isdisjoint(names_in(node.test)):
            continue
        answer = _answer(node.test, given)
        if answer is None:
            return None
        for statement in node.orelse if answer else node.body:
            skipped.update(walk(statement))
    return skipped


def only_builds(function: "FunctionNode", file: "SourceFile") -> bool:
    """Whether a function makes columns or types of SQLAlchemy and calls nothing else."""
    calls = [one for one in walk(function) if isinstance(one, ast.Call)]
    symbols = [file.resolve(one.func) for one in calls]
    return bool(symbols) and all(isinstance(one, External) and one.package in BUILDING for one in symbols)


def _given(call: ast.Call, fact: FunctionFact) -> Given:
    """What the parameters of a function stand for in a call of it, where that is told."""
    found: dict[str, ast.expr] = {}
    for place, one in enumerate(fact.parameters):
        value = argument(call, one.name, place) or (one.default.node if one.default is not None else None)
        if value is not None:
            found[one.name] = value
    return found


def _answer(test: ast.expr, given: Given) -> bool | None:
    """Whether a test of a parameter holds; None if that cannot be told."""
    match test:
        case ast.Name(id=name) if isinstance(value := given.get(name), ast.Constant):
            return bool(value.value)
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            answer = _answer(inner, given)
            return None if answer is None else not answer
        case ast.Compare(ast.Name(id=name), [ast.Is() | ast.IsNot() as asked], [ast.Constant(None)]):
            is_nothing = _is_nothing(given.get(name))
            return None if is_nothing is None else is_nothing is isinstance(asked, ast.Is)
        case _:
            return None


def _is_nothing(node: ast.expr | None) -> bool | None:
    """Whether an expression is None; None if that cannot be told."""
    if node is None or isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        return None
    return isinstance(node, ast.Constant) and node.value is None
