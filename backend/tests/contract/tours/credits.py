"""Credits on the tour."""

from typing import Any
from uuid import UUID

import httpx2

from src.schemas.enums import CreditType
from src.services import credits, subscriptions
from tests.contract.recording import Recorder
from tests.harness import Served

BODIES: dict[str, Any] = {}


async def visit(record: Recorder, app: Served, ada: httpx2.AsyncClient) -> None:
    """Every kind of credit and every kind of line."""
    user = await record(ada, "GET", "/users/me")
    await earn(app, user)
    await record(ada, "GET", "/credits/balance")
    await record(ada, "GET", "/users/me")
    await record(ada, "PATCH", "/users/me", json={"name": "Ada L."})
    await spend(app, user, 1)
    app.clock.advance(days=31)
    pro = await app.sign_in("ada")
    await record(pro, "GET", "/credits/balance")
    await record(pro, "GET", "/credits/history?limit=100")
    await pro.aclose()


async def earn(app: Served, user: Any) -> None:
    """Buy credits and subscribe, as a payment does."""
    rules, now, user_id = app.resources.rules, app.clock.now(), UUID(user["data"]["id"])
    async with app.database.transaction() as session:
        await credits.grant(session, user_id, CreditType.PURCHASED, 20, reference="tour", rules=rules, now=now)
        await subscriptions.start(session, user_id, rules=rules, now=now)


async def spend(app: Served, user: Any, amount: int) -> None:
    """Take credits as the assistant does."""
    rules, now = app.resources.rules, app.clock.now()
    async with app.database.transaction() as session:
        await credits.spend(session, UUID(user["data"]["id"]), amount, reference="tour", rules=rules, now=now)
