"""The tables and columns that the migrations leave behind, and where that cannot be told."""

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plumb.analysis.column_changes import Change, changes_of, columns_of
from plumb.analysis.migration_names import UNKNOWN
from plumb.analysis.migration_steps import Step, revision_function, steps_of
from plumb.analysis.revisions import in_order
from plumb.analysis.sql_statements import altered_table, created_table, statements
from plumb.index.extract import last_name
from plumb.index.scope import keyword
from plumb.views import view

if TYPE_CHECKING:
    from plumb.project import Project

_ADDED = re.compile(
    r"""\bADD\s+(?:COLUMN\s+)?(?:IF\s+NOT\s+EXISTS\s+)?(?!(?:CONSTRAINT|VALUE|PRIMARY|UNIQUE|CHECK|FOREIGN|COLUMN|IF)\b)(\S+)"""
    r"""|\bRENAME\s+(?:COLUMN\s+)?\S+\s+TO\s+(\S+)""",
    re.IGNORECASE,
)
_MADE = re.compile(
    r"\bCREATE\s+(?:\w+\s+)*TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(\S+)"
    r"|\bALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?\S+\s+RENAME\s+TO\s+(\S+)",
    re.IGNORECASE,
)
_SCHEMA = re.compile(r"\b(ALTER|CREATE|DROP)\s+(?:\w+\s+)*TABLE\b|\bRENAME\b|\bINTO\b\s+\w+\s+FROM", re.IGNORECASE)


_VIEW = re.compile(
    r"\bCREATE\s+(?:OR\s+REPLACE\s+)?(?:\w+\s+){0,2}VIEW\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:\"?\w+\"?\.)?\"?(\w+)",
    re.IGNORECASE,
)
_DROPPED = re.compile(r"^\s*DROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?\"?(\w+)\"?\s*(?:CASCADE|RESTRICT)?\s*$", re.IGNORECASE)
DOWN = re.compile(r"(^|[./_-])(down|downgrade|rollback|revert|undo)[./_-]", re.IGNORECASE)
_BACK = re.compile(r"^--[^\n]*\b(?:down|undo|rollback)\b", re.IGNORECASE | re.MULTILINE)
"""The line of a `.sql` file from which on it says how to go back."""
FILLED_BY = frozenset({"Computed", "Identity", "Sequence"})


@dataclass
class Tables:
    """`columns` by table; `doubtful` tables may have others; not `certain` when any table may.

    Not `complete` when a revision changes a table that none has created: the first tables were made by other means.
    """

    columns: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    doubtful: set[str] = field(default_factory=set[str])
    certain: bool = True
    complete: bool = True
    last: str = ""
    possible: set[str] = field(default_factory=set[str])
    """Columns that a `.sql` file adds to some table."""
    required: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """The columns, by table and name, that every new row has to be given."""


@view
def tables_after_migrations(project: "Project") -> Tables:
    """What `alembic upgrade head` makes of an empty database."""
    found = Tables()
    for file in in_order(project):
        found.last = file.path
        found.certain = found.certain and "create_all" not in file.text
        upgrade = revision_function(file, "upgrade")
        for step in steps_of(upgrade, file) if upgrade is not None else ():
            _apply(step, found)
    by_hand = not found.last
    for path, text in project.sql_files().items():
        if not (by_hand and project.kind(path) == "migration"):
            _file(text, found)
        elif not DOWN.search(path):
            _sql(_BACK.split(text)[0], found)
            found.complete = False
    return found


def _apply(step: Step, tables: Tables) -> None:
    if step.kind == "sql":
        _sql(step.text, tables)
    elif step.kind == "helper" or (step.kind.endswith("_table") and step.table == UNKNOWN) or _is_any_sql(step):
        tables.certain = False
    elif step.kind == "create_table":
        _create(step, tables)
    elif step.kind == "drop_table":
        tables.columns.pop(step.table, None)
    elif step.kind == "rename_table":
        _rename(step, tables)
    elif step.kind in {"add_column", "drop_column", "alter_column"}:
        _column(step, tables)


def _is_any_sql(step: Step) -> bool:
    """Whether a step executes a variable, which may hold the text of any statement."""
    executes = step.kind == "write" and ast.unparse(step.node.func).endswith(".execute")
    return executes and bool(step.node.args) and isinstance(step.node.args[0], ast.Name)


def _sql(text: str, tables: Tables) -> None:
    """SQL that changes tables in a way that is not understood leaves open those it names, or all if it names none."""
    tables.doubtful.update(_VIEW.findall(text))
    for statement in statements(text) if _SCHEMA.search(text) is not None else ():
        if _SCHEMA.search(statement.text) is None or _is_understood(statement.text, tables):
            continue
        if UNKNOWN in statement.text or re.search(r"CREATE\s+(?:\w+\s+)*TABLE", statement.text, re.IGNORECASE):
            tables.certain = False
        named = (name for name in tables.columns if re.search(rf"\b{re.escape(name)}\b", statement.text, re.IGNORECASE))
        tables.doubtful.update(named)


