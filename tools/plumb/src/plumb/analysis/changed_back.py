"""Columns and tables that an upgrade changes in place, and whether its downgrade changes them back."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plumb.analysis.indexes import Left
from plumb.analysis.migration_names import UNKNOWN
from plumb.analysis.migration_steps import Step
from plumb.index.scope import argument, keyword

if TYPE_CHECKING:
    from plumb.source import SourceFile

OWN = frozenset({"add_column", "drop_column"})
WHOLE = frozenset({"create_table", "drop_table"})


def under_old_names(done: list[Step], undone: list[Step]) -> tuple[list[Step], list[Step], list[Left]]:
    """The steps without renamings of tables, all by the names from before; and the renamings that are left."""
    renamed = {_new_table(step): step.table for step in done if step.kind == "rename_table"}
    back = {(step.table, _new_table(step)) for step in undone if step.kind == "rename_table"}
    left = [
        Left("rename_table", old, f'op.rename_table("{new}", "{old}")')
        for new, old in renamed.items()
        if (new, old) not in back and not any(UNKNOWN in pair for pair in {(new, old), *back})
    ]
    return _by(renamed, done), _by(renamed, undone), left


def names_change_hands(done: list[Step]) -> bool:
    """Whether a name of a table that is renamed stands for two tables in the course of the steps."""
    names = [name for step in done if step.kind == "rename_table" for name in (step.table, _new_table(step))]
    names += [step.table for step in done if step.kind in WHOLE] if names else []
    return len(names) > len(set(names))


def _by(renamed: dict[str, str], steps: list[Step]) -> list[Step]:
    others = [step for step in steps if step.kind != "rename_table"]
    return [step._replace(table=renamed.get(step.table, step.table)) for step in others]


def _new_table(step: Step) -> str:
    new = argument(step.node, "new_table_name", 1)
    return new.value if isinstance(new, ast.Constant) and isinstance(new.value, str) else UNKNOWN


def not_changed_back(done: list[Step], undone: list[Step], file: "SourceFile") -> Iterator[Left]:
    """Columns that lose NULL, their type or their name, and that the downgrade does not touch again."""
    for step in done:
        new = keyword(step.node, "new_column_name")
        renamed = file.scope(new).literal(new) if new is not None else step.column
        names = {step.column, renamed if isinstance(renamed, str) else UNKNOWN}
        if (
            step.kind == "alter_column"
            and _changes(step)
            and not _was_relaxed(step, done)
            and UNKNOWN not in {step.table, *names}
        ):
            others = [*undone, *(one for one in done if one.kind in OWN | WHOLE)]
            if new is not None and step.column not in _added_to(step.table, undone):
                others = [one for one in others if one.kind != "drop_column"]
            if not any(_touches(one, step.table, names) for one in others):
                yield Left("alter_column", f"{step.table}.{step.column}", _undo(step, names))


def _added_to(table: str, steps: list[Step]) -> set[str]:
    return {one.column for one in steps if one.kind == "add_column" and one.table == table}


def _changes(step: Step) -> bool:
    nullable = keyword(step.node, "nullable")
    is_required = isinstance(nullable, ast.Constant) and nullable.value is False
    return is_required or any(_says(step, name) for name in ("type_", "new_column_name"))


def _was_relaxed(step: Step, done: list[Step]) -> bool:
    """Whether the same upgrade has let NULL into the column before, so that NOT NULL is what it was."""
    others = done[: done.index(step)] if not _says(step, "type_") and not _says(step, "new_column_name") else []
    return any(
        (one.kind, one.table, one.column) == ("alter_column", step.table, step.column)
        and ast.unparse(keyword(one.node, "nullable") or step.node) == "True"
        for one in others
    )


def _says(step: Step, name: str) -> bool:
    return keyword(step.node, name) is not None


def _touches(one: Step, table: str, names: set[str]) -> bool:
    if one.table not in {table, UNKNOWN}:
        return False
    return one.kind in WHOLE or (one.kind in {"alter_column", *OWN} and one.column in {*names, UNKNOWN})


def _undo(step: Step, names: set[str]) -> str:
    now = next(iter(names - {step.column}), step.column)
    before = keyword(step.node, "existing_type")
    old = "nullable=True"
    if now != step.column:
        old = f'new_column_name="{step.column}"'
    elif keyword(step.node, "type_") is not None:
        old = f"type_={ast.unparse(before) if before is not None else '...'}"
    where = "batch_op.alter_column(" if step.batch else f'op.alter_column("{step.table}", '
    return f'{where}"{now}", {old})'
