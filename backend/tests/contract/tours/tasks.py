"""Tasks and subtasks on the tour: open, archived and completed."""

from typing import Any

import httpx2

from tests.contract.recording import Recorder
from tests.harness import Served

BODIES: dict[str, Any] = {
    "POST /api/v1/tasks": {"title": "Write"},
    "PATCH /api/v1/tasks/{task_id}": {"version": 1},
    "POST /api/v1/tasks/{task_id}/complete": {"version": 1},
    "POST /api/v1/tasks/{task_id}/force-complete": {"version": 1},
    "POST /api/v1/tasks/{task_id}/reopen": {"version": 1},
    "POST /api/v1/tasks/{task_id}/subtasks": {"title": "Step"},
    "PUT /api/v1/tasks/{task_id}/subtasks/reorder": {"subtask_ids": []},
}


async def visit(record: Recorder, app: Served, ada: httpx2.AsyncClient) -> None:
    del app
    for priority in ("low", "medium", "high"):
        await record(ada, "POST", "/tasks", json={"title": priority, "priority": priority})
    full = {"title": "Report", "description": "All of it", "due_date": "2025-02-01T10:00:00Z", "estimated_duration": 30}
    task = await record(ada, "POST", "/tasks", json=full)
    path = f"/tasks/{task['data']['id']}"
    first = await record(ada, "POST", f"{path}/subtasks", json={"title": "Read"})
    second = await record(ada, "POST", f"{path}/subtasks", json={"title": "Write", "source": "ai"})
    await record(ada, "GET", path)
    ids = [second["data"]["id"], first["data"]["id"]]
    await record(ada, "PUT", f"{path}/subtasks/reorder", json={"subtask_ids": ids})
    await record(ada, "PATCH", f"/subtasks/{ids[0]}", json={"title": "Write it", "completed": True})
    await record(ada, "PUT", f"{path}/subtasks/reorder", json={"subtask_ids": ids})
    await record(ada, "GET", path)
    await record(ada, "PATCH", path, json={"title": "The report", "version": 1})
    await record(ada, "PATCH", path, json={"title": "Mine", "version": 1})
    await record(ada, "POST", f"{path}/complete", json={"version": 2})
    await record(ada, "GET", "/tasks?priority=high")
    await record(ada, "GET", "/tasks")
    await record(ada, "DELETE", f"/subtasks/{ids[1]}")
    for number in range(4):
        await record(ada, "POST", f"{path}/subtasks", json={"title": f"Step {number}"})
    await archived(record, ada)
    await completions(record, ada)


async def archived(record: Recorder, ada: httpx2.AsyncClient) -> None:
    task = await record(ada, "POST", "/tasks", json={"title": "Shelf"})
    path = f"/tasks/{task['data']['id']}"
    step = await record(ada, "POST", f"{path}/subtasks", json={"title": "Step"})
    await record(ada, "PATCH", path, json={"archived": True, "version": 1})
    await record(ada, "PATCH", path, json={"title": "Locked", "version": 2})
    for action in ("complete", "force-complete", "reopen"):
        await record(ada, "POST", f"{path}/{action}", json={"version": 2})
    await record(ada, "POST", f"{path}/subtasks", json={"title": "Late"})
    await record(ada, "PUT", f"{path}/subtasks/reorder", json={"subtask_ids": [step["data"]["id"]]})
    await record(ada, "PATCH", f"/subtasks/{step['data']['id']}", json={"title": "Late"})
    await record(ada, "DELETE", f"/subtasks/{step['data']['id']}")
    await record(ada, "GET", "/tasks?archived=true")
    await record(ada, "DELETE", path)


async def completions(record: Recorder, ada: httpx2.AsyncClient) -> None:
    """Manual, forced and automatic ones."""
    path = ""
    for number in range(6):
        task = await record(ada, "POST", "/tasks", json={"title": f"Done {number}", "estimated_duration": 1})
        path, version = f"/tasks/{task['data']['id']}", {"version": 1}
        if number % 3 == 0:
            await record(ada, "POST", f"{path}/complete", json=version)
            await record(ada, "POST", f"{path}/complete", json={"version": 2})
            await record(ada, "POST", f"{path}/force-complete", json={"version": 2})
        elif number % 3 == 1:
            await record(ada, "POST", f"{path}/subtasks", json={"title": "Step"})
            await record(ada, "POST", f"{path}/force-complete", json=version)
            await record(ada, "GET", path)
        else:
            step = await record(ada, "POST", f"{path}/subtasks", json={"title": "Step", "source": "ai"})
            await record(ada, "PATCH", f"/subtasks/{step['data']['id']}", json={"completed": True})
            await record(ada, "GET", path)
    await record(ada, "GET", "/tasks?completed=true")
    await record(ada, "POST", f"{path}/reopen", json={"version": 2})
    await record(ada, "POST", f"{path}/reopen", json={"version": 3})
