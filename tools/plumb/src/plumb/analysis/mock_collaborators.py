"""Mocks that a test hands to the code under test, and what that code asks of them."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from plumb.analysis.bodies import FunctionNode
from plumb.analysis.functions import parameters
from plumb.analysis.given_sessions import parameter_at, places_of
from plumb.analysis.mock_asked import Asked, asked_of, asked_of_field, start_of
from plumb.analysis.mock_chains import Chain, homes
from plumb.analysis.mock_setups import Answer, answers_of, is_mock, set_ups
from plumb.index.modules import ClassInfo, FunctionInfo
from plumb.index.names import dotted_name
from plumb.index.scope import Scope
from plumb.source import SourceFile
from plumb.walk import walk


class Handed(NamedTuple):
    """An answer at `node` of a mock that is handed over; `asked` is all that the code asks for, if it is not this."""

    node: ast.expr
    chain: Chain
    asked: Asked


class Body(NamedTuple):
    """A function of a test file, with its file."""

    function: FunctionNode
    file: SourceFile


def handed_over(test: FunctionNode, file: SourceFile) -> Iterator[Handed]:
    """The answers of a test's mocks, beside what the code asks that the test hands them to."""
    bodies = list(_bodies(test, file))
    known: dict[str, Asked | None] = {}
    for answer in answers_of(test, file):
        mock, chain = _mock_of(answer)
        if not chain or chain[0].startswith("_"):
            continue
        if mock not in known:
            known[mock] = _asked_of(mock, bodies)
        asked = known[mock] or frozenset()
        is_asked = any(_fits(one, chain) for one in asked) or _is_expected(mock, chain, test)
        yield Handed(answer.node, chain, frozenset() if is_asked else asked)


def _mock_of(answer: Answer) -> tuple[str, Chain]:
    """The variable or attribute of the test that holds the mock, and the calls on it."""
    if answer.root == "self":
        return f"self.{'.'.join(answer.chain[:1])}", answer.chain[1:]
    return answer.root, answer.chain


def _fits(asked: Chain, chain: Chain) -> bool:
    return all(one == other for one, other in zip(asked, chain, strict=False))


def _is_expected(mock: str, chain: Chain, test: FunctionNode) -> bool:
    """Whether the test says itself that nobody calls it, or that somebody has."""
    start = f"{mock}.{'.'.join(chain)}.assert_"
    return any(dotted_name(one).startswith(start) for one in walk(test) if isinstance(one, ast.Attribute))


def _bodies(test: FunctionNode, file: SourceFile) -> Iterator[Body]:
    """The test, its set-up and all fixtures that it may have: what they do with a mock, the test does by them."""
    for one in (test, *set_ups(test, file)):
        yield Body(one, file)
    for module in homes(Scope(file.project, file.module)):
        source = file.project.source(module.path)
        functions = source.nodes(ast.FunctionDef, ast.AsyncFunctionDef) if source is not None else ()
        for one in functions:
            if source is not None and any("fixture" in ast.unparse(decorator) for decorator in one.decorator_list):
                yield Body(one, source)


def _asked_of(mock: str, bodies: list[Body]) -> Asked | None:
    """What all the functions that are given the mock ask of it; None if somebody else may have it."""
    if not any(_makes(mock, body.function) for body in bodies):
        return None
    asked: set[Chain] = set()
    for body in bodies:
        for use in _uses(mock, body):
            found = _of_use(use, mock, body.file)
            if found is None:
                return None
            asked |= found
    return frozenset(asked)


def _makes(mock: str, body: FunctionNode) -> bool:
    """Whether a function makes the mock, under this name or as a fixture of this name."""
    for node in walk(body):
        if isinstance(node, ast.Assign) and is_mock(node.value) and dotted_name(node.targets[0]) == mock:
            return True
        if isinstance(node, ast.Return) and body.name == mock and node.value is not None and is_mock(node.value):
            return True
    return False


def _uses(mock: str, body: Body) -> Iterator[ast.expr]:
    """Where a body that knows the mock reads it, other than to say or to ask what it does."""
    given = {one.arg for one in parameters(body.function.args)}
    is_known = mock.startswith("self.") or mock in given or _makes(mock, body.function)
    for node in walk(body.function) if is_known else ():
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load) and dotted_name(node) == mock:
            above = body.file.parent(node)
            is_given = isinstance(above, ast.Return | ast.Yield) and body.function.name == mock
            if not isinstance(above, ast.Attribute) and not is_given:
                yield node


def _of_use(use: ast.expr, mock: str, file: SourceFile) -> Asked | None:
    """What the function asks for that is called with the mock; None if it is not known."""
    above = file.parent(use)
    call = file.parent(above) if isinstance(above, ast.keyword) else above
    if isinstance(above, ast.Assign) and dotted_name(above.targets[0]).endswith("__.return_value"):
        return frozenset()
    found: set[Chain] = set()
    for place, word in places_of(call, mock) if isinstance(call, ast.Call) else [(0, "")]:
        asked = _of_call(call, place, word, file) if isinstance(call, ast.Call) else None
        if asked is None:
            return None
        found |= asked
    return frozenset(found)


def _of_call(call: ast.Call, place: int, word: str, file: SourceFile) -> Asked | None:
    """What the function or the class that is called asks of an argument."""
    symbol = file.resolve(call.func)
    start = start_of(symbol, file.project)
    if isinstance(symbol, ClassInfo | FunctionInfo) and file.project.kind(symbol.path) == "test":
        return None
    if start is None:
        return asked_of_field(symbol, place, word, file.project) if isinstance(symbol, ClassInfo) else None
    parameter = parameter_at(start.function, place, word)
    return asked_of(start, parameter.name, file.project) if parameter is not None else None
