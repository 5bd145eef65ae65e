"""Chains of calls on query results: those that a test's mocks answer, and those that the code under test makes."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from plumb.analysis.bodies import FunctionNode, called_functions, callee_of, variables_of
from plumb.index.modules import ClassInfo, FunctionInfo
from plumb.index.scope import Scope
from plumb.source import SourceFile
from plumb.walk import levels

Chain = tuple[str, ...]
RESULT_METHODS = frozenset(
    [
        *("scalars", "scalar", "scalar_one", "scalar_one_or_none", "all", "first", "one", "one_or_none", "unique"),
        *("mappings", "fetchall", "fetchone", "fetchmany", "tuples", "partitions", "columns"),
    ]
)
RUNS = frozenset({"execute", "exec", "stream"})
HEADS = frozenset({"scalars", "scalar_one", "scalar_one_or_none", "unique", "mappings", "one_or_none"})
DEPTH = 3


class Configured(NamedTuple):
    """A chain that a test configures, at the assignment that does."""

    chain: Chain
    node: ast.expr


class Called(NamedTuple):
    """The chains that code makes; `is_complete` unless it hands its session to something that cannot be followed."""

    chains: frozenset[Chain]
    is_complete: bool


def configured(function: FunctionNode) -> list[Configured]:
    """The chains whose `return_value` a test function sets, mocks that are put together from parts included."""
    found: list[tuple[str, Chain, ast.expr]] = []
    hooks: dict[str, tuple[str, Chain]] = {}
    for node in levels(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Attribute):
            read = _configured(node.targets[0])
            if read is None:
                continue
            found.append((read[0], read[1], node.targets[0]))
            if isinstance(node.value, ast.Name):
                hooks[node.value.id] = read
    roots = {root for root, _, _ in found}
    whole: list[Configured] = []
    for root, chain, node in found:
        if any(hook == (root, chain) and name in roots for name, hook in hooks.items()):
            continue
        full = _hooked(root, chain, hooks)
        if full and full[0] in HEADS and set(full) <= RESULT_METHODS:
            whole.append(Configured(full, node))
    return whole


def called_by(test: FunctionNode, file: SourceFile) -> Called | None:
    """What the functions that a test calls do with results; None when the test calls none that is known."""
    scope = Scope(file.project, file.module, ".".join(filter(None, (file.scope_of(test), test.name))))
    variables = {**dict(_fixtures(test, scope)), **dict(variables_of(test, scope))}
    calls = [node for node in levels(test) if isinstance(node, ast.Call)]
    found = (callee_of(node, scope, variables) for node in calls)
    first = [one for one in found if one is not None and file.project.kind(one.path) != "test"]
    if not first:
        return None
    chains: set[Chain] = set()
    complete = True
    for function in _reachable(first, file):
        body = file.project.definition(function)
        if body is not None:
            chains.update(chains_in(body))
            complete = complete and not _hands_over(body, function, file)
    return Called(frozenset(chains), complete)


def chains_in(body: ast.AST) -> Iterator[Chain]:
    """Every chain of result methods in a function, continued through variables."""
    variables: dict[str, Chain] = {}
    for node in levels(body):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            variables[node.targets[0].id] = _chain(node.value, {})
    inner = {id(node.value) for node in levels(body) if isinstance(node, ast.Attribute)}
    for node in levels(body):
        if isinstance(node, ast.Call) and id(node) not in inner:
            chain = _chain(node, variables)
            if chain and chain[0] in RESULT_METHODS:
                yield chain


def _chain(node: ast.expr, variables: dict[str, Chain]) -> Chain:
    """`("scalars", "all")` for `(await session.execute(q)).scalars().all()`."""
    names: list[str] = []
    while True:
        if isinstance(node, ast.Await):
            node = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in RUNS:
                break
            names.append(node.func.attr)
            node = node.func.value
        else:
            break
    before = variables.get(node.id, ()) if isinstance(node, ast.Name) else ()
    chain = (*before, *reversed(names))
    start = next((place for place, name in enumerate(chain) if name in RESULT_METHODS), len(chain))
    return chain[start:]


def _configured(target: ast.Attribute) -> tuple[str, Chain] | None:
    """The variable and the calls of `m.scalars.return_value.all.return_value`."""
    if target.attr not in {"return_value", "side_effect"}:
        return None
    names: list[str] = []
    node: ast.expr = target
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    calls = tuple(name for name in reversed(names) if name not in {"return_value", "side_effect"})
    return node.id, calls


def _hooked(root: str, chain: Chain, hooks: dict[str, tuple[str, Chain]]) -> Chain:
    """The chain from the session on, without the call that runs the query."""
    for _ in range(DEPTH):
        if root not in hooks:
            break
        root, before = hooks[root]
        chain = (*before, *chain)
    start = max((place + 1 for place, name in enumerate(chain) if name in RUNS), default=0)
    return chain[start:]


def _fixtures(test: FunctionNode, scope: Scope) -> Iterator[tuple[str, ClassInfo]]:
    """Parameters that a fixture of the same file fills with an instance of a known class."""
    for argument in test.args.args:
        fact = scope.module.function_named.get(argument.arg)
        for value in fact.returned if fact is not None else ():
            made = scope.resolve(value.node.func) if isinstance(value.node, ast.Call) else None
            if isinstance(made, ClassInfo):
                yield argument.arg, made


def _reachable(first: list[FunctionInfo], file: SourceFile) -> list[FunctionInfo]:
    found = {one.key: one for one in first}
    front = first
    for _ in range(DEPTH - 1):
        front = [one for function in front for one in called_functions(file.project, function) if one.key not in found]
        found.update({one.key: one for one in front})
    return list(found.values())


def _hands_over(body: FunctionNode, function: FunctionInfo, file: SourceFile) -> bool:
    scope = Scope(file.project, function.module, function.fact.qualname)
    variables = dict(variables_of(body, scope))
    for node in levels(body):
        if not isinstance(node, ast.Call) or callee_of(node, scope, variables) is not None:
            continue
        text = ast.unparse(node.func)
        given = [ast.unparse(one) for one in (*node.args, *(word.value for word in node.keywords))]
        if any(one.endswith(("session", "db")) for one in given) or (
            text.startswith("self.") and "session" not in text
        ):
            return True
    return False
