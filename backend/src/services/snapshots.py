"""Snapshots: a row and all that its deletion takes along, as JSON that a later release can still read back."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from src.errors import ServiceUnavailable
from src.models.base import Record

Values = dict[str, Any]
Rows = dict[str, list[Values]]
"""The rows of each table, by its name; the first row of the first table is the one that was asked for."""

Upgrade = Callable[[Rows], Rows]
UPGRADES: Sequence[Upgrade] = ()
"""What turns the stored rows of each format into the next one. A new column needs nothing here: it takes its default.
A renamed table or column, or an enum value that is gone, does."""


async def take(session: AsyncSession, record: Record) -> Values:
    """The row of *record* and every row that the database would delete with it. Lock the row first."""
    root = SQLModel.metadata.tables[record.__tablename__]
    connection = await session.connection()
    rows: Rows = {}
    for table, condition in _reach(root, root.c.id == record.id):
        found = await connection.execute(sa.select(table).where(condition))
        rows[table.name] = [dump(table, row) for row in found.mappings()]
    return {"format": len(UPGRADES), "rows": rows}


def read(snapshot: Values, upgrades: Sequence[Upgrade] = UPGRADES) -> Rows:
    """The rows of *snapshot*, ready for today's tables. Raises ServiceUnavailable for one of a newer release.

    A column that is gone is left out. During a deployment the newer release can read what this one cannot.
    """
    if snapshot["format"] > len(upgrades):
        raise ServiceUnavailable
    rows: Rows = snapshot["rows"]
    for upgrade in upgrades[snapshot["format"] :]:
        rows = upgrade(rows)
    tables = SQLModel.metadata.tables
    return {name: [load(tables[name], row) for row in rows[name]] for name in rows}


async def insert(session: AsyncSession, rows: Rows) -> None:
    """Insert *rows* exactly as they are, parents first: no timestamp, version or statistic is made anew."""
    connection = await session.connection()
    for table in SQLModel.metadata.sorted_tables:
        if values := rows.get(table.name):
            await connection.execute(sa.insert(table), values)


def dump(table: sa.Table, row: Mapping[Any, Any]) -> Values:
    """A row as JSON: identities, instants and enums by their value."""
    return {column.name: _json(column).dump_python(row[column.name], mode="json") for column in table.c}


def load(table: sa.Table, row: Values) -> Values:
    """The reverse of `dump`, for the columns that *table* has today."""
    return {column.name: _json(column).validate_python(row[column.name]) for column in table.c if column.name in row}


def taken_along(table: sa.Table) -> list[sa.Table]:
    """*table* and every table that ON DELETE CASCADE leads to."""
    return [reached for reached, _ in _reach(table, sa.true())]


def python_type(column: sa.Column[Any]) -> Any:
    """The class of the values of *column*, also where a TypeDecorator is around it."""
    undecorated: sa.types.TypeEngine[Any] = getattr(column.type, "impl_instance", column.type)
    return undecorated.python_type


def _reach(table: sa.Table, condition: sa.ColumnElement[bool]) -> Iterator[tuple[sa.Table, sa.ColumnElement[bool]]]:
    """Each table of `taken_along` with the condition that its rows fulfil, given that of the first."""
    yield table, condition
    for child in SQLModel.metadata.sorted_tables:
        for key in child.foreign_keys:
            if key.column.table is table and key.ondelete == "CASCADE":
                yield from _reach(child, key.parent.in_(sa.select(key.column).where(condition)))


@cache
def _json(column: sa.Column[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(cast("type[Any]", python_type(column) | None))
