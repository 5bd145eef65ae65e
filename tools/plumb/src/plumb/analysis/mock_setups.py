"""What the mocks of a test answer: chains of calls on query results, from its variables, fixtures and helpers."""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from plumb.analysis.bodies import FunctionNode
from plumb.analysis.functions import parameters, returns_of, yields_of
from plumb.analysis.mock_chains import OF_SESSION, RESULT_METHODS, RUNS, Chain
from plumb.analysis.tests import SET_UPS
from plumb.index.extract import last_name
from plumb.index.names import dotted_name
from plumb.source import SourceFile
from plumb.walk import levels

HEADS = frozenset({"scalars", "scalar_one", "scalar_one_or_none", "unique", "mappings", "one_or_none"})
MOCKS = frozenset({"Mock", "MagicMock", "AsyncMock", "NonCallableMock"})
GIVES = frozenset({"return_value", "side_effect"})
SESSION = re.compile(r"(^|[._])(session|db)(_mock)?$")
DEPTH = 3


class Configured(NamedTuple):
    """A chain that a test configures, at the place that does; `is_whole` if it starts at a session.

    It `is_shared` if other tests may have it from the same fixture, set-up or helper.
    """

    chain: Chain
    node: ast.expr
    is_whole: bool
    is_shared: bool

    def fits(self, made: Chain) -> bool:
        """Whether the code that makes these calls gets the answer."""
        known = made if self.is_whole else tuple(name.removeprefix("session.") for name in made)
        return known[: len(self.chain)] == self.chain


class Answer(NamedTuple):
    """The calls on `root` that `node` answers; `joined` names the mock that they answer with."""

    root: str
    chain: Chain
    node: ast.expr
    joined: str


def configured(test: FunctionNode, file: SourceFile) -> list[Configured]:
    """The chains whose answer a test sets, in its fixtures of the same file, its set-up and its helpers too."""
    answers = answers_of(test, file)
    own = {one.node for one in answers if is_inside(one.node, test)}
    hooks = {one.joined: (one.root, one.chain) for one in answers if one.joined}
    roots = {one.root for one in answers}
    whole: list[Configured] = []
    for one in answers:
        if one.joined in roots:
            continue
        full, is_whole = _from_result(one.root, one.chain, hooks)
        if full and set(full) <= RESULT_METHODS | OF_SESSION:
            whole.append(Configured(full, one.node, is_whole, one.node not in own))
    return whole


def answers_of(test: FunctionNode, file: SourceFile) -> list[Answer]:
    """What a test, its fixtures of the same file and its set-up say of their mocks."""
    answers = list(_answers(test, file, DEPTH))
    for argument in parameters(test.args):
        answers += _of_function(argument.arg, file, DEPTH)
    for one in set_ups(test, file):
        answers += _answers(one, file, DEPTH)
    return answers


def is_inside(node: ast.expr, test: FunctionNode) -> bool:
    """Whether a line of the test itself says it."""
    return test.lineno <= node.lineno <= (test.end_lineno or 0)


def _answers(function: FunctionNode, file: SourceFile, depth: int) -> Iterator[Answer]:
    """What a function says of its mocks, assignment by assignment."""
    for node in levels(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            root, _, rest = dotted_name(target).partition(".")
            is_answer = isinstance(target, ast.Attribute) and target.attr in GIVES
            if root and (is_answer or is_mock(node.value) or _is_helper(node.value, file)):
                chain = tuple(name for name in rest.split(".") if name and name not in GIVES)
                yield from _expanded(root, chain, target, node.value, file, depth)


def _expanded(
    root: str, chain: Chain, node: ast.expr, value: ast.expr, file: SourceFile, depth: int
) -> Iterator[Answer]:
    """The answers inside `MagicMock(scalars=MagicMock(return_value=...))`, of a helper, or of a list of results."""
    parts = list(_parts(value)) if isinstance(value, ast.Call) and is_mock(value) else []
    for names, part in parts:
        longer = (*chain, *(name for name in names.split(".") if name not in GIVES))
        yield from _expanded(root, longer, value, part, file, depth)
    if isinstance(value, ast.List | ast.Tuple):
        for one in value.elts:
            if isinstance(one, ast.Name | ast.Call):
                yield from _expanded(root, chain, node, one, file, depth)
    elif isinstance(value, ast.Call) and _is_helper(value, file):
        name = last_name(value)
        for one in _of_function(name, file, depth):
            yield one._replace(root=root, chain=(*chain, *one.chain)) if one.root == name else one
    is_bare = is_mock(value) and isinstance(node, ast.Attribute) and node.attr not in GIVES
    if chain and not parts and not is_bare:
        yield Answer(root, chain, node, value.id if isinstance(value, ast.Name) else "")


def _parts(mock: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """The answers that a mock is made with, those of `**{"scalars.return_value.all.return_value": rows}` too."""
    given: list[tuple[str, ast.expr]] = []
    for word in mock.keywords:
        if word.arg is not None:
            given.append((word.arg, word.value))
        elif isinstance(word.value, ast.Dict):
            pairs = zip(word.value.keys, word.value.values, strict=True)
            given += [(str(key.value), value) for key, value in pairs if isinstance(key, ast.Constant)]
    yield from ((name, value) for name, value in given if name.rpartition(".")[2] in GIVES or is_mock(value))


def _of_function(name: str, file: SourceFile, depth: int) -> Iterator[Answer]:
    """What a fixture or helper of the file says of the mock that it gives, under the name of the function."""
    found = file.module.function(name) if depth else None
    body = file.definition(found.fact.line, found.name) if found is not None else None
    if body is None:
        return
    given = {one.id: name for one in (*returns_of(body), *yields_of(body)) if isinstance(one, ast.Name)}
    for one in _answers(body, file, depth - 1):
        joined = given.get(one.joined, f"{name}.{one.joined}") if one.joined else ""
        yield one._replace(root=given.get(one.root, f"{name}.{one.root}"), joined=joined)


def set_ups(test: FunctionNode, file: SourceFile) -> Iterator[FunctionNode]:
    """The methods that run before each test of its class."""
    around = file.parent(test)
    for one in around.body if isinstance(around, ast.ClassDef) else ():
        if isinstance(one, FunctionNode) and one.name in SET_UPS:
            yield one


def _from_result(root: str, chain: Chain, hooks: dict[str, tuple[str, Chain]]) -> tuple[Chain, bool]:
    """The chain from the result on, and whether a session has made that; empty if it may be of anything."""
    for _ in range(DEPTH):
        if root not in hooks:
            break
        root, before = hooks[root]
        chain = (*before, *chain)
    ran = [place + 1 for place, name in enumerate(chain) if name in RUNS]
    if ran:
        return chain[max(ran) :], True
    for place, name in enumerate(chain):
        if f"session.{name}" in OF_SESSION and SESSION.search(".".join((root, *chain[:place]))):
            return (f"session.{name}", *chain[place + 1 :]), True
    return (chain if chain and chain[0] in HEADS else ()), False


def is_mock(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and last_name(node) in MOCKS


def _is_helper(node: ast.expr, file: SourceFile) -> bool:
    """Whether a function of the file is called, which may put a mock together."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and file.module.function(node.func.id) is not None
    )
