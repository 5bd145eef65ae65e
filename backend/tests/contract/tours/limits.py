"""The limit of open tasks, run into in every way there is by an application that allows one."""

from typing import Any

from tests.contract.recording import Recorder
from tests.harness import Served

SETTINGS: dict[str, Any] = {"free_max_tasks": 1}


async def visit(record: Recorder, app: Served) -> None:
    ada = await app.sign_in("full")
    task = await record(ada, "POST", "/tasks", json={"title": "One"})
    path = f"/tasks/{task['data']['id']}"
    step = await record(ada, "POST", f"{path}/subtasks", json={"title": "Step"})
    await record(ada, "POST", "/tasks", json={"title": "Two"})
    note = await record(ada, "POST", "/notes", json={"content": "Three"})
    await record(ada, "POST", f"/notes/{note['data']['id']}/convert", json={})
    await record(ada, "PATCH", f"/subtasks/{step['data']['id']}", json={"completed": True})
    other = await record(ada, "POST", "/tasks", json={"title": "Two"})
    await record(ada, "POST", f"{path}/reopen", json={"version": 2})
    await record(ada, "PATCH", f"/subtasks/{step['data']['id']}", json={"completed": False})
    await record(ada, "POST", f"{path}/subtasks", json={"title": "Opens it again"})
    await record(ada, "DELETE", f"/tasks/{other['data']['id']}")
    third = await record(ada, "POST", "/tasks", json={"title": "Three"})
    tombstone = (await record(ada, "GET", "/tombstones"))["data"][0]
    await record(ada, "POST", f"/tombstones/{tombstone['id']}/recover")
    shelf = f"/tasks/{third['data']['id']}"
    await record(ada, "PATCH", shelf, json={"archived": True, "version": 1})
    await record(ada, "POST", "/tasks", json={"title": "Four"})
    await record(ada, "PATCH", shelf, json={"archived": False, "version": 2})
    await ada.aclose()
