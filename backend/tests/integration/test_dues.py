"""The jobs that give credits and let them expire."""

import asyncio
import signal
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from src.clock import utc_now
from src.errors import ServiceUnavailable
from src.models.credit import CreditEntry, CreditReservation, entry_id
from src.rules import Rules
from src.schemas.enums import CreditOperation, CreditType, UserTier
from src.services import credits, dues, subscriptions
from src.services.upkeep import Progress, for_each
from tests.harness import Served, queries
from tests.upkeep import add, count, finished, make_users, run, start

RULES = Rules()
MANY = 300
DAILY_GRANT = col(CreditEntry.credit_type) == CreditType.DAILY, col(CreditEntry.amount) > 0


@pytest.fixture
def clocked(app: Served) -> Served:
    """Return the application on a day that is not today."""
    app.clock.set(2030, 6, 10)
    return app


async def lines(app: Served, *where: Any) -> Sequence[CreditEntry]:
    async with app.database.reader() as session:
        ordered = select(CreditEntry).where(*where).order_by(col(CreditEntry.user_id), col(CreditEntry.sequence))
        return (await session.exec(ordered)).all()


async def test_two_processes_at_once_give_each_user_one_lot(app: Served) -> None:
    people = await make_users(app, MANY)
    both = await asyncio.gather(start(app, "daily-credits"), start(app, "daily-credits"))
    outcomes = await asyncio.gather(*(finished(process) for process in both))
    assert [code for code, _, _ in outcomes] == [0, 0], outcomes
    assert [line.user_id for line in await lines(app, *DAILY_GRANT)] == people


async def test_run_that_is_killed_half_way_is_finished_by_the_next(app: Served) -> None:
    people = await make_users(app, MANY)
    process = await start(app, "daily-credits")
    while await count(app, CreditEntry, *DAILY_GRANT) < 5:  # noqa: ASYNC110 another process can only be watched
        await asyncio.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert (await finished(process))[0] == -signal.SIGKILL
    assert 5 <= await count(app, CreditEntry, *DAILY_GRANT) < MANY
    assert (await finished(await start(app, "daily-credits")))[0] == 0
    assert [line.user_id for line in await lines(app, *DAILY_GRANT)] == people


async def test_account_in_disorder_does_not_keep_the_others_from_theirs(app: Served) -> None:
    first, *others = await make_users(app, 3)
    long_ago = utc_now() - timedelta(days=60)
    lot = {"operation": CreditOperation.GRANT, "credit_type": CreditType.DAILY, "amount": 5, "remaining": 5}
    wrong = CreditEntry(user_id=first, sequence=1, id=entry_id(1), balance_after=0, expires_at=long_ago, **lot)
    await add(app, wrong)
    code, out, err = await finished(await start(app, "daily-credits"))
    assert code == 1
    assert out.splitlines()[-1].startswith("daily-credits: finished, 2 done, 1 failed, ")
    assert f"no upkeep for {first}" in out + err
    assert [line.user_id for line in await lines(app, *DAILY_GRANT, col(CreditEntry.id) != wrong.id)] == others


async def test_outage_in_the_middle_stops_the_run(app: Served, caplog: pytest.LogCaptureFixture) -> None:
    """Every account after it would fail for the same reason, which is none of theirs."""
    tried: list[UUID] = []

    async def work(_session: AsyncSession, found: UUID, /, *, rules: Rules, now: datetime) -> None:
        del rules, now
        tried.append(found)
        raise ServiceUnavailable

    first, _ = await make_users(app, 2)
    with pytest.raises(ServiceUnavailable):
        await anext(for_each(dues.daily, work)(app.database, app.resources.rules, app.clock.now))
    assert tried == [first]
    assert caplog.messages == []


async def test_daily_credits_go_to_those_who_have_some(clocked: Served) -> None:
    pro = await make_users(clocked, 2)
    await make_users(clocked, 2, UserTier.FREE)
    assert await run(clocked, "daily-credits") == Progress(2)
    assert [line.user_id for line in await lines(clocked, *DAILY_GRANT)] == pro


async def test_days_that_were_missed_are_not_given_later(clocked: Served) -> None:
    await make_users(clocked, 1)
    await run(clocked, "daily-credits")
    clocked.clock.advance(days=3)
    await run(clocked, "daily-credits")
    daily = await lines(clocked, col(CreditEntry.credit_type) == CreditType.DAILY)
    assert [line.amount for line in daily] == [10, -10, 10]


async def test_month_turn_that_comes_months_late_ends_where_turns_in_time_would_have(clocked: Served) -> None:
    (owner,) = await make_users(clocked, 1, UserTier.FREE)
    async with clocked.database.transaction() as session:
        await subscriptions.start(session, owner, rules=RULES, now=clocked.clock.now())
    clocked.clock.set(2030, 9, 1, 0, 0)
    assert await run(clocked, "month-turn") == Progress(1)
    assert await run(clocked, "month-turn") == Progress(0)
    monthly = await lines(clocked, col(CreditEntry.credit_type) == CreditType.SUBSCRIPTION)
    turn = [("expire", -50), ("expire", -100), ("carryover", 50), ("grant", 100)]
    first = [("grant", 100), ("expire", -100), ("carryover", 50), ("grant", 100)]
    assert [(line.operation.value, line.amount) for line in monthly] == first + turn * 2


async def test_expiry_is_written_for_those_who_never_come_back(clocked: Served) -> None:
    (owner,) = await make_users(clocked, 1, UserTier.FREE)
    async with clocked.database.transaction() as session:
        await subscriptions.start(session, owner, rules=RULES, now=clocked.clock.now())
        await subscriptions.end(session, owner, rules=RULES, now=clocked.clock.now())
    assert await run(clocked, "expire-credits") == Progress(0)
    clocked.clock.set(2030, 7, 1, 0, 0)
    assert await run(clocked, "expire-credits") == Progress(1)
    assert await run(clocked, "expire-credits") == Progress(0)
    assert [(line.amount, line.balance_after) for line in await lines(clocked)][-1] == (-100, 0)


async def test_reservation_whose_process_died_is_given_back(clocked: Served) -> None:
    (owner,) = await make_users(clocked, 1)
    async with clocked.database.transaction() as session:
        await credits.reserve(session, owner, 3, reference="test", rules=RULES, now=clocked.clock.now())
    assert await run(clocked, "reservations") == Progress(0)
    clocked.clock.advance(seconds=RULES.reservation_ttl_seconds)
    assert await run(clocked, "reservations") == Progress(1)
    assert await run(clocked, "reservations") == Progress(0)
    assert await count(clocked, CreditReservation) == 0
    assert [line.amount for line in await lines(clocked, *DAILY_GRANT)] == [10, 3]


@pytest.mark.parametrize("name", ["daily-credits", "month-turn", "expire-credits", "reservations"])
async def test_finding_what_is_due_is_one_statement(clocked: Served, name: str) -> None:
    await make_users(clocked, 30, UserTier.FREE)
    with queries(clocked.database, at_most=1):
        assert await run(clocked, name) == Progress(0)
