"""The limits of a tier over HTTP, also when requests race for the last place."""

import asyncio
from typing import Any
from uuid import UUID

import httpx2
import pytest

from src.clock import utc_now
from src.models.task import Task
from src.schemas.enums import CompletedBy
from tests.answers import data_of
from tests.factories.tasks import get_task, make_task
from tests.factories.users import make_pro
from tests.harness import Served


async def fill(app: Served, client: httpx2.AsyncClient, count: int = 50, **fields: Any) -> list[dict[str, Any]]:
    """Put tasks straight into the database, open ones unless *fields* say otherwise."""
    user_id = UUID(data_of(await client.get("/api/v1/users/me"))["id"])
    tasks = [Task(user_id=user_id, title=str(n), **fields) for n in range(count)]
    made = [{"id": str(task.id), "version": task.version} for task in tasks]
    async with app.database.transaction() as session:
        session.add_all(tasks)
    return made


async def open_count(client: httpx2.AsyncClient) -> int:
    answer = await client.get("/api/v1/tasks", params={"completed": False})
    return answer.json()["pagination"]["total"]


async def patch(client: httpx2.AsyncClient, task: dict[str, Any], **fields: Any) -> httpx2.Response:
    return await client.patch(f"/api/v1/tasks/{task['id']}", json={"version": task["version"], **fields})


async def act(client: httpx2.AsyncClient, task: dict[str, Any], action: str) -> httpx2.Response:
    return await client.post(f"/api/v1/tasks/{task['id']}/{action}", json={"version": task["version"]})


def assert_limit(answer: httpx2.Response, *parts: str) -> None:
    assert answer.status_code == 409, answer.text
    assert answer.json()["error"]["code"] == "LIMIT_EXCEEDED"
    for part in parts:
        assert part in answer.json()["error"]["message"]


async def test_open_task_beyond_the_limit_is_refused(
    app: Served, ada: httpx2.AsyncClient, bob: httpx2.AsyncClient
) -> None:
    await fill(app, ada)
    assert_limit(await ada.post("/api/v1/tasks", json={"title": "one more"}), "50 open tasks", "max_tasks")
    assert await open_count(ada) == 50
    await fill(app, bob, 1)


async def test_completed_and_archived_tasks_leave_room(app: Served, ada: httpx2.AsyncClient) -> None:
    first, second, *_ = await fill(app, ada)
    assert (await act(ada, first, "complete")).status_code == 200
    data_of(await patch(ada, second, archived=True))
    await fill(app, ada, 2)
    assert_limit(await ada.post("/api/v1/tasks", json={"title": "one more"}))


async def test_neither_reopening_nor_unarchiving_passes_the_limit(app: Served, ada: httpx2.AsyncClient) -> None:
    completed, archived = await make_task(ada), await make_task(ada)
    by_its_subtask = await make_task(ada, "step")
    step = f"/api/v1/subtasks/{by_its_subtask['subtasks'][0]['id']}"
    completed = (await act(ada, completed, "complete")).json()["task"]
    archived = data_of(await patch(ada, archived, archived=True))
    data_of(await ada.patch(step, json={"completed": True}))
    await fill(app, ada)
    assert_limit(await act(ada, completed, "reopen"), "max_tasks")
    assert_limit(await patch(ada, archived, archived=False), "max_tasks")
    assert_limit(await ada.patch(step, json={"completed": False}), "max_tasks")
    assert_limit(await ada.post(f"/api/v1/tasks/{by_its_subtask['id']}/subtasks", json={"title": "late"}), "max_tasks")
    assert (await get_task(ada, by_its_subtask["id"]))["subtask_completed_count"] == 1
    assert await open_count(ada) == 50


async def test_completed_task_is_unarchived_without_room(app: Served, ada: httpx2.AsyncClient) -> None:
    task = (await act(ada, await make_task(ada), "complete")).json()["task"]
    task = data_of(await patch(ada, task, archived=True))
    await fill(app, ada)
    assert not data_of(await patch(ada, task, archived=False))["archived"]


@pytest.mark.parametrize(("pro", "limit"), [(False, 4), (True, 10)])
async def test_subtasks_of_a_task_are_limited_by_tier(
    app: Served, ada: httpx2.AsyncClient, *, pro: bool, limit: int
) -> None:
    if pro:
        await make_pro(app, "ada")
    task = await make_task(ada, *(str(n) for n in range(limit)))
    answer = await ada.post(f"/api/v1/tasks/{task['id']}/subtasks", json={"title": "one more"})
    assert_limit(answer, f"{limit} subtasks", "max_subtasks")


async def test_pro_may_have_more_open_tasks(app: Served, ada: httpx2.AsyncClient) -> None:
    await make_pro(app, "ada")
    await fill(app, ada, 199)
    assert (await ada.post("/api/v1/tasks", json={"title": "the last"})).status_code == 201
    assert_limit(await ada.post("/api/v1/tasks", json={"title": "one more"}), "200 open tasks", "max_tasks")


async def test_of_twenty_creations_as_many_pass_as_there_is_room(app: Served, ada: httpx2.AsyncClient) -> None:
    await fill(app, ada, 45)
    answers = await asyncio.gather(*(ada.post("/api/v1/tasks", json={"title": str(n)}) for n in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 15
    assert await open_count(ada) == 50


async def test_of_twenty_reopenings_as_many_pass_as_there_is_room(app: Served, ada: httpx2.AsyncClient) -> None:
    tasks = await fill(app, ada, 20, completed_at=utc_now(), completed_by=CompletedBy.MANUAL)
    await fill(app, ada, 45)
    answers = await asyncio.gather(*(act(ada, task, "reopen") for task in tasks))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [409] * 15
    assert await open_count(ada) == 50


async def test_of_twenty_subtasks_at_once_four_fit(ada: httpx2.AsyncClient) -> None:
    task = await make_task(ada)
    path = f"/api/v1/tasks/{task['id']}/subtasks"
    answers = await asyncio.gather(*(ada.post(path, json={"title": str(n)}) for n in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] * 4 + [409] * 16
    assert [subtask["order_index"] for subtask in (await get_task(ada, task["id"]))["subtasks"]] == [0, 1, 2, 3]
