"""What the mocks of a test answer: chains of calls on query results, from its variables, fixtures and helpers."""

import ast
import re
from collections.abc import Iterator, Set as AbstractSet
from typing import NamedTuple

from plumb.analysis.bodies import FunctionNode
from plumb.analysis.functions import parameters, returns_of, yields_of
from plumb.analysis.given_sessions import places_of
from plumb.analysis.mock_chains import OF_SESSION, RESULT_METHODS, RUNS, Chain
from plumb.analysis.tests import SET_UPS
from plumb.index.extract import last_name
from plumb.index.modules import FunctionInfo
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
    roots = {one.root for one in answers}
    hooks = {one.joined: (one.root, one.chain) for one in answers if one.joined}
    hooks |= _handed_to_helpers(test, roots - {*hooks}, file)
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
    for names, part, place in parts:
        longer = (*chain, *(name for name in names.split(".") if name not in GIVES))
        yield from _expanded(root, longer, place, part, file, depth)
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
        yield Answer(root, chain, node, _joined(value))


def _joined(value: ast.expr) -> str:
    """The variable that a mock answers with, or goes through: `list(results)`, `[*results]`."""
    match value:
        case ast.Call(func=ast.Name(id="list" | "iter"), args=[ast.Name(id=name)]):
            return name
        case ast.List(elts=[ast.Starred(value=ast.Name(id=name))]) | ast.Name(id=name):
            return name
        case _:
            return ""


def _parts(mock: ast.Call) -> Iterator[tuple[str, ast.expr, ast.expr]]:
    """The answers that a mock is made with, each with its place: the key of `**{"all.return_value": rows}`."""
    given: list[tuple[str, ast.expr, ast.expr]] = []
    for word in mock.keywords:
        if word.arg is not None:
            given.append((word.arg, word.value, mock))
        elif isinstance(word.value, ast.Dict):
            pairs = zip(word.value.keys, word.value.values, strict=True)
            given += [(str(key.value), value, key) for key, value in pairs if isinstance(key, ast.Constant)]
    yield from (one for one in given if one[0].rpartition(".")[2] in GIVES or is_mock(one[1]))


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


def _handed_to_helpers(test: FunctionNode, mocks: AbstractSet[str], file: SourceFile) -> dict[str, tuple[str, Chain]]:
    """The mocks that a session of a helper of the tests answers with: `make_session(result)`."""
    found: dict[str, tuple[str, Chain]] = {}
    for call in levels(test) if mocks else ():
        given = {one: list(places_of(call, one)) for one in mocks} if isinstance(call, ast.Call) else {}
        slots = _slots(call, file) if isinstance(call, ast.Call) and any(given.values()) else {}
        for mock, places in given.items():
            found |= [(mock, slots[one]) for one in places if one in slots]
    return found


def _slots(call: ast.Call, file: SourceFile) -> dict[tuple[int, str], tuple[str, Chain]]:
    """The places of a helper's arguments with which its session answers, and the calls that bring them."""
    helper = file.resolve(call.func)
    if not isinstance(helper, FunctionInfo):
        return {}
    home, body = file.project.source(helper.path), file.project.definition(helper)
    said = list(_answers(body, home, DEPTH)) if home is not None and body is not None else []
    answers = {one.joined: (f"{helper.name}.{one.root}", one.chain) for one in said if RUNS & {*one.chain}}
    names = _names(body, len(call.args)) if body is not None and answers else []
    places = [((place, ""), name) for place, name in enumerate(names)] + [((0, name), name) for name in names]
    return {place: answers[name] for place, name in places if name in answers}


def _names(body: FunctionNode, count: int) -> list[str]:
    """Under which names a function is given its first arguments, `*results` for all the rest; then its others."""
    named = [one.arg for one in (*body.args.posonlyargs, *body.args.args)]
    rest = [body.args.vararg.arg] * (count - len(named)) if body.args.vararg is not None else []
    return [*named, *rest, *(one.arg for one in body.args.kwonlyargs)]


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
