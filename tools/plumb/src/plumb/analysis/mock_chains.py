"""Chains of calls on query results that the code under test makes, as far as it can be followed."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from plumb.analysis.bodies import FunctionNode, callee_of, reached, variables_of
from plumb.index.annotations import meaning
from plumb.index.facts import FunctionFact
from plumb.index.modules import ClassInfo, FunctionInfo, Module
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
OF_SESSION = frozenset({"session.scalars", "session.scalar"})
"""How a chain starts that needs no `execute`."""
SESSIONS = ("session", "db")


class Called(NamedTuple):
    """The chains that code makes; `is_complete` unless it hands its session to something that cannot be followed."""

    chains: frozenset[Chain]
    is_complete: bool


def called_by(test: FunctionNode, file: SourceFile) -> Called | None:
    """What the functions that a test calls do with results; None when the test calls none that is known."""
    scope = Scope(file.project, file.module, ".".join(filter(None, (file.scope_of(test), test.name))))
    variables = {**dict(fixtures_of(test, scope)), **dict(variables_of(test, scope))}
    calls = [node for node in levels(test) if isinstance(node, ast.Call)]
    found = (callee_of(node, scope, variables) for node in calls)
    first = [one for one in found if one is not None and file.project.kind(one.path) != "test"]
    if not first:
        return None
    chains: set[Chain] = set()
    complete = True
    for function in reached(first, file.project):
        body = file.project.definition(function)
        if body is not None:
            chains.update(chains_in(body))
            complete = complete and not _hands_over(body, function, file)
    return Called(frozenset(chains), complete)


def chains_in(body: ast.AST) -> Iterator[Chain]:
    """Every chain of result methods in a function, continued through variables."""
    variables: dict[str, Chain] = {}
    results: set[str] = set()
    for node in levels(body):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            variables[node.targets[0].id] = _chain(node.value, {})
            results.update([node.targets[0].id] if _is_result(node.value) else [])
    inner = {id(node.value) for node in levels(body) if isinstance(node, ast.Attribute)}
    for node in levels(body):
        if isinstance(node, ast.Call) and id(node) not in inner:
            chain = _chain(node, variables)
            if chain:
                yield chain
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension) and _is_one_of(node.iter, results):
            yield ("__iter__",)


def _is_result(node: ast.expr) -> bool:
    """Whether an expression is `await session.execute(query)`."""
    node = node.value if isinstance(node, ast.Await) else node
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in RUNS


def _is_one_of(node: ast.expr, results: set[str]) -> bool:
    """Whether a loop goes through a result itself."""
    return _is_result(node) or (isinstance(node, ast.Name) and node.id in results)


def _chain(node: ast.expr, variables: dict[str, Chain]) -> Chain:
    """`("scalars", "all")` for `(await session.execute(q)).scalars().all()`."""
    names: list[str] = []
    while True:
        if isinstance(node, ast.Await):
            node = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in RUNS:
                break
            if f"session.{node.func.attr}" in OF_SESSION and node.args and not isinstance(node.args[0], ast.Constant):
                names.append(f"session.{node.func.attr}")
                break
            names.append(node.func.attr)
            node = node.func.value
        else:
            break
    before = variables.get(node.id, ()) if isinstance(node, ast.Name) else ()
    chain = (*before, *reversed(names))
    start = next((place for place, name in enumerate(chain) if name in RESULT_METHODS | OF_SESSION), len(chain))
    return chain[start:]


def fixtures_of(test: FunctionNode, scope: Scope) -> Iterator[tuple[str, ClassInfo]]:
    """Parameters that a fixture of the file or of its `conftest.py` fills with an instance of a known class."""
    for argument in test.args.args:
        for module in homes(scope):
            fixture = module.function(argument.arg)
            if fixture is not None:
                made = _made(fixture.fact, Scope(scope.project, module, fixture.qualname))
                if made is not None:
                    yield argument.arg, made
                break


def homes(scope: Scope) -> Iterator[Module]:
    """The modules whose fixtures a test sees: its own, then the `conftest.py` of each folder upwards."""
    yield scope.module
    folder = scope.module.path
    while folder:
        folder = folder.rpartition("/")[0]
        path = f"{folder}/conftest.py" if folder else "conftest.py"
        if path in scope.project.locator.paths:
            yield scope.project.module(path)


def _made(fixture: FunctionFact, scope: Scope) -> ClassInfo | None:
    """The class of what a fixture gives, by its annotation or by the call that makes it."""
    said = meaning(fixture.returns.node, scope).symbol if fixture.returns is not None else None
    if isinstance(said, ClassInfo):
        return said
    for value in fixture.returned:
        made = scope.resolve(value.node.func) if isinstance(value.node, ast.Call) else None
        if isinstance(made, ClassInfo):
            return made
    return None


def _hands_over(body: FunctionNode, function: FunctionInfo, file: SourceFile) -> bool:
    scope = Scope(file.project, function.module, function.fact.qualname)
    variables = dict(variables_of(body, scope))
    for node in levels(body):
        if not isinstance(node, ast.Call) or callee_of(node, scope, variables) is not None:
            continue
        text = ast.unparse(node.func)
        given = [ast.unparse(one) for one in (*node.args, *(word.value for word in node.keywords))]
        owner = text.rpartition(".")[0]
        if any(one.endswith(SESSIONS) for one in given) or (owner.startswith("self") and not owner.endswith(SESSIONS)):
            return True
    return False
