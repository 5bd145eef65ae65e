"""The columns that an operation of a revision is given: written out, behind names, or made by a function."""

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from plumb.analysis.functions import source_of, values_of, yields_of
from plumb.analysis.migration_names import UNKNOWN, Names
from plumb.analysis.written_lists import put
from plumb.index.extract import last_name
from plumb.index.modules import FunctionInfo
from plumb.index.scope import keyword
from plumb.walk import walk

DEPTH = 4


class Given(NamedTuple):
    """What stands for one argument: a column with its name, else a constraint, or what cannot be told, without one."""

    name: str
    node: ast.expr

    @property
    def is_column(self) -> bool:
        """Whether it is known to be a column."""
        return isinstance(self.node, ast.Call) and last_name(self.node) == "Column"


def given_columns(arguments: Iterable[ast.expr], names: Names) -> tuple[Given, ...]:
    """What each argument stands for; all that a starred one does, if that can be told."""
    return tuple(one for node in arguments for one in _given(node, names, DEPTH))


def _given(node: ast.expr, names: Names, depth: int) -> Iterator[Given]:
    if isinstance(node, ast.Starred):
        where, made = _behind(node.value, names, depth)
        parts = made.elts if isinstance(made, ast.Tuple | ast.List) else _each(made, where)
        for one in parts or ():
            yield from _given(one, where, depth - 1)
        if parts is None:
            yield Given("", node)
        return
    where, made = _behind(node, names, depth)
    first = keyword(made, "name") or (made.args[0] if made.args else None) if isinstance(made, ast.Call) else None
    found = Given(UNKNOWN, put(made, where.meant, made) if where.meant else made)
    yield found._replace(name=where.text(first)) if found.is_column else Given("", made)


def _each(node: ast.expr, names: Names) -> list[ast.expr] | None:
    """What a comprehension over a list that is written out makes of each."""
    if not isinstance(node, ast.ListComp | ast.GeneratorExp) or len(node.generators) != 1 or node.generators[0].ifs:
        return None
    turns = names.turns(node.generators[0].target, node.generators[0].iter)
    return None if turns is None else [put(node.elt, turn, node.elt) for turn in turns]


def _behind(node: ast.expr, names: Names, depth: int) -> tuple[Names, ast.expr]:
    """The expression behind a variable, a constant or the only `return` of a function, and how it reads names."""
    if not depth:
        return names, node
    if isinstance(node, ast.Name):
        meant = names.meaning(node)
        if meant is node and not values_of(node, names.file):
            meant = names.file.scope(node).value(node)[1]
        return (names, node) if meant is node else _behind(meant, names, depth - 1)
    function = names.file.resolve(node.func) if isinstance(node, ast.Call) else None
    if not isinstance(node, ast.Call) or not isinstance(function, FunctionInfo):
        return names, node
    source, body = source_of(names.file.project, function)
    returned = [one for one in walk(body) if isinstance(one, ast.Return)] if body is not None else []
    if source is None or body is None or len(returned) != 1 or returned[0].value is None or any(yields_of(body)):
        return names, node
    inner = next(names.given(node, function.fact))
    return _behind(returned[0].value, Names(source, inner.bound), depth - 1)
