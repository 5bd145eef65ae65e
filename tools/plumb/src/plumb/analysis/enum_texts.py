"""What SQL in the code, in `.sql` files, and the calls that execute it give to enum columns."""

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plumb.analysis.enum_sql import UNREAD, Given, given_to
from plumb.analysis.enum_statements import columns_of, rows
from plumb.analysis.enum_words import assigned_once, text_of
from plumb.analysis.migration_enums import labels_ever
from plumb.analysis.stored_enums import NONE, Columns, Stored, stored_in_database
from plumb.analysis.table_objects import TABLES
from plumb.findings import Place
from plumb.index.extract import last_name
from plumb.index.models import model_of

if TYPE_CHECKING:
    from plumb.source import SourceFile

PARTS = frozenset({"text", "literal_column"})
CONDITIONS = frozenset({"where", "filter", "having"})
EXECUTING = frozenset({"execute", "scalar", "scalars", "exec"})
OF_TABLE = frozenset({"Index", "CheckConstraint"})
_BEGINS = re.compile(
    r"""\b(?:text|literal_column|CheckConstraint)\(|['"]\s*(?:SELECT|UPDATE|INSERT|DELETE|WITH|ALTER|CREATE)\b""",
    re.IGNORECASE,
)
_SQL = re.compile(r"^\s*(SELECT|UPDATE|INSERT|DELETE|WITH|ALTER|CREATE)\b", re.IGNORECASE)


def may_hold_sql(text: str) -> bool:
    """Whether some string of a file begins like a statement, or is marked as a part of one."""
    return _BEGINS.search(text) is not None


def labels_in(node: ast.Constant | ast.JoinedStr, file: "SourceFile") -> Iterator[Given]:
    """The labels in a statement of SQL, or in a part of one in `text()`."""
    above = file.parent(node)
    if isinstance(above, ast.JoinedStr | ast.FormattedValue):
        return
    sql = text_of(node, file, UNREAD)
    is_part = isinstance(above, ast.Call) and (last_name(above) in PARTS or _is_check(node, above))
    if "'" in sql and (is_part or _SQL.match(sql)):
        given = given_to(sql, stored_in_database(file.project), _table_around(node, file) if is_part else "")
        yield from (one for one in given if one.label)


def place_of(given: Given, node: ast.Constant | ast.JoinedStr, file: "SourceFile") -> Place:
    """From the line of a text that has the label to its end."""
    whole, expected = file.place(node), given.line
    found = [at for at in range(whole.line, whole.end_line + 1) if given.label in file.lines.lines[at - 1]]
    at = whole.line + expected if whole.line + expected in found else next(iter(found), whole.line)
    column = file.lines.lines[at - 1].find(given.label) + 1 if at != whole.line else whole.column
    return Place(whole.path, at, column, whole.end_line, whole.end_column)


def labels_in_files(file: "SourceFile") -> Iterator[tuple[Place, Given]]:
    """The labels that `.sql` files give to the tables of this file, but for those that the database once had."""
    files = file.project.sql_files() if file.kind == "app" else {}
    tables = stored_in_database(file.project) if files else {}
    own = {name: columns for name, columns in tables.items() if _is_of(file, columns)}
    for path, text in files.items():
        for given in given_to(text, tables) if any(name in text for name in own) else ():
            is_own = any(given.column in columns.values() for columns in own.values())
            if is_own and given.label and given.label not in labels_ever(file.project):
                yield Place(path, given.line + 1, 1, given.line + 1, 1), given


def bound_by(call: ast.Call, file: "SourceFile") -> Iterator[tuple[Stored, ast.expr]]:
    """What a call gives for the parameters of the SQL beside it, by the columns that they stand for."""
    first = call.args[0] if call.args else None
    if isinstance(call.func, ast.Attribute) and call.func.attr == "bindparams":
        first = call.func.value
    if isinstance(first, ast.Name) and last_name(call) in EXECUTING:
        first = assigned_once(first, file) or file.scope(first).value(first)[1]
    if isinstance(first, ast.Call) and last_name(first) in PARTS and first.args:
        first = first.args[0]
    sql = text_of(first, file, UNREAD) if isinstance(first, ast.Constant | ast.Name | ast.JoinedStr) else ""
    if ":" not in sql or not _SQL.match(sql):
        return
    pairs = [(word.arg or "", word.value) for word in call.keywords]
    pairs += [pair for one in call.args[1:] for pair in rows(one, file)]
    for given in given_to(sql, stored_in_database(file.project)):
        yield from ((given.column, value) for key, value in pairs if key == given.parameter)


def _is_check(node: ast.expr, call: ast.Call) -> bool:
    return last_name(call) == "CheckConstraint" and node in call.args[:1]


def _table_around(node: ast.expr, file: "SourceFile") -> str:
    """The table of the statement or of the class that a part of SQL stands in."""
    of_table = False
    for above in file.ancestors(node):
        if of_table and isinstance(above, ast.Call) and file.is_call_to(above, *TABLES) and above.args:
            name = file.scope(above).literal(above.args[0])
            return name if isinstance(name, str) else ""
        if isinstance(above, ast.ClassDef) and of_table:
            model = model_of(file.project, file.class_info(above))
            return model.table if model is not None else ""
        if isinstance(above, ast.stmt) and not of_table:
            return ""
        of_table = of_table or (isinstance(above, ast.Call) and last_name(above) in OF_TABLE)
        is_condition = isinstance(above, ast.Call) and last_name(above) in CONDITIONS
        own = columns_of(above, file) if isinstance(above, ast.Call) and is_condition else NONE
        keys = sorted({one.key for one in own.values()})
        for table, columns in stored_in_database(file.project).items() if keys else ():
            if sorted({one.key for one in columns.values()}) == keys:
                return table
    return ""


def _is_of(file: "SourceFile", columns: Columns) -> bool:
    return any(one.key.startswith(file.module.key("")) for one in columns.values())
