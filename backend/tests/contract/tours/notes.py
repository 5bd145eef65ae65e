"""Notes on the tour."""

from typing import Any

import httpx2

from tests.contract.recording import Recorder
from tests.harness import Served

BODIES: dict[str, Any] = {
    "PATCH /api/v1/notes/{note_id}": {"version": 1},
    "POST /api/v1/notes": {"content": "Remember"},
}


async def visit(record: Recorder, app: Served, ada: httpx2.AsyncClient) -> None:
    del app
    note = await record(ada, "POST", "/notes", json={"content": "Buy ink\nBlack, not blue."})
    path = f"/notes/{note['data']['id']}"
    await record(ada, "GET", path)
    await record(ada, "PATCH", path, json={"content": "Buy ink\nBlue.", "version": 1})
    await record(ada, "PATCH", path, json={"content": "Stale", "version": 1})
    await record(ada, "GET", "/notes")
    await record(ada, "POST", f"{path}/convert", json={"priority": "low"})
    await record(ada, "POST", f"{path}/convert", json={})
    for number in range(11):
        await record(ada, "POST", "/notes", json={"content": f"Note {number}"})
    await record(ada, "PATCH", path, json={"archived": False, "version": 3})
    await record(ada, "DELETE", path)
