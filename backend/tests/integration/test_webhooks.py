"""Events of the payment provider over HTTP, on both databases."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from sqlmodel import col, select

from src.integrations.payments import sign
from src.models.payment import PaymentEvent
from tests.harness import Served, queries

PATH = "/api/v1/webhooks/payments"
ASKING_WHO_IT_IS = 1
"""The statement of `event` itself."""


async def at(app: Served, *instant: int) -> httpx2.AsyncClient:
    """Set the clock and sign in again: a token does not outlive a jump in time."""
    app.clock.set(*instant)
    return await app.sign_in("ada")


async def send(app: Served, body: bytes, *, content_type: str = "application/json", late: int = 0) -> httpx2.Response:
    signed_at = str(int(app.clock.now().timestamp()) - late)
    signature = sign(body, secret=app.resources.webhook_secret, signed_at=signed_at)
    headers = {"Webhook-Signature": f"t={signed_at},v1={signature}", "Content-Type": content_type}
    async with app.client() as provider:
        return await provider.post(PATH, content=body, headers=headers)


async def event(app: Served, client: httpx2.AsyncClient, kind: str, **fields: Any) -> httpx2.Response:
    owner = (await client.get("/api/v1/users/me")).json()["data"]["id"]
    return await send(app, json.dumps({"id": f"evt_{uuid4()}", "type": kind, "user_id": owner, **fields}).encode())


async def balance(client: httpx2.AsyncClient) -> dict[str, int]:
    return (await client.get("/api/v1/credits/balance")).json()["data"]


async def tier(client: httpx2.AsyncClient) -> str:
    return (await client.get("/api/v1/users/me")).json()["data"]["tier"]


async def history(client: httpx2.AsyncClient, **params: str) -> list[tuple[str, int]]:
    answer = await client.get("/api/v1/credits/history", params={"limit": "100", **params})
    return [(entry["operation"], entry["amount"]) for entry in answer.json()["data"]]


async def test_purchase_adds_credits_that_never_expire(app: Served, ada: httpx2.AsyncClient) -> None:
    answer = await event(app, ada, "credits.purchased", id="evt_1", amount=500, currency="EUR")
    assert (answer.status_code, answer.content) == (204, b"")
    assert await balance(ada) == {"daily": 0, "subscription": 0, "purchased": 500, "kickstart": 5, "total": 505}
    newest = (await ada.get("/api/v1/credits/history")).json()["data"][0]
    assert (newest["reference"], newest["expires_at"]) == ("evt_1", None)


async def test_event_is_handled_once_even_when_delivered_twenty_times_at_once(
    app: Served, ada: httpx2.AsyncClient
) -> None:
    sends = (event(app, ada, "credits.purchased", id="evt_1", amount=10) for _ in range(20))
    assert {answer.status_code for answer in await asyncio.gather(*sends)} == {204}
    assert (await balance(ada))["purchased"] == 10


async def test_event_is_handled_once_even_when_its_twins_name_different_users(
    app: Served, ada: httpx2.AsyncClient, bob: httpx2.AsyncClient
) -> None:
    people = [ada, bob] * 5
    await asyncio.gather(*(event(app, client, "credits.purchased", id="evt_1", amount=10) for client in people))
    assert (await balance(ada))["purchased"] + (await balance(bob))["purchased"] == 10


async def test_subscription_gives_tier_and_credits_at_once(app: Served) -> None:
    ada = await at(app, 2030, 6, 10)
    assert (await event(app, ada, "subscription.started")).status_code == 204
    assert await tier(ada) == "pro"
    assert await balance(ada) == {"daily": 10, "subscription": 100, "purchased": 0, "kickstart": 5, "total": 115}
    (given,) = (await ada.get("/api/v1/credits/history?credit_type=subscription")).json()["data"]
    assert given["expires_at"] == "2030-07-01T00:00:00Z"


async def test_renewal_in_a_month_that_has_its_credits_gives_nothing(app: Served) -> None:
    ada = await at(app, 2030, 6, 10)
    await event(app, ada, "subscription.started")
    await event(app, ada, "subscription.renewed")
    await event(app, ada, "subscription.started")
    assert (await balance(ada))["subscription"] == 100


async def test_renewal_begins_a_subscription_whose_start_got_lost(app: Served) -> None:
    ada = await at(app, 2030, 6, 10)
    await event(app, ada, "subscription.renewed")
    assert (await tier(ada), (await balance(ada))["subscription"]) == ("pro", 100)


async def test_turn_of_the_month_carries_fifty_over_and_lets_the_rest_expire(app: Served) -> None:
    ada = await at(app, 2030, 12, 31, 23, 59)
    await event(app, ada, "subscription.started")
    ada = await at(app, 2031, 1, 1, 0, 0)
    assert (await balance(ada))["subscription"] == 150
    assert await history(ada, credit_type="subscription") == [
        ("grant", 100),
        ("carryover", 50),
        ("expire", -100),
        ("grant", 100),
    ]


async def test_turn_that_is_months_late_ends_where_turns_in_time_would_have(app: Served) -> None:
    ada = await at(app, 2030, 10, 31)
    await event(app, ada, "subscription.started")
    ada = await at(app, 2031, 2, 28)
    assert (await balance(ada))["subscription"] == 150
    assert await history(ada, credit_type="subscription", operation="carryover") == [("carryover", 50)] * 4
    assert await history(ada, credit_type="subscription", operation="grant") == [("grant", 100)] * 5


async def test_ended_subscription_takes_nothing_away_and_carries_nothing_over(app: Served) -> None:
    ada = await at(app, 2030, 6, 10)
    await event(app, ada, "subscription.started")
    await event(app, ada, "credits.purchased", amount=7)
    assert (await event(app, ada, "subscription.ended")).status_code == 204
    assert await tier(ada) == "free"
    assert await balance(ada) == {"daily": 10, "subscription": 100, "purchased": 7, "kickstart": 5, "total": 122}
    ada = await at(app, 2030, 7, 1)
    assert await balance(ada) == {"daily": 0, "subscription": 0, "purchased": 7, "kickstart": 5, "total": 12}


async def test_subscription_that_starts_again_gets_no_month_twice_and_none_for_the_gap(app: Served) -> None:
    ada = await at(app, 2030, 6, 10)
    for kind in ("subscription.started", "subscription.ended", "subscription.started", "subscription.ended"):
        await event(app, ada, kind)
    assert (await balance(ada))["subscription"] == 100
    ada = await at(app, 2030, 9, 3)
    await event(app, ada, "subscription.started")
    assert (await balance(ada))["subscription"] == 100
    assert await history(ada, credit_type="subscription", operation="grant") == [("grant", 100)] * 2


async def test_end_of_a_subscription_that_was_never_begun_changes_nothing(app: Served, ada: httpx2.AsyncClient) -> None:
    assert (await event(app, ada, "subscription.ended")).status_code == 204
    assert (await tier(ada), (await balance(ada))["total"]) == ("free", 5)


async def test_type_that_means_nothing_here_is_ignored(app: Served) -> None:
    answer = await send(app, b'{"id": "evt_1", "type": "invoice.created"}')
    assert (answer.status_code, answer.content) == (204, b"")


async def test_signature_counts_and_not_the_media_type(app: Served) -> None:
    answer = await send(app, b'{"id": "evt_1", "type": "ping"}', content_type="text/plain")
    assert answer.status_code == 204


async def test_event_for_a_user_who_does_not_exist_is_404_and_can_be_sent_again(
    app: Served, ada: httpx2.AsyncClient
) -> None:
    answer = await event(app, ada, "credits.purchased", id="evt_1", user_id=str(uuid4()), amount=1)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
    await event(app, ada, "credits.purchased", id="evt_1", amount=1)
    assert (await balance(ada))["purchased"] == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"not json", "body"),
        (b'{"id": "\xff", "type": "ping"}', "body"),
        (b"[]", "body"),
        ('{"id": "evt_1", "type": "ping"}'.encode("utf-16"), "body"),
        (b'{"type": "ping"}', "id"),
        (b'{"id": "evt_1"}', "type"),
        (b'{"id": "evt\\u0000", "type": "ping"}', "id"),
        (b'{"id": "evt_1", "type": "subscription.started"}', "user_id"),
        (b'{"id": "evt_1", "type": "subscription.started", "user_id": "ada"}', "user_id"),
    ],
)
async def test_signed_body_that_is_no_event_is_422(app: Served, body: bytes, field: str) -> None:
    answer = await send(app, body)
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["error"]["details"]] == [field]


@pytest.mark.parametrize("amount", [0, -1, 501, 2**63, "10", 1.5, True, None])
async def test_purchase_of_an_impossible_amount_is_422_and_not_remembered(
    app: Served, ada: httpx2.AsyncClient, amount: object
) -> None:
    answer = await event(app, ada, "credits.purchased", amount=amount)
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["error"]["details"]] == ["amount"]
    async with app.database.reader() as session:
        assert (await session.exec(select(col(PaymentEvent.event_id)))).all() == []


@pytest.mark.parametrize("header", [None, "", "v1=abc", "t=1,v1=abc"])
async def test_request_that_is_not_signed_is_401_before_its_body_is_looked_at(app: Served, header: str | None) -> None:
    headers = {} if header is None else {"Webhook-Signature": header}
    async with app.client() as stranger:
        answer = await stranger.post(PATH, content="not json".encode("utf-16"), headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "INVALID_SIGNATURE")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_tolerance_is_measured_by_the_clock_of_the_application(app: Served) -> None:
    app.clock.set(2030, 6, 10)
    assert (await send(app, b'{"id": "evt_1", "type": "ping"}', late=300)).status_code == 204
    assert (await send(app, b'{"id": "evt_1", "type": "ping"}', late=301)).status_code == 401
    assert (await send(app, b'{"id": "evt_1", "type": "ping"}', late=-301)).status_code == 401


COSTS: dict[str, tuple[dict[str, int], int]] = {
    "credits.purchased": ({"amount": 1}, 8),
    "subscription.started": ({}, 10),
    "subscription.renewed": ({}, 10),
    "subscription.ended": ({}, 8),
    "of.no.meaning": ({}, 0),
}
"""By type: the fields that it has, and the statements that it takes."""


@pytest.mark.parametrize("count", [0, 20])
@pytest.mark.parametrize("kind", COSTS)
async def test_event_costs_the_same_after_any_number_of_others(
    app: Served, ada: httpx2.AsyncClient, kind: str, count: int
) -> None:
    for _ in range(count):
        await event(app, ada, "credits.purchased", amount=1)
    fields, at_most = COSTS[kind]
    with queries(app.database, at_most=at_most + ASKING_WHO_IT_IS):
        assert (await event(app, ada, kind, **fields)).status_code == 204
