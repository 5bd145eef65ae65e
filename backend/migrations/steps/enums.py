"""Changes of an enum: a type of PostgreSQL, a CHECK of its labels on SQLite. A column is written `"tasks.priority"`.

A released revision calls these functions, so what they do never changes: a better way gets a new name.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import CreateColumn

from migrations.steps.dialect import literal, on_postgresql, run_sql
from migrations.steps.sqlite import rebuild

REMAP = Path(__file__).parents[1] / "sql" / "remap_enum.sql"


def create(name: str, values: Sequence[str]) -> None:
    """Make the type; its columns say `create_type=False`, so that two tables can share it."""
    if on_postgresql():
        run_sql(f"CREATE TYPE {name} AS ENUM ({_listed(values)})")


def drop(*names: str) -> None:
    """Drop types that no column uses any more; with CASCADE the columns would go too."""
    if on_postgresql():
        for name in names:
            run_sql(f"DROP TYPE {name}")


def add_column(table: str, column: sa.Column[Any]) -> None:
    """Add a column of an enum type, with its CHECK on SQLite, where ALTER TABLE would leave it out."""
    if on_postgresql():
        op.add_column(table, column)
        return
    assert isinstance(column.type, sa.Enum)
    sa.Table(table, sa.MetaData(), column)
    written = CreateColumn(column).compile(dialect=op.get_bind().dialect)
    check = _check(table, str(column.type.name), column.name, column.type.enums)
    run_sql(f"ALTER TABLE {table} ADD COLUMN {written} {check}")


def drop_column(table: str, column: str) -> None:
    """Drop a column of an enum type and its CHECK."""
    if not on_postgresql():
        rebuild(table, lambda text: re.sub(rf"\s*,?\s*CONSTRAINT \w+ CHECK \({column} IN \([^)]*\)\)", "", text))
    op.drop_column(table, column)


def add_value(
    name: str, value: str, *, after: str | None = None, before: str | None = None, used_by: Sequence[str]
) -> None:
    """Add a label in the place given, else at the end. Costs the same for any number of rows.

    PostgreSQL does not let the transaction that adds a label use it: rows get it in a later revision.
    """
    if on_postgresql():
        place = f" AFTER {literal(after)}" if after else f" BEFORE {literal(before)}" if before else ""
        run_sql(f"ALTER TYPE {name} ADD VALUE IF NOT EXISTS {literal(value)}{place}")
        return
    for table, column in _columns(used_by):
        labels = _checked(table, name, column)
        place = labels.index(after) + 1 if after else labels.index(before) if before else len(labels)
        labels.insert(place, value)
        _recheck(table, name, column, labels)


def rename_values(name: str, renames: Mapping[str, str], *, used_by: Sequence[str]) -> None:
    """Rename labels, `{"LOW": "low"}`: rows, defaults and indexes follow. PostgreSQL rewrites nothing."""
    if on_postgresql():
        for old, new in renames.items():
            run_sql(f"ALTER TYPE {name} RENAME VALUE {literal(old)} TO {literal(new)}")
        return
    for table, column in _columns(used_by):
        labels = [renames.get(label, label) for label in _checked(table, name, column)]
        _recheck(table, name, column, labels, renames)


def remove_value(name: str, value: str, *, moved_to: str, used_by: Sequence[str]) -> None:
    """Remove a label; its rows get *moved_to*. Rewrites the tables under a lock, as `replace_values` does."""
    if on_postgresql():
        _remap(name, "NULL", {value: moved_to})
        return
    for table, column in _columns(used_by):
        labels = [label for label in _checked(table, name, column) if label != value]
        _recheck(table, name, column, labels, {value: moved_to})


def replace_values(name: str, values: Sequence[str], *, moves: Mapping[str, Any], used_by: Sequence[str]) -> None:
    """Give the type exactly these labels; the rows of a label that goes get the one it *moves* to.

    PostgreSQL cannot take a label away: a new type takes the old one's place, which rewrites every table that uses it
    under a lock. Defaults, checks and partial indexes that name a label are kept. Stops at a label that has no place.
    """
    undecided = [label for label, target in moves.items() if not isinstance(target, str)]
    if undecided:
        raise ValueError(f"say which label of {name} the rows of {', '.join(undecided)} get")
    if on_postgresql():
        _remap(name, f"ARRAY[{_listed(values)}]", moves)
        return
    for table, column in _columns(used_by):
        homeless = [label for label in _checked(table, name, column) if moves.get(label, label) not in values]
        if homeless:
            raise ValueError(f"say which label of {name} the rows of {', '.join(homeless)} get")
        _recheck(table, name, column, values, moves)


def rename_type(old: str, new: str, *, used_by: Sequence[str]) -> None:
    """Rename the type: right labels under a wrong name fail at the first insert."""
    if on_postgresql():
        run_sql(f"ALTER TYPE {old} RENAME TO {new}")
        return
    for table, _ in _columns(used_by):
        rebuild(table, lambda text, table=table: text.replace(f"ck_{table}_{old} ", f"ck_{table}_{new} "))


def _remap(name: str, wanted: str, moves: Mapping[str, str]) -> None:
    run_sql(REMAP.read_text("utf-8"))
    call = f"pg_temp.remap_enum({literal(name)}, {wanted}, {literal(json.dumps(dict(moves)))})"
    run_sql(f"DO $$ BEGIN PERFORM {call}; END $$")


def _recheck(table: str, name: str, column: str, labels: Sequence[str], moves: Mapping[str, str] | None = None) -> None:
    """Rebuild a table of SQLite with another CHECK, its rows moved on the way."""

    def edit(text: str) -> str:
        text = _renamed(text, column, moves or {})
        text = re.sub(rf"CONSTRAINT ck_{table}_{name} CHECK \([^()]*\([^)]*\)\)", lambda _: new_check, text)
        return re.sub(rf"(\b{column}\b\"? VARCHAR)\(\d+\)", rf"\1({max(map(len, labels))})", text, count=1)

    new_check = _check(table, name, column, labels)
    cases = "".join(f" WHEN {literal(old)} THEN {literal(new)}" for old, new in (moves or {}).items())
    rebuild(table, edit, {column: f"CASE {column}{cases} ELSE {column} END"} if cases else None)


def _renamed(text: str, column: str, moves: Mapping[str, str]) -> str:
    """*text* with the labels moved where the column is compared with them, or has one as its default."""
    where = rf"\b{column}\b\"?(?: VARCHAR\(\d+\)(?: NOT NULL)? DEFAULT|\s*(?:=|<>|!=)|\s+(?:NOT\s+)?IN)\s*\(?"
    label = r"'(?:[^']|'')*'"
    written = {literal(old): literal(new) for old, new in moves.items()}
    return re.sub(
        rf"({where})({label}(?:,\s*{label})*)",
        lambda found: found[1] + re.sub(label, lambda one: written.get(one[0], one[0]), found[2]),
        text,
    )


def _check(table: str, name: str, column: str, labels: Sequence[str]) -> str:
    return f"CONSTRAINT ck_{table}_{name} CHECK ({column} IN ({_listed(labels)}))"


def _checked(table: str, name: str, column: str) -> list[str]:
    checks = sa.inspect(op.get_bind()).get_check_constraints(table)
    text = next(check["sqltext"] for check in checks if check["name"] == f"ck_{table}_{name}")
    assert column in text
    return [label.replace("''", "'") for label in re.findall(r"'((?:[^']|'')*)'", text)]


def _columns(used_by: Sequence[str]) -> list[tuple[str, str]]:
    return [(table, column) for table, _, column in (name.partition(".") for name in used_by)]


def _listed(labels: Sequence[str]) -> str:
    return ", ".join(map(literal, labels))
