"""The labels that SQL text compares with enum columns, or gives them, and the parameters that stand in their place."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from plumb.analysis.column_changes import changes_of, columns_of, split
from plumb.analysis.sql_statements import altered_table, created_table, statements
from plumb.analysis.stored_enums import Columns, Stored

UNREAD = "{?}"
_NAME = r"(?:\"?\w+\"?\.)?\"?(\w+)\"?"
_WORDS = "WHERE|SET|ON|USING|JOIN|INNER|LEFT|RIGHT|FULL|CROSS|NATURAL|GROUP|ORDER|LIMIT|VALUES|RETURNING|UNION|HAVING"
_ALIAS = rf"(?:\s+(?:AS\s+)?\"?(?!(?:{_WORDS})\b)(\w+)\"?)?"
_SOURCE = re.compile(rf"\b(?:FROM|JOIN|UPDATE|INTO)\s+(?:ONLY\s+)?(?:(\()|{_NAME}{_ALIAS}\s*(,)?)", re.IGNORECASE)
_COLUMN = r"(?<![\w.\"])(?:\"?(\w+)\"?\.)?\"?({names})\"?(?:\s*::\s*\w+)?"
_EQUALS = r"\s*(?:=|<>|!=|IS\s+(?:NOT\s+)?DISTINCT\s+FROM)\s*"
_GIVEN = rf"{_COLUMN}(?:{_EQUALS}(?P<one>'[^']*'|:\w+)|(?:\s*=\s*ANY|\s+(?:NOT\s+)?IN)\s*\((?P<many>[^()]*)\))"
_CASE = rf"\bCASE\s+{_COLUMN}\s+(?P<cases>WHEN\b.*?)\bEND\b"
_QUERY = re.compile(r"\s*(?:SELECT|WITH)\b", re.IGNORECASE)
_UPDATED = re.compile(rf"\s*UPDATE\s+(?:ONLY\s+)?{_NAME}(?:(?!\b(?:FROM|WHERE)\b).)*", re.IGNORECASE | re.DOTALL)
"""An `UPDATE` up to some place in its `SET`."""
_WHEN = re.compile(r"\bWHEN\s+('[^']*'|:\w+)", re.IGNORECASE)
_VALUE = re.compile(r"'[^']*'|(?<!:):\w+")
_INSERT = re.compile(rf"\s*INSERT\s+INTO\s+{_NAME}\s*\(([^()]*)\)\s*VALUES\s*(.*)", re.IGNORECASE | re.DOTALL)
_ROW = re.compile(r"\(((?:[^()']|'[^']*'|\([^()]*\))*)\)")
_DEFAULT = re.compile(r"\bDEFAULT\s+('[^']*')", re.IGNORECASE)
_SET_DEFAULT = re.compile(r"\bALTER\s+(?:COLUMN\s+)?\"?(\w+)\"?\s+SET\s+DEFAULT\s+('[^']*')", re.IGNORECASE)


class Given(NamedTuple):
    """What a text gives to a column: a label, or a parameter such as `:status`; `line` counts from 0."""

    column: Stored
    label: str
    parameter: str
    line: int


def given_to(sql: str, tables: Mapping[str, Columns], default: str = "") -> Iterator[Given]:
    """What each statement gives to the columns of the tables that it names; a part of one, to those of *default*."""
    for statement in statements(sql):
        found = [*_inserted(statement.text, tables)]
        for level, start in _levels(statement.text):
            found += [(column, value, start + at) for column, value, at in _compared(level, tables, default)]
        for column, value, at in found:
            line = statement.line + statement.text.count("\n", 0, at)
            is_label = value.startswith("'")
            yield Given(column, value.strip("'") if is_label else "", "" if is_label else value.lstrip(":"), line)


def _levels(sql: str) -> Iterator[tuple[str, int]]:
    """Each subquery, and the statement around them, without the subqueries inside it; and where it begins."""
    text, opened = sql, list[int]()
    for found in re.finditer(r"'(?:[^']|'')*'|[()]", sql):
        if found[0] == "(":
            opened.append(found.end())
        elif found[0] == ")" and opened:
            start = opened.pop()
            if _QUERY.match(text, start):
                yield text[start : found.start()], start
                text = text[:start] + re.sub(r"[^\n]", " ", text[start : found.start()]) + text[found.start() :]
    yield text, 0


def _compared(sql: str, tables: Mapping[str, Columns], default: str) -> Iterator[tuple[Stored, str, int]]:
    sources = _SOURCE.findall(sql)
    called = {alias or table: table for bracket, table, alias, _ in sources if not bracket}
    called |= {table: table for table in called.values()} or {table: table for table in (*tables, default) if table}
    names = "|".join(sorted({re.escape(name) for table in called.values() for name in tables.get(table, ())}))
    only = {default} if not sources else {*called.values()}
    certain = len(only) == 1 and all(not bracket and not comma for bracket, _, _, comma in sources)
    for form in (_GIVEN, _CASE) if names else ():
        for found in re.finditer(form.replace("{names}", names), sql, re.IGNORECASE | re.DOTALL):
            updated = _UPDATED.fullmatch(sql, 0, found.start())
            table = (
                called.get(found[1], "") if found[1] else updated[1] if updated else next(iter(only)) if certain else ""
            )
            column = tables.get(table, {}).get(found[2])
            yield from ((column, value, found.start()) for value in _values(found)) if column is not None else ()


def _values(found: re.Match[str]) -> list[str]:
    groups = found.groupdict()
    if groups.get("cases"):
        return _WHEN.findall(groups["cases"])
    return [groups["one"]] if groups.get("one") else _VALUE.findall(groups.get("many") or "")


def _inserted(sql: str, tables: Mapping[str, Columns]) -> Iterator[tuple[Stored, str, int]]:
    """The values of an `INSERT` by their place, and the defaults of columns that are created or altered."""
    found = _INSERT.match(sql)
    if found is not None and found[1] in tables:
        names = [name.strip().strip('"') for name in found[2].split(",")]
        for row in _ROW.finditer(found[3]):
            for name, value in zip(names, split(row[1]), strict=False):
                if name in tables[found[1]] and (given := _VALUE.match(value)) is not None:
                    yield tables[found[1]][name], given[0], found.start(3) + row.start()
    columns = tables.get(created_table(sql) or altered_table(sql), {})
    changes = (columns_of(sql) if created_table(sql) else changes_of(sql)) if columns else None
    defaults = [(one.column, _DEFAULT.search(one.given)) for one in changes or () if one.kind == "add"]
    texts = [(name, found[1]) for name, found in defaults if found is not None]
    for name, value in (*texts, *(_SET_DEFAULT.findall(sql) if columns else ())):
        if name in columns:
            yield columns[name], value, sql.find(value)
