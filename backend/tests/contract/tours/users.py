"""The account on the tour."""

from typing import Any

import httpx2

from tests.contract.recording import Recorder
from tests.factories.users import make_pro
from tests.harness import Served

BODIES: dict[str, Any] = {}


async def visit(record: Recorder, app: Served, ada: httpx2.AsyncClient) -> None:
    await record(ada, "GET", "/users/me")
    await record(ada, "PATCH", "/users/me", json={"name": "Ada", "timezone": "Europe/Berlin"})
    grace = app.client()
    session = await record(grace, "POST", "/auth/google/callback", json={"id_token": "grace"})
    grace.headers["Authorization"] = f"Bearer {session['data']['access_token']}"
    await record(grace, "GET", "/users/me")
    await record(grace, "PATCH", "/users/me", json={"timezone": "America/New_York"})
    await make_pro(app, "grace")
    await record(grace, "GET", "/users/me")
    await record(grace, "PATCH", "/users/me", json={"name": "Grace"})
    await grace.aclose()
