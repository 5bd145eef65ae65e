"""What a migration has created or filled so far, so that no row can be without a value there."""

import ast
import re
from typing import TYPE_CHECKING

from plumb.analysis.functions import own_nodes
from plumb.analysis.migration_names import UNKNOWN
from plumb.analysis.migration_steps import Step
from plumb.analysis.row_changes import updated_by
from plumb.analysis.sql_statements import created_table, statements, updated_columns, written_tables
from plumb.index.extract import last_name

if TYPE_CHECKING:
    from plumb.source import SourceFile

SENDS = frozenset({"commit", "flush"})
ROWS = frozenset({"add", "add_all", "delete", "merge", "setattr", "vars"})
"""Calls by which a session gets or loses rows, or a row columns, whose names are not written out."""

_SOME_ROWS = re.compile(
    r"\bSET\b[^()]*\bWHERE\s+(?:\w+\.)?\"?(\w+)\"?\s*"
    r"(?:(?:=|<>|!=|<=?|>=?)\s*(?:'[^']*'|[\d.]+|true|false)|IS\s+(?:NOT\s+)?NULL)\s*;?\s*\Z",
    re.IGNORECASE,
)
"""An `UPDATE` of the rows that have one value, or any, in one column."""


class Filled:
    """What a migration has created or filled so far; "*" stands for anything.

    `empty` are the columns that it has added without a value, `partly` those that one `UPDATE` has filled in some rows.
    """

    def __init__(self) -> None:
        self.tables: set[str] = set()
        self.columns: set[str] = set()
        self.empty: set[str] = set()
        self.partly: set[str] = set()

    def covers(self, table: str, column: str) -> bool:
        """Whether rows of the table may have got a value in this column."""
        known = {f"{table}.{column}".lower(), f"{UNKNOWN}.{column}".lower(), f"{table}.*".lower()}
        return "*" in self.tables or table.lower() in self.tables or bool(known & self.columns)

    def write(self, step: Step, file: "SourceFile") -> None:
        """Remember rows written in Python: by the text of a `.sql` file, by attributes that are sent, or anything."""
        names = {f"{UNKNOWN}.{name}" for name in _assigned(step, file)} or set(updated_by(step.node, file))
        self.columns.update(name.lower() for name in names)
        for statement in statements(step.text):
            self.note(statement.text)
        if not names and not step.text:
            self.tables.add("*")

    def note(self, statement: str) -> None:
        """Remember what one SQL statement creates or writes."""
        updated = updated_columns(statement)
        if updated is not None:
            self._note_update(statement, [f"{updated[0]}.{column}" for column in updated[1]])
            return
        self.tables.update(written_tables(statement))
        if created_table(statement):
            self.tables.add(created_table(statement))
        if UNKNOWN in self.tables or statement.upper().startswith("EXECUTE"):
            self.tables.add("*")

    def misses_rows(self, table: str, column: str) -> bool:
        """Whether a column that was empty has got a value in some rows alone."""
        return f"{table}.{column}".lower() in self.partly and not {"*", table.lower()} & self.tables

    def _note_update(self, statement: str, keys: list[str]) -> None:
        asked = _SOME_ROWS.search(statement)
        for key in keys:
            is_first = key in self.empty and key not in self.columns
            is_partial = asked is not None and asked[1].lower() != key.rpartition(".")[2]
            (self.partly.add if is_first and is_partial else self.partly.discard)(key)
        self.columns.update(keys)


def _assigned(step: Step, file: "SourceFile") -> set[str]:
    """What the function around sets on its objects, where a session only sends that: `user.code = ...`, `commit()`."""
    function = file.function_of(step.node)
    if last_name(step.node) not in SENDS or function is None:
        return set()
    nodes = own_nodes(function)
    if any(isinstance(one, ast.Call) and last_name(one) in ROWS for one in nodes):
        return set()
    return {one.attr for one in nodes if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Store)}
