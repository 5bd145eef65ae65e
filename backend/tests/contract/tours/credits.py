"""Credits on the tour, and the payments that bring them."""

import hashlib
import hmac
import json
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx2

from src.services import credits
from tests.contract.recording import Recorder
from tests.harness import Served

SECRET = "whsec_" + "0123456789abcdef" * 2


async def visit(record: Recorder, app: Served, ada: httpx2.AsyncClient) -> None:
    """Every kind of credit and every kind of line."""
    user = await record(ada, "GET", "/users/me")
    event = {"user_id": user["data"]["id"]}
    await pay(record, app, {**event, "id": "evt_1", "type": "credits.purchased", "amount": 20})
    await pay(record, app, {**event, "id": "evt_2", "type": "subscription.started"})
    await pay(record, app, {**event, "id": "evt_3", "type": "credits.purchased", "amount": 9999})
    await pay(record, app, {**event, "id": "evt_4", "type": "credits.purchased", "amount": 1}, secret="wrong")
    await record(ada, "GET", "/credits/balance")
    await record(ada, "GET", "/users/me")
    await record(ada, "PATCH", "/users/me", json={"name": "Ada L."})
    await spend(app, user, 1)
    app.clock.advance(days=31)
    pro = await app.sign_in("ada")
    await record(pro, "GET", "/credits/balance")
    await record(pro, "GET", "/credits/history?limit=100")
    await pro.aclose()


async def pay(record: Recorder, app: Served, event: dict[str, Any], *, secret: str = SECRET) -> None:
    provider = app.client()
    await record(provider, "POST", "/webhooks/payments", **signed(event, app.clock.now(), secret=secret))
    await provider.aclose()


async def spend(app: Served, user: Any, amount: int) -> None:
    """Take credits as the assistant does."""
    rules, now = app.resources.rules, app.clock.now()
    async with app.database.transaction() as session:
        await credits.spend(session, UUID(user["data"]["id"]), amount, reference="tour", rules=rules, now=now)


def signed(event: dict[str, Any], now: datetime, *, secret: str = SECRET) -> dict[str, Any]:
    """Return the body and headers with which the payment provider sends an event."""
    body = json.dumps(event).encode()
    moment = int(now.timestamp())
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"Webhook-Signature": f"t={moment},v1={digest}", "Content-Type": "application/json"}
    return {"content": body, "headers": headers}


def purchase(now: datetime) -> dict[str, Any]:
    """Return a purchase for somebody whom nobody knows."""
    event = {"id": str(uuid4()), "type": "credits.purchased", "user_id": str(uuid4()), "amount": 1}
    return signed(event, now)


BODIES: dict[str, Any] = {"POST /api/v1/webhooks/payments": purchase}
