"""Credits over HTTP and through the service that everything uses, on both databases."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlmodel import col, func, select, update

from src.errors import InsufficientCredits
from src.models.credit import CreditReservation
from src.models.user import User
from src.rules import Rules
from src.schemas.enums import CreditType, UserTier
from src.services import credits
from src.services.ledger import Balance
from tests.harness import Served, queries

RULES = Rules()


async def at(app: Served, *instant: int) -> httpx2.AsyncClient:
    """Set the clock and sign in again: a token does not outlive a jump in time."""
    app.clock.set(*instant)
    return await app.sign_in("ada")


async def user_id(client: httpx2.AsyncClient) -> UUID:
    return UUID((await client.get("/api/v1/users/me")).json()["data"]["id"])


async def balance(client: httpx2.AsyncClient) -> dict[str, int]:
    answer = await client.get("/api/v1/credits/balance")
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def history(client: httpx2.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get("/api/v1/credits/history", params={"limit": 100, **params})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def make_pro(app: Served, owner: UUID) -> None:
    await set_tier(app, owner, UserTier.PRO)


async def set_tier(app: Served, owner: UUID, tier: UserTier) -> None:
    async with app.database.transaction() as session:
        await session.exec(update(User).where(col(User.id) == owner).values(tier=tier))


async def spend(app: Served, owner: UUID, amount: int) -> Balance:
    async with app.database.transaction() as session:
        return await credits.spend(session, owner, amount, reference="test", rules=RULES, now=app.clock.now())


async def reserve(app: Served, owner: UUID, amount: int) -> credits.Reservation:
    async with app.database.transaction() as session:
        return await credits.reserve(session, owner, amount, reference="test", rules=RULES, now=app.clock.now())


async def give_back(app: Served, reservation: credits.Reservation) -> bool:
    async with app.database.transaction() as session:
        return await credits.give_back(session, reservation.id, rules=RULES, now=app.clock.now())


async def abandoned(app: Served) -> Sequence[UUID]:
    now = app.clock.now()
    async with app.database.reader() as session:
        return await credits.abandoned(session, after=UUID(int=0), rules=RULES, now=now, limit=10)


async def test_first_sign_in_gives_the_kickstart_once(app: Served, ada: httpx2.AsyncClient) -> None:
    again = await app.sign_in("ada")
    assert await balance(again) == {"daily": 0, "subscription": 0, "purchased": 0, "kickstart": 5, "total": 5}
    (entry,) = await history(ada)
    assert entry.keys() == {
        "id",
        "operation",
        "credit_type",
        "amount",
        "balance_after",
        "reference",
        "expires_at",
        "created_at",
    }
    assert (entry["operation"], entry["credit_type"], entry["amount"], entry["balance_after"]) == (
        "grant",
        "kickstart",
        5,
        5,
    )
    assert entry["expires_at"] is None
    assert entry["created_at"].endswith("Z")


async def test_balance_names_what_a_listing_adds_up_to(app: Served) -> None:
    ada = await at(app, 2030, 6, 10)
    await make_pro(app, await user_id(ada))
    assert await balance(ada) == {"daily": 10, "subscription": 100, "purchased": 0, "kickstart": 5, "total": 115}


async def test_daily_credits_are_given_once_a_day_and_expire_at_midnight(app: Served) -> None:
    ada = await at(app, 2030, 12, 31, 23, 59)
    await make_pro(app, await user_id(ada))
    assert (await balance(ada))["daily"] == 10
    assert (await spend(app, await user_id(ada), 4)).daily == 6
    assert (await balance(ada))["daily"] == 6
    (given,) = await history(ada, credit_type="daily", operation="grant")
    assert given["expires_at"] == "2031-01-01T00:00:00Z"
    ada = await at(app, 2031, 1, 1, 0, 0)
    assert (await balance(ada))["daily"] == 10
    (expired,) = await history(ada, credit_type="daily", operation="expire")
    assert (expired["amount"], expired["expires_at"]) == (-6, "2031-01-01T00:00:00Z")


async def test_expired_lot_counts_no_more_although_no_job_has_run(app: Served) -> None:
    ada = await at(app, 2030, 6, 10, 23, 59, 59)
    owner = await user_id(ada)
    await make_pro(app, owner)
    assert (await balance(ada))["total"] == 115
    await set_tier(app, owner, UserTier.FREE)
    app.clock.set(2030, 6, 11)
    with pytest.raises(InsufficientCredits):
        await spend(app, owner, 106)
    app.clock.set(2030, 7, 1)
    with pytest.raises(InsufficientCredits):
        await spend(app, owner, 6)
    assert await spend(app, owner, 5) == Balance(daily=0, subscription=0, purchased=0, kickstart=0)


async def test_spend_takes_from_daily_then_subscription_then_purchased_then_kickstart(app: Served) -> None:
    ada = await at(app, 2030, 6, 10)
    owner = await user_id(ada)
    await make_pro(app, owner)
    async with app.database.transaction() as session:
        await credits.grant(
            session, owner, CreditType.PURCHASED, 20, reference="test", rules=RULES, now=app.clock.now()
        )
    assert await spend(app, owner, 9) == Balance(daily=1, subscription=100, purchased=20, kickstart=5)
    assert await spend(app, owner, 50) == Balance(daily=0, subscription=51, purchased=20, kickstart=5)
    assert await spend(app, owner, 60) == Balance(daily=0, subscription=0, purchased=11, kickstart=5)
    assert await spend(app, owner, 14) == Balance(daily=0, subscription=0, purchased=0, kickstart=2)


async def test_uncovered_spend_is_402_and_changes_nothing(app: Served, ada: httpx2.AsyncClient) -> None:
    before = await history(ada)
    with pytest.raises(InsufficientCredits):
        await spend(app, await user_id(ada), 6)
    assert await history(ada) == before


async def test_of_twenty_spends_at_once_five_are_covered(app: Served, ada: httpx2.AsyncClient) -> None:
    owner = await user_id(ada)
    spends = await asyncio.gather(*(spend(app, owner, 1) for _ in range(20)), return_exceptions=True)
    assert [type(outcome) for outcome in spends].count(Balance) == 5
    assert [type(outcome) for outcome in spends].count(InsufficientCredits) == 15
    assert [entry["balance_after"] for entry in await history(ada)] == [0, 1, 2, 3, 4, 5]


async def test_twenty_looks_at_the_balance_give_one_daily_lot(app: Served, ada: httpx2.AsyncClient) -> None:
    await make_pro(app, await user_id(ada))
    seen = await asyncio.gather(*(balance(ada) for _ in range(20)))
    assert [found["total"] for found in seen] == [115] * 20
    assert len(await history(ada, operation="grant")) == 3


async def test_history_is_newest_first_with_the_id_as_tie_break(app: Served) -> None:
    ada = await at(app, 2030, 6, 10)
    owner = await user_id(ada)
    await make_pro(app, owner)
    await spend(app, owner, 112)
    entries = await history(ada)
    assert entries == sorted(entries, key=lambda entry: (entry["created_at"], entry["id"]), reverse=True)
    assert [entry["amount"] for entry in entries] == [-2, -100, -10, 10, 100, 5]
    assert [entry["balance_after"] for entry in entries] == [3, 5, 105, 115, 105, 5]


async def test_history_does_not_run_backwards_when_clocks_differ(app: Served) -> None:
    ada = await at(app, 2031, 6, 10, 12, 0, 1)
    owner = await user_id(ada)
    await spend(app, owner, 1)
    ada = await at(app, 2031, 6, 10, 12, 0, 0)
    await spend(app, owner, 2)
    newest, older, _ = await history(ada)
    assert (newest["amount"], older["amount"]) == (-2, -1)
    assert newest["created_at"] == older["created_at"] == "2031-06-10T12:00:01Z"


async def test_history_can_be_filtered_and_paged(app: Served, ada: httpx2.AsyncClient) -> None:
    owner = await user_id(ada)
    await make_pro(app, owner)
    for _ in range(3):
        await spend(app, owner, 1)
    assert {entry["credit_type"] for entry in await history(ada, operation="consume")} == {"daily"}
    assert [entry["amount"] for entry in await history(ada, credit_type="kickstart")] == [5]
    page = (await ada.get("/api/v1/credits/history", params={"offset": 4, "limit": 10})).json()
    assert page["pagination"] == {"offset": 4, "limit": 10, "total": 6, "has_more": False}
    assert len(page["data"]) == 2
    refused = await ada.get("/api/v1/credits/history", params={"operation": "GRANT"})
    assert refused.status_code == 422
    assert refused.json()["error"]["details"][0]["field"] == "operation"


async def test_history_shows_nobody_elses_lines(ada: httpx2.AsyncClient, bob: httpx2.AsyncClient) -> None:
    mine = {entry["id"] for entry in await history(ada)}
    assert mine.isdisjoint(entry["id"] for entry in await history(bob))


async def test_settled_reservation_keeps_the_credits(app: Served, ada: httpx2.AsyncClient) -> None:
    reservation = await reserve(app, await user_id(ada), 2)
    assert (reservation.amount, reservation.credits_remaining) == (2, 3)
    async with app.database.transaction() as session:
        assert await credits.settle(session, reservation.id) is True
        assert await credits.settle(session, reservation.id) is False
    assert await give_back(app, reservation) is False
    assert (await balance(ada))["total"] == 3


async def test_reservation_is_given_back_once_however_often_it_is_asked_for(app: Served) -> None:
    ada = await at(app, 2030, 6, 10)
    owner = await user_id(ada)
    await make_pro(app, owner)
    before = await balance(ada)
    reservation = await reserve(app, owner, 112)
    assert (await balance(ada))["total"] == 3
    outcomes = await asyncio.gather(*(give_back(app, reservation) for _ in range(20)))
    assert sorted(outcomes) == [False] * 19 + [True]
    assert await balance(ada) == before
    returned = (await history(ada, operation="grant"))[:3]
    assert [(entry["credit_type"], entry["amount"], entry["expires_at"]) for entry in returned] == [
        ("kickstart", 2, None),
        ("subscription", 100, "2030-07-01T00:00:00Z"),
        ("daily", 10, "2030-06-11T00:00:00Z"),
    ]


async def test_what_has_expired_meanwhile_is_not_there_when_it_is_given_back(app: Served) -> None:
    ada = await at(app, 2030, 6, 10, 23, 59, 59)
    owner = await user_id(ada)
    await make_pro(app, owner)
    reservation = await reserve(app, owner, 1)
    ada = await at(app, 2030, 6, 11)
    assert await give_back(app, reservation) is True
    assert (await balance(ada))["daily"] == 10


async def test_reservation_that_nobody_closed_is_found_after_its_time(app: Served) -> None:
    ada = await at(app, 2030, 6, 10)
    reservation = await reserve(app, await user_id(ada), 1)
    app.clock.advance(seconds=RULES.reservation_ttl_seconds - 1)
    assert await abandoned(app) == []
    app.clock.advance(seconds=1)
    assert await abandoned(app) == [reservation.id]


async def test_refused_reservation_leaves_no_trace(app: Served, ada: httpx2.AsyncClient) -> None:
    with pytest.raises(InsufficientCredits):
        await reserve(app, await user_id(ada), 6)
    async with app.database.reader() as session:
        assert (await session.exec(select(func.count()).select_from(CreditReservation))).one() == 0


@pytest.mark.parametrize("count", [1, 30])
async def test_reading_costs_the_same_for_any_number_of_lines(app: Served, ada: httpx2.AsyncClient, count: int) -> None:
    owner = await user_id(ada)
    await make_pro(app, owner)
    for _ in range(count):
        await spend(app, owner, 1)
    with queries(app.database, at_most=4):
        await balance(ada)
    with queries(app.database, at_most=2):
        await history(ada)