def _is_understood(statement: str, tables: Tables) -> bool:
    """Whether a `CREATE`, `ALTER` or `DROP TABLE` could be followed column by column."""
    dropped = _DROPPED.match(statement)
    columns, changes = columns_of(statement), changes_of(statement)
    if dropped is not None:
        tables.columns.pop(_known(dropped[1], tables), None)
    elif columns is not None and _known(created_table(statement), tables) not in tables.columns:
        tables.columns[created_table(statement)] = set()
        _change(columns, created_table(statement), tables)
    elif changes is not None:
        _change(changes, _known(altered_table(statement), tables), tables)
    return dropped is not None or columns is not None or changes is not None


def _known(table: str, tables: Tables) -> str:
    """A table as the revisions spell it, whatever its case."""
    return next((name for name in tables.columns if name.lower() == table.lower()), table)


def _change(changes: list[Change], table: str, tables: Tables) -> None:
    if table not in tables.columns:
        tables.doubtful.add(table)
        tables.complete = False
        return
    columns = tables.columns[table]
    for one in changes:
        names, new = {one.column, one.column.lower()}, one.new or one.column
        tables.required -= {(table, name) for name in names}
        if one.kind != "add":
            columns -= names
        if one.kind != "drop":
            columns |= {new, new.lower()}
        if one.required and one.column == one.column.lower():
            tables.required.add((table, one.column))


def _file(text: str, tables: Tables) -> None:
    """What a `.sql` file adds, run by hand, may be there; so are the columns of a table that it makes."""
    tables.doubtful.update(_VIEW.findall(text))
    for found in _ADDED.finditer(text):
        name = (found[1] or found[2]).strip('"`;,()')
        tables.possible.add(name)
        tables.certain &= re.fullmatch(r"\w+", name) is not None
    made = {created_table(one.text): columns_of(one.text) for one in statements(text)}
    for found in _MADE.finditer(text):
        name = (found[1] or found[2]).rpartition(".")[2].strip('"`;,()')
        columns = made.get(name.lower())
        tables.possible.update(one.column for one in columns or ())
        tables.doubtful |= {name} if columns is None else set()
        tables.certain &= re.fullmatch(r"\w+", name) is not None


def _create(step: Step, tables: Tables) -> None:
    """A table that is there already belongs to a second history: what the first has made of it may be there as well."""
    names = {*tables.columns.get(step.table, ())}
    tables.doubtful |= {step.table} if step.table in tables.columns else set()
    for one in step.columns:
        made = last_name(one.node)
        if one.is_column and one.name != UNKNOWN:
            names.add(one.name)
            tables.required.discard((step.table, one.name))
            _require((step.table, one.name), one.node, tables)
        elif made == "PrimaryKeyConstraint" and isinstance(one.node, ast.Call):
            keys = {(step.table, given.value) for given in one.node.args if isinstance(given, ast.Constant)}
            tables.required = {known for known in tables.required if known not in keys}
        elif not made.endswith(("Constraint", "Index")):
            tables.doubtful.add(step.table)
    tables.columns[step.table] = names


def _require(key: tuple[str, str], column: ast.expr, tables: Tables) -> None:
    """Note what a column says of new rows; what it does not say stays as it was."""
    if not isinstance(column, ast.Call):
        return
    said = {word.arg: ast.unparse(word.value) for word in column.keywords}
    made = {last_name(one) for one in column.args if isinstance(one, ast.Call)}
    filled = said.get("server_default", "None") not in {"None", "False"} or "primary_key" in said
    if said.get("nullable") == "True" or filled or made & FILLED_BY:
        tables.required.discard(key)
    elif said.get("nullable") == "False":
        tables.required.add(key)


def _rename(step: Step, tables: Tables) -> None:
    new = step.node.args[1] if len(step.node.args) > 1 else keyword(step.node, "new_table_name")
    if isinstance(new, ast.Constant) and step.table in tables.columns:
        tables.columns[str(new.value)] = tables.columns.pop(step.table)
        if step.table in tables.doubtful:
            tables.doubtful.add(str(new.value))
    else:
        tables.certain = False


def _column(step: Step, tables: Tables) -> None:
    if step.table == UNKNOWN:
        tables.certain = False
        return
    if step.table not in tables.columns:
        tables.doubtful.add(step.table)
        tables.complete = False
        return
    columns = tables.columns[step.table]
    renamed = keyword(step.node, "new_column_name")
    if step.column == UNKNOWN or (renamed is not None and not isinstance(renamed, ast.Constant)):
        tables.doubtful.add(step.table)
    elif step.kind == "add_column":
        columns.add(step.column)
        tables.required.discard((step.table, step.column))
        if step.given is not None:
            _require((step.table, step.column), step.given, tables)
    elif step.kind == "drop_column":
        columns.discard(step.column)
    elif isinstance(renamed, ast.Constant):
        columns.discard(step.column)
        columns.add(str(renamed.value))
        tables.required.discard((step.table, step.column))
    else:
        _require((step.table, step.column), step.node, tables)
