"""Payments on the tour: what the provider reports, and what is refused."""

import hashlib
import hmac
import json
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx2

from tests.contract.recording import Recorder
from tests.harness import Served

SECRET = "whsec_" + "0123456789abcdef" * 2


async def visit(record: Recorder, app: Served, ada: httpx2.AsyncClient) -> None:
    user = await record(ada, "GET", "/users/me")
    event = {"user_id": user["data"]["id"]}
    await pay(record, app, {**event, "id": "evt_1", "type": "credits.purchased", "amount": 20})
    await pay(record, app, {**event, "id": "evt_2", "type": "credits.purchased", "amount": 9999})
    await pay(record, app, {**event, "id": "evt_3", "type": "credits.purchased", "amount": 1}, secret="wrong")


async def pay(record: Recorder, app: Served, event: dict[str, Any], *, secret: str = SECRET) -> None:
    provider = app.client()
    await record(provider, "POST", "/webhooks/payments", **signed(event, app.clock.now(), secret=secret))
    await provider.aclose()


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
