"""What the two databases make of the models."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import StatementError
from sqlmodel import UTCDateTime, select

from tests.contract.test_models import COLUMNS, ENUMS, TABLES
from tests.harness import Served


async def read_back(app: Served, value: Any, kind: Any) -> Any:
    """Send a value to the database as a column would, and return what comes back."""
    async with app.database.engine.connect() as connection:
        # SQLAlchemy 2.1 caches such a statement under the length of an enum alone, so that two of one length mix up.
        uncached = await connection.execution_options(compiled_cache=None)
        return (await uncached.execute(select(sa.literal(value, kind)))).scalar_one()


@pytest.mark.parametrize("name", ENUMS)
async def test_enum_member_comes_back_as_a_member(app: Served, name: str) -> None:
    kind: Any = ENUMS[name].type
    members = list(kind.enum_class)
    found = [await read_back(app, member, kind) for member in members]
    assert found == members
    assert [type(member) for member in found] == [kind.enum_class] * len(members)


@pytest.mark.parametrize("name", ENUMS)
async def test_value_that_is_no_member_is_refused(app: Served, name: str) -> None:
    with pytest.raises(StatementError, match="is not among the defined enum values"):
        await read_back(app, "nothing", ENUMS[name].type)


async def inspected(app: Served, look: Any) -> Any:
    async with app.database.engine.connect() as connection:
        return await connection.run_sync(lambda raw: look(sa.inspect(raw)))


@pytest.mark.parametrize("name", ENUMS)
async def test_labels_in_the_database_are_the_values(app: Served, name: str) -> None:
    column, kind = ENUMS[name], ENUMS[name].type
    assert isinstance(kind, sa.Enum)

    def labels(inspector: Any) -> list[str]:
        if app.capabilities.native_enums:
            return next(enum["labels"] for enum in inspector.get_enums() if enum["name"] == kind.name)
        checks = inspector.get_check_constraints(column.table.name)
        text = next(check["sqltext"] for check in checks if check["sqltext"].startswith(f"{column.name} IN "))
        return [label.strip(" '") for label in text.partition("(")[2].rstrip(")").split(",")]

    assert await inspected(app, labels) == kind.enums


INSTANTS = [name for name, column in COLUMNS.items() if isinstance(column.type, UTCDateTime)]


@pytest.mark.parametrize("name", INSTANTS)
async def test_instant_comes_back_aware_and_in_utc(app: Served, name: str) -> None:
    noon = datetime(2024, 1, 15, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    found = await read_back(app, noon, COLUMNS[name].type)
    assert (found, found.tzinfo) == (noon, UTC)


async def test_every_constraint_has_a_name(app: Served) -> None:
    def names(inspector: Any) -> dict[str, list[Any]]:
        return {
            table.name: [inspector.get_pk_constraint(table.name)["name"]]
            + [key["name"] for key in inspector.get_foreign_keys(table.name)]
            + [unique["name"] for unique in inspector.get_unique_constraints(table.name)]
            + [check["name"] for check in inspector.get_check_constraints(table.name)]
            for table in TABLES
        }

    found = await inspected(app, names)
    kinds = ("pk_", "fk_", "uq_", "ck_")
    anonymous = {table: [name for name in given if not str(name).startswith(kinds)] for table, given in found.items()}
    assert anonymous == {table: [] for table in found}
