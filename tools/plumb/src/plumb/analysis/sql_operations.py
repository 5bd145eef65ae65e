"""SQL that changes tables, as the operations of Alembic that do the same."""

import ast
import re
from collections.abc import Iterator

from plumb.analysis.column_changes import split
from plumb.analysis.migration_names import UNKNOWN
from plumb.analysis.migration_steps import Step
from plumb.analysis.sql_statements import statements

_NAME = r'(?:"?\w+"?\.)?(?P<name>"?\w+"?)'
_OTHER = r'(?:"?\w+"?\.)?(?P<other>"?\w+"?)'
_COLUMN = r'(?:COLUMN\s+)?(?P<name>"?\w+"?)'
_COLUMNS = r'\((?P<columns>[\w\s,"]*)\)'
_INDEXED = rf"(?:{_COLUMNS}|\()"
_METHOD = r"(?:\s+USING\s+\w+)?"
_AT_ONCE = r"(?:CONCURRENTLY\s+)?"
_CONSTRAINT = r'ADD\s+CONSTRAINT\s+(?P<name>"?\w+"?)'
_EXISTS = r"(?:IF\s+(?:NOT\s+)?EXISTS\s+)?"
_END = r"(?:\s+(?:CASCADE|RESTRICT))?"
_CLAUSES = r"(?!(?:CONSTRAINT|PRIMARY|UNIQUE|CHECK|FOREIGN|EXCLUDE|INDEX|KEY|COLUMN|IF)\b)"


def _forms(*forms: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(form, re.IGNORECASE | re.DOTALL), operation) for form, operation in forms)


_STATEMENTS = _forms(
    (rf"CREATE\s+(?:UNLOGGED\s+)?TABLE\s+{_EXISTS}{_NAME}\s*\(.*", "create_table({name})"),
    (rf"DROP\s+TABLE\s+{_EXISTS}{_NAME}{_END}", "drop_table({name})"),
    (
        rf"CREATE\s+(?:UNIQUE\s+)?INDEX\s+{_AT_ONCE}{_EXISTS}{_NAME}\s+ON\s+(?:ONLY\s+)?{_OTHER}{_METHOD}\s*{_INDEXED}.*",
        "create_index({name}, {other}, {columns})",
    ),
    (rf"DROP\s+INDEX\s+{_AT_ONCE}{_EXISTS}{_NAME}{_END}", "drop_index({name})"),
)
_ACTIONS = _forms(
    (r"RENAME\s+TO\s+(?P<name>\"?\w+\"?)", "rename_table({table}, {name})"),
    (
        rf"RENAME\s+(?!CONSTRAINT\b){_COLUMN}\s+TO\s+{_OTHER}",
        "alter_column({table}, {name}, new_column_name={other})",
    ),
    (rf"{_CONSTRAINT}\s+UNIQUE\s*{_COLUMNS}.*", "create_unique_constraint({name}, {table}, {columns})"),
    (rf"{_CONSTRAINT}\s+CHECK\b.*", "create_check_constraint({name}, {table}, ...)"),
    (
        rf"{_CONSTRAINT}\s+FOREIGN\s+KEY\s*{_COLUMNS}\s*REFERENCES\s+{_OTHER}.*",
        "create_foreign_key({name}, {table}, {other}, {columns}, ...)",
    ),
    (rf"DROP\s+CONSTRAINT\s+{_EXISTS}{_NAME}{_END}", "drop_constraint({name}, {table})"),
    (rf"ADD\s+(?:COLUMN\s+)?{_EXISTS}{_CLAUSES}{_NAME}\s+\w.*", "add_column({table}, {name})"),
    (rf"DROP\s+(?:COLUMN\s+)?{_EXISTS}{_CLAUSES}{_NAME}{_END}", "drop_column({table}, {name})"),
    (rf"ALTER\s+{_COLUMN}\s+SET\s+NOT\s+NULL", "alter_column({table}, {name}, nullable=False)"),
    (rf"ALTER\s+{_COLUMN}\s+DROP\s+NOT\s+NULL", "alter_column({table}, {name}, nullable=True)"),
    (rf"ALTER\s+{_COLUMN}\s+(?:SET\s+DATA\s+)?TYPE\s.*", "alter_column({table}, {name}, type_=...)"),
    (rf"ALTER\s+{_COLUMN}\s+(?:SET|DROP)\s+DEFAULT\b.*", "alter_column({table}, {name}, server_default=...)"),
)
_ALTERED = re.compile(rf"ALTER\s+TABLE\s+{_EXISTS}(?:ONLY\s+)?{_NAME}\s+(?P<actions>.*)", re.IGNORECASE | re.DOTALL)
_TEMPORARY = re.compile(r"CREATE\s+(?:\w+\s+)?TEMP(?:ORARY)?\s+TABLE\b", re.IGNORECASE)
_ROWS = re.compile(r"(?:UPDATE|INSERT|DELETE|TRUNCATE|COMMIT|LOCK|VACUUM|ANALYZE)\b|SELECT\s[^(]*\Z", re.IGNORECASE)
"""What changes no table: rows, or a question that calls no function."""


def as_operations(steps: list[Step]) -> list[Step]:
    """The steps with an operation for each change of a table in SQL; statements that are not understood stay SQL."""
    return [one for step in steps for one in (_read(step) if step.kind == "sql" else [step])]


def changes_rows_alone(step: Step) -> bool:
    """Whether a statement leaves all tables as they are."""
    return step.kind == "sql" and _ROWS.match(step.text) is not None


def _read(step: Step) -> Iterator[Step]:
    for statement in statements(step.text):
        text = statement.text.rstrip("; \n")
        operations = None if UNKNOWN in text else _operations(text)
        if operations is None:
            yield step._replace(text=text)
        else:
            yield from (_step(one, step, text) for one in operations)


def _operations(text: str) -> list[ast.Call] | None:
    """What a statement does, as calls; None if some of it is not understood."""
    if _TEMPORARY.match(text):
        return []
    altered = _ALTERED.fullmatch(text)
    if altered is None:
        found = [_first(text, _STATEMENTS, "")]
    else:
        found = [_first(one, _ACTIONS, altered["name"]) for one in split(altered["actions"])]
    known = [one for one in found if one is not None]
    return known if len(known) == len(found) else None


def _first(text: str, forms: tuple[tuple[re.Pattern[str], str], ...], table: str) -> ast.Call | None:
    """The operation of the first form that the text has."""
    for form, operation in forms:
        if found := form.fullmatch(text):
            columns = [_plain(one) for one in (found.groupdict().get("columns") or "").split(",")]
            names = {key: repr(_plain(name)) for key, name in found.groupdict().items() if name and key != "columns"}
            names |= {"table": repr(_plain(table)), "columns": repr(columns) if columns != [""] else "..."}
            call = ast.parse(operation.format_map(names), mode="eval").body
            return call if isinstance(call, ast.Call) else None
    return None


def _plain(name: str) -> str:
    """A name as the database knows it: in small letters, unless it is quoted."""
    name = name.strip()
    return name.strip('"') if name.startswith('"') else name.lower()


def _step(call: ast.Call, step: Step, text: str) -> Step:
    """The operation, which stands where the SQL stands."""
    kind = getattr(call.func, "id", "")
    names = [one.value for one in call.args if isinstance(one, ast.Constant)]
    table, column = (str(names[0]), str(names[1])) if kind.endswith("_column") else (str(names[0]), UNKNOWN)
    return Step(kind, table, column, ast.copy_location(call, step.node), text)
