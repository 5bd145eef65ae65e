"""Decimals in both databases: what comes back is what went in, and the database compares and adds up exactly."""

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from src.decimals import exact
from tests.harness import Served

AMOUNTS = [Decimal(text) for text in ("0.10", "0.20", "-9999999999999999.99", "9999999999999999.99", "0.00", "12.50")]
LEDGER = sa.Table("amounts", sa.MetaData(), sa.Column("amount", exact(18, 2), nullable=True))


async def ask(app: Served, statement: sa.Select[tuple[Decimal | None]], *rows: Decimal | None) -> list[Any]:
    """Put rows into a table of their own, ask, and leave nothing."""
    async with app.database.engine.connect() as connection:
        await connection.run_sync(LEDGER.create)
        await connection.execute(LEDGER.insert(), [{"amount": row} for row in rows])
        found = [row[0] for row in await connection.execute(statement)]
        await connection.rollback()
    return found


@pytest.mark.parametrize("amount", [*AMOUNTS, None])
async def test_amount_comes_back_with_all_its_places(app: Served, amount: Decimal | None) -> None:
    found = await ask(app, sa.select(LEDGER.c.amount), amount)
    assert [str(value) for value in found] == [str(amount)]


async def test_database_orders_compares_and_adds_up(app: Served) -> None:
    amount = LEDGER.c.amount
    assert await ask(app, sa.select(amount).order_by(amount), *AMOUNTS) == sorted(AMOUNTS)
    above = sa.select(amount).where(amount > Decimal("0.10")).order_by(amount)
    assert await ask(app, above, *AMOUNTS) == [Decimal("0.20"), Decimal("12.50"), Decimal("9999999999999999.99")]
    assert await ask(app, sa.select(sa.func.sum(amount)), Decimal("0.10"), Decimal("0.20")) == [Decimal("0.30")]
