"""Indexes and constraints of a revision: what its upgrade makes or removes, and its downgrade leaves so."""

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from plumb.analysis.migration_names import UNKNOWN
from plumb.analysis.migration_steps import Step
from plumb.index.scope import argument

if TYPE_CHECKING:
    from plumb.source import SourceFile

MADE_BY = {
    "create_index": ("index_name", "drop_index"),
    "create_unique_constraint": ("constraint_name", "drop_constraint"),
    "create_foreign_key": ("constraint_name", "drop_constraint"),
    "create_check_constraint": ("constraint_name", "drop_constraint"),
    "create_exclude_constraint": ("constraint_name", "drop_constraint"),
}
MAKERS = frozenset({*MADE_BY, "create_primary_key"})
REMOVERS = frozenset(by for _, by in MADE_BY.values())
UNDONE_BY = {
    **{kind: by for kind, (_, by) in MADE_BY.items()},
    "create_primary_key": "drop_constraint",
    "drop_index": "create_index",
    "drop_constraint": "create_..._constraint",
}
_WORD = re.compile(r"\w+")
GOES = frozenset({"drop_table", "create_table", "drop_column", "alter_column"})
GOES_AT_ONCE = frozenset({"drop_table", "drop_column"})


class Left(NamedTuple):
    """Something that the downgrade leaves: the operation that did it, its name, and what would undo it."""

    kind: str
    name: str
    undo: str


def still_there(done: list[Step], undone: list[Step], file: "SourceFile") -> list[Left]:
    """What was made or removed on a table that stays; none where the opposite has a name that cannot be read.

    What stands on a column that the downgrade drops, or on one that it may rename, goes with it; what was removed did
    not stand on a new column.
    """
    gone = [step for step in undone if step.kind in GOES] + [step for step in done if step.kind in GOES_AT_ONCE]
    if any(step.table == UNKNOWN for step in gone):
        return []
    new = {(step.table, step.column) for step in done if step.kind == "add_column"}
    old = [step for step in gone if step.kind != "drop_column" or (step.table, step.column) not in new]
    staying = [step for step in done if _stays(step, old if step.kind in REMOVERS else gone, file)]
    return [one for kinds in (MAKERS, REMOVERS) for one in _kept(kinds, staying, [*undone, *done], file)]


def _kept(kinds: frozenset[str], staying: list[Step], steps: list[Step], file: "SourceFile") -> Iterator[Left]:
    """What steps of these kinds have made or removed, and no step of the other kinds takes back."""
    opposite = [_name(step, file) for step in steps if step.kind in (REMOVERS if kinds is MAKERS else MAKERS)]
    for step in staying if UNKNOWN not in opposite else ():
        if step.kind in kinds and (left := _left(step, file)).name not in {*opposite, UNKNOWN}:
            yield left


def _stays(step: Step, gone: list[Step], file: "SourceFile") -> bool:
    """Whether neither the table nor a column that it stands on goes."""
    table, columns = _table(step, file), _columns(step, file)
    columns_gone = {one.column if one.kind.endswith("column") else UNKNOWN for one in gone if one.table == table}
    if table == UNKNOWN or UNKNOWN in columns_gone:
        return False
    return not columns_gone or not (UNKNOWN in columns or columns_gone & columns)


def _columns(step: Step, file: "SourceFile") -> set[str]:
    """The columns that it stands on, for a check all words of its condition; `UNKNOWN` where one is an expression."""
    if step.kind == "create_check_constraint":
        text = _text(argument(step.node, "condition", 2 - step.batch), file)
        return {UNKNOWN} if text == UNKNOWN else {*_WORD.findall(text)}
    keyword, place = ("local_cols", 3) if step.kind == "create_foreign_key" else ("columns", 2)
    given = argument(step.node, keyword, place - step.batch)
    return {_text(one, file) for one in given.elts} if isinstance(given, ast.List | ast.Tuple) else {UNKNOWN}


def _left(step: Step, file: "SourceFile") -> Left:
    name, table, undo = _name(step, file), _table(step, file), UNDONE_BY[step.kind]
    where = "" if step.batch else f', {"table_name=" if undo == "drop_index" else ""}"{table}"'
    more = ", ..." if step.kind in REMOVERS else ""
    return Left(step.kind, name, f'{"batch_op" if step.batch else "op"}.{undo}("{name}"{where}{more})')


def _name(step: Step, file: "SourceFile") -> str:
    """The name of the index or constraint, also through `op.f()`."""
    keyword = MADE_BY.get(step.kind, ("index_name" if step.kind == "drop_index" else "constraint_name", ""))[0]
    return _text(argument(step.node, keyword, 0), file)


def _table(step: Step, file: "SourceFile") -> str:
    """The table that it stands on, which the operation names second."""
    if step.batch:
        return step.table
    keyword = "source_table" if step.kind == "create_foreign_key" else "table_name"
    return _text(argument(step.node, keyword, 1), file)


def _text(node: ast.expr | None, file: "SourceFile") -> str:
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".f") and node.args:
        node = node.args[0]
    literal = file.scope(node).literal(node) if node is not None else None
    return literal if isinstance(literal, str) else UNKNOWN
