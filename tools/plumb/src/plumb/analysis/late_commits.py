"""Generators that yield a session: what they commit after the `yield`, and where."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from plumb.analysis.functions import FUNCTIONS, own_nodes
from plumb.analysis.receivers import method_called
from plumb.index.modules import FunctionInfo
from plumb.source import FunctionNode, SourceFile
from plumb.walk import walk

MANAGERS = frozenset({"asynccontextmanager", "contextmanager"})
NEST = 3
CLOSED = (*FUNCTIONS, ast.ClassDef)


class LateCommit(NamedTuple):
    """`node` commits after the `yield`; `always` when it does so after an error, too."""

    node: ast.expr
    always: bool


def late_commits(function: FunctionNode, file: SourceFile) -> list[LateCommit]:
    """The commits that run when the consumer of *function* is done; one that enters itself adds none to its own."""
    key = ("late commits", file.path, function.lineno, function.name)
    under_way = file.project.memo(("late commits under way",), set[tuple[str, str, int, str]])
    return [] if key in under_way else file.project.memo(key, lambda: _noted(function, file, under_way, key))


def _noted(
    function: FunctionNode,
    file: SourceFile,
    under_way: set[tuple[str, str, int, str]],
    key: tuple[str, str, int, str],
) -> list[LateCommit]:
    under_way.add(key)
    try:
        return _late_commits(function, file)
    finally:
        under_way.discard(key)


def _late_commits(function: FunctionNode, file: SourceFile) -> list[LateCommit]:
    yields = [node for node in own_nodes(function) if isinstance(node, ast.Yield) and isinstance(node.value, ast.Name)]
    found: dict[ast.expr, LateCommit] = {}
    for one in yields:
        for commit in _after(one, function, file):
            found.setdefault(commit.node, commit)
    return list(found.values())


def _after(one: ast.Yield, function: FunctionNode, file: SourceFile) -> Iterator[LateCommit]:
    name = one.value.id if isinstance(one.value, ast.Name) else ""
    below: ast.AST = one
    for above in file.ancestors(one):
        if isinstance(above, ast.AsyncWith) and below in above.body:
            yield from _at_exit(above, name, file)
        if isinstance(above, ast.Try) and below in above.finalbody:
            return
        if isinstance(above, ast.Try):
            yield from _commits(above.finalbody, name, always=True)
            if below in above.body:
                yield from _commits(above.orelse, name, always=False)
        yield from _commits(_behind(above, below), name, always=False)
        if above is function:
            return
        below = above


def _at_exit(block: ast.AsyncWith, name: str, file: SourceFile) -> Iterator[LateCommit]:
    """`async with session.begin():` and `async with factory.begin() as session:` commit when they end."""
    for item in block.items:
        call = item.context_expr
        if not isinstance(call, ast.Call):
            continue
        bound = item.optional_vars
        gives = isinstance(bound, ast.Name) and bound.id == name
        begins = isinstance(call.func, ast.Attribute) and call.func.attr == "begin"
        of_session = isinstance(call.func, ast.Attribute) and _text(call.func.value) == name
        if (begins and (gives or of_session)) or (gives and _manager_commits(call, file, NEST)):
            yield LateCommit(call, always=False)


def _manager_commits(call: ast.Call, file: SourceFile, depth: int) -> bool:
    """Whether the project's own context manager that is entered here commits when it is left."""
    symbol = file.resolve(call.func)
    if symbol is None:
        symbol = method_called(call, file)
    if not isinstance(symbol, FunctionInfo) or symbol.module.library or not depth:
        return False
    if not is_context_manager(symbol):
        return False
    source = file.project.source(symbol.path)
    function = None if source is None else function_at(source, symbol)
    return source is not None and function is not None and bool(late_commits(function, source))


def function_at(source: SourceFile, info: FunctionInfo) -> FunctionNode | None:
    """The definition of a known function in its file."""
    return source.definition(info.fact.line, info.name)


def _commits(body: list[ast.stmt], name: str, *, always: bool) -> Iterator[LateCommit]:
    for statement in body:
        for node in walk(statement, *CLOSED) if not isinstance(statement, CLOSED) else ():
            if (
                isinstance(node, ast.Await)
                and isinstance(node.value, ast.Call)
                and isinstance(node.value.func, ast.Attribute)
                and node.value.func.attr == "commit"
                and _text(node.value.func.value) == name
            ):
                yield LateCommit(node.value, always)


def _behind(above: ast.AST, below: ast.AST) -> list[ast.stmt]:
    """The statements that follow *below* in its block."""
    for field in ("body", "orelse", "handlers", "finalbody"):
        block: list[ast.stmt] = getattr(above, field, None) or []
        if isinstance(below, ast.stmt) and below in block:
            return block[block.index(below) + 1 :]
    return []


def _text(node: ast.expr) -> str:
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""


def is_context_manager(info: FunctionInfo) -> bool:
    """Whether a decorator makes the generator something that is entered with `async with`."""
    return any(text.text.rpartition(".")[2] in MANAGERS for text in info.fact.decorators)
