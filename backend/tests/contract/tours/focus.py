"""Focus on the tour."""

from typing import Any
from uuid import uuid4

import httpx2

from tests.contract.recording import Recorder
from tests.harness import Served

BODIES: dict[str, Any] = {"POST /api/v1/focus/start": {"task_id": str(uuid4())}}


async def visit(record: Recorder, app: Served, ada: httpx2.AsyncClient) -> None:
    await record(ada, "GET", "/focus/active")
    await record(ada, "POST", "/focus/stop")
    task = await record(ada, "POST", "/tasks", json={"title": "Deep work", "estimated_duration": 1})
    await record(ada, "POST", "/focus/start", json={"task_id": task["data"]["id"]})
    await record(ada, "POST", "/focus/start", json={"task_id": task["data"]["id"]})
    await record(ada, "GET", "/focus/active")
    app.clock.advance(minutes=1)
    await record(ada, "POST", "/focus/stop")
    await record(ada, "POST", f"/tasks/{task['data']['id']}/complete", json={"version": 1})
    await record(ada, "POST", "/focus/start", json={"task_id": task["data"]["id"]})
    shelf = await record(ada, "POST", "/tasks", json={"title": "Shelf"})
    await record(ada, "PATCH", f"/tasks/{shelf['data']['id']}", json={"archived": True, "version": 1})
    await record(ada, "POST", "/focus/start", json={"task_id": shelf["data"]["id"]})
