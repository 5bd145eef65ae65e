"""Goals on the tour: every value that a field can have, and every refusal."""

from typing import Any

import httpx2

from tests.contract.recording import Recorder
from tests.factories.goals import ACCEPTED, CHANGES, VALID, goal_body
from tests.harness import Served

BODIES: dict[str, dict[str, Any]] = {
    "POST /api/v1/goals": VALID,
    "PATCH /api/v1/goals/{goal_id}": {"version": 1},
}


async def visit(record: Recorder, app: Served, ada: httpx2.AsyncClient) -> None:
    del ada
    sam = await app.sign_in("sam")
    goal = await record(sam, "POST", "/goals", json=await goal_body(sam))
    for field, sent, _ in ACCEPTED.values():
        await record(sam, "POST", "/goals", json=await goal_body(sam, **{field: sent}))
    path = f"/goals/{goal['data']['id']}"
    await record(sam, "GET", path)
    await record(sam, "PATCH", path, json={**CHANGES, "version": 1})
    await record(sam, "PATCH", path, json={**CHANGES, "version": 1})
    await record(sam, "GET", "/goals")
    await record(sam, "DELETE", path)
    await sam.aclose()
