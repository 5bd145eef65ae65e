"""Deletion and recovery on the tour."""

from typing import Any

import httpx2

from tests.contract.recording import Recorder
from tests.harness import Served

BODIES: dict[str, Any] = {}


async def visit(record: Recorder, app: Served, ada: httpx2.AsyncClient) -> None:
    del app
    task = await record(ada, "POST", "/tasks", json={"title": "Gone"})
    await record(ada, "DELETE", f"/tasks/{task['data']['id']}")
    note = (await record(ada, "GET", "/notes"))["data"][0]
    await record(ada, "DELETE", f"/notes/{note['id']}")
    page = await record(ada, "GET", "/tombstones")
    for tombstone in page["data"]:
        await record(ada, "POST", f"/tombstones/{tombstone['id']}/recover")
        await record(ada, "POST", f"/tombstones/{tombstone['id']}/recover")
