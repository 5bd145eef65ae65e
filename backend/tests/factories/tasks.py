"""Tasks, made over HTTP as a client would make them."""

from typing import Any

import httpx2

from tests.answers import data_of


async def make_task(client: httpx2.AsyncClient, *subtasks: str, **fields: Any) -> dict[str, Any]:
    """A task with subtasks of these titles, as GET returns it."""
    task = data_of(await client.post("/api/v1/tasks", json={"title": "Write", **fields}))
    for title in subtasks:
        data_of(await client.post(f"/api/v1/tasks/{task['id']}/subtasks", json={"title": title}))
    return await get_task(client, task["id"])


async def get_task(client: httpx2.AsyncClient, task_id: str) -> dict[str, Any]:
    return data_of(await client.get(f"/api/v1/tasks/{task_id}"))
