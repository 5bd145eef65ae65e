"""Completing a task over HTTP, in every way there is."""

from typing import Any

import httpx2

from tests.answers import data_of

Task = dict[str, Any]


async def act(client: httpx2.AsyncClient, task: Task, action: str, **changed: Any) -> httpx2.Response:
    """`complete`, `force-complete` or `reopen` a task as it was read."""
    body = {"version": task["version"], **changed}
    return await client.post(f"/api/v1/tasks/{task['id']}/{action}", json=body)


async def tick(client: httpx2.AsyncClient, subtask: Task, *, completed: bool = True) -> httpx2.Response:
    return await client.patch(f"/api/v1/subtasks/{subtask['id']}", json={"completed": completed})


async def complete_by_hand(client: httpx2.AsyncClient, task: Task) -> None:
    for subtask in task["subtasks"][:-1]:
        data_of(await tick(client, subtask))
    await client.delete(f"/api/v1/subtasks/{task['subtasks'][-1]['id']}")
    assert (await act(client, task, "complete")).status_code == 200


async def complete_the_last_subtask(client: httpx2.AsyncClient, task: Task) -> None:
    for subtask in task["subtasks"]:
        data_of(await tick(client, subtask))


async def complete_by_force(client: httpx2.AsyncClient, task: Task) -> None:
    assert (await act(client, task, "force-complete")).status_code == 200


WAYS = {"manual": complete_by_hand, "auto": complete_the_last_subtask, "force": complete_by_force}
"""By `completed_by`: what makes it so of a task with at least two subtasks."""
