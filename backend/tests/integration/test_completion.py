"""Completing and reopening tasks over HTTP, on both databases."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest

from tests.answers import data_of
from tests.completions import WAYS, Task, act, complete_by_force, tick
from tests.factories.tasks import get_task, make_task
from tests.harness import Served, queries


async def patch(client: httpx2.AsyncClient, task: Task, **fields: Any) -> httpx2.Response:
    return await client.patch(f"/api/v1/tasks/{task['id']}", json={"version": task["version"], **fields})


def code_of(answer: httpx2.Response) -> str:
    assert answer.status_code == 409, answer.text
    return answer.json()["error"]["code"]


async def test_completion_answers_in_its_own_envelope(app: Served, ada: httpx2.AsyncClient) -> None:
    app.clock.set(2025, 1, 31, 10)
    answer = await act(ada, await make_task(ada), "complete")
    assert list(answer.json()) == ["task", "unlocked_achievements", "streak"]
    task = answer.json()["task"]
    assert (task["completed"], task["completed_at"], task["completed_by"]) == (True, "2025-01-31T10:00:00Z", "manual")
    assert (task["version"], task["subtasks"]) == (2, [])
    assert (answer.json()["unlocked_achievements"], answer.json()["streak"]) == ([], 1)


@pytest.mark.parametrize("by", WAYS)
async def test_every_way_completes_the_task_with_its_subtasks(app: Served, ada: httpx2.AsyncClient, by: str) -> None:
    app.clock.set(2025, 1, 31, 10)
    task = await make_task(ada, "one", "two")
    await WAYS[by](ada, task)
    completed = await get_task(ada, task["id"])
    assert (completed["completed_by"], completed["completed_at"]) == (by, "2025-01-31T10:00:00Z")
    assert completed["version"] == 2
    assert all(subtask["completed"] for subtask in completed["subtasks"])


async def test_open_subtask_is_in_the_way_of_complete(ada: httpx2.AsyncClient) -> None:
    task = await make_task(ada, "one", "two")
    await tick(ada, task["subtasks"][0])
    assert code_of(await act(ada, task, "complete")) == "SUBTASKS_OPEN"
    assert not (await get_task(ada, task["id"]))["completed"]


async def test_force_closes_open_subtasks_at_the_same_instant(app: Served, ada: httpx2.AsyncClient) -> None:
    app.clock.set(2025, 1, 31, 10)
    task = await make_task(ada, "early", "open")
    await tick(ada, task["subtasks"][0])
    app.clock.advance(minutes=5)
    done = (await act(ada, task, "force-complete")).json()["task"]
    assert done["completed_at"] == "2025-01-31T10:05:00Z"
    assert [subtask["completed_at"] for subtask in done["subtasks"]] == ["2025-01-31T10:00:00Z", "2025-01-31T10:05:00Z"]
    assert (done["subtask_count"], done["subtask_completed_count"]) == (2, 2)


@pytest.mark.parametrize("action", ["complete", "force-complete"])
async def test_completed_task_cannot_be_completed(ada: httpx2.AsyncClient, action: str) -> None:
    task = (await act(ada, await make_task(ada), "complete")).json()["task"]
    assert code_of(await act(ada, task, action)) == "CONFLICT"


async def test_open_task_cannot_be_reopened(ada: httpx2.AsyncClient) -> None:
    assert code_of(await act(ada, await make_task(ada), "reopen")) == "CONFLICT"


@pytest.mark.parametrize("action", ["complete", "force-complete", "reopen"])
async def test_stale_version_changes_nothing(ada: httpx2.AsyncClient, action: str) -> None:
    task = await make_task(ada)
    if action == "reopen":
        task = (await act(ada, task, "complete")).json()["task"]
    task = data_of(await patch(ada, task, title="Changed"))
    assert code_of(await act(ada, task, action, version=task["version"] - 1)) == "CONFLICT"
    assert await get_task(ada, task["id"]) == task


@pytest.mark.parametrize("action", ["complete", "force-complete", "reopen"])
async def test_task_of_another_user_is_404(ada: httpx2.AsyncClient, bob: httpx2.AsyncClient, action: str) -> None:
    answer = await act(bob, await make_task(ada), action)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "TASK_NOT_FOUND")


@pytest.mark.parametrize("action", ["complete", "force-complete", "reopen"])
async def test_archived_task_is_read_only(ada: httpx2.AsyncClient, action: str) -> None:
    task = data_of(await patch(ada, await make_task(ada, "step"), archived=True))
    assert code_of(await act(ada, task, action)) == "ARCHIVED"
    assert code_of(await tick(ada, task["subtasks"][0])) == "ARCHIVED"


async def test_task_can_be_completed_as_often_as_it_is_reopened(app: Served, ada: httpx2.AsyncClient) -> None:
    app.clock.set(2025, 1, 31, 10)
    task = await make_task(ada)
    for _ in range(3):
        task = (await act(ada, task, "complete")).json()["task"]
        task = data_of(await act(ada, task, "reopen"))
    app.clock.advance(days=1)
    task = (await act(ada, task, "complete")).json()["task"]
    assert (task["version"], task["completed_at"]) == (8, "2025-02-01T10:00:00Z")


async def test_reopened_task_keeps_its_subtasks_and_completes_again_with_the_last(ada: httpx2.AsyncClient) -> None:
    task = await make_task(ada, "one")
    task = (await act(ada, task, "force-complete")).json()["task"]
    task = data_of(await act(ada, task, "reopen"))
    assert (task["completed"], task["completed_at"], task["completed_by"]) == (False, None, None)
    assert task["subtasks"][0]["completed"]
    await tick(ada, task["subtasks"][0])
    assert not (await get_task(ada, task["id"]))["completed"]
    await tick(ada, task["subtasks"][0], completed=False)
    await tick(ada, task["subtasks"][0])
    assert (await get_task(ada, task["id"]))["completed_by"] == "auto"


async def reopen_a_subtask(client: httpx2.AsyncClient, task: Task) -> None:
    data_of(await tick(client, task["subtasks"][0], completed=False))


async def add_a_subtask(client: httpx2.AsyncClient, task: Task) -> None:
    data_of(await client.post(f"/api/v1/tasks/{task['id']}/subtasks", json={"title": "late"}))


@pytest.mark.parametrize("opening", [reopen_a_subtask, add_a_subtask])
@pytest.mark.parametrize(("by", "after"), [("auto", None), ("force", "force")])
async def test_open_subtask_reopens_what_the_subtasks_completed(
    ada: httpx2.AsyncClient,
    by: str,
    after: str | None,
    opening: Callable[[httpx2.AsyncClient, Task], Awaitable[None]],
) -> None:
    task = await make_task(ada, "one", "two")
    await WAYS[by](ada, task)
    await opening(ada, task)
    left = await get_task(ada, task["id"])
    assert (left["completed_by"], left["completed"]) == (after, after is not None)


async def test_subtask_of_a_task_completed_by_hand_does_not_complete_it_again(ada: httpx2.AsyncClient) -> None:
    task = await make_task(ada, "one")
    await complete_by_force(ada, task)
    await reopen_a_subtask(ada, task)
    await tick(ada, task["subtasks"][0])
    left = await get_task(ada, task["id"])
    assert (left["completed_by"], left["version"]) == ("force", 2)


async def test_deleting_the_last_open_subtask_completes_nothing(ada: httpx2.AsyncClient) -> None:
    task = await make_task(ada, "one", "two")
    await tick(ada, task["subtasks"][0])
    await ada.delete(f"/api/v1/subtasks/{task['subtasks'][1]['id']}")
    assert not (await get_task(ada, task["id"]))["completed"]


async def test_completed_task_can_still_be_edited(ada: httpx2.AsyncClient) -> None:
    task = (await act(ada, await make_task(ada), "complete")).json()["task"]
    edited = data_of(await patch(ada, task, title="Better"))
    assert (edited["title"], edited["completed"], edited["completed_at"]) == ("Better", True, task["completed_at"])


@pytest.mark.parametrize("body", [{"completed": None}, {"completed": "yes"}, {"completed": 1}])
async def test_subtask_takes_true_or_false(ada: httpx2.AsyncClient, body: dict[str, Any]) -> None:
    task = await make_task(ada, "one")
    answer = await ada.patch(f"/api/v1/subtasks/{task['subtasks'][0]['id']}", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == "completed"


async def test_of_twenty_completions_one_wins(ada: httpx2.AsyncClient) -> None:
    task = await make_task(ada)
    answers = await asyncio.gather(*(act(ada, task, "complete") for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19


async def test_subtasks_completed_at_once_complete_their_task_once(ada: httpx2.AsyncClient) -> None:
    task = await make_task(ada, *"1234")
    answers = await asyncio.gather(*(tick(ada, subtask) for subtask in task["subtasks"] for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    done = await get_task(ada, task["id"])
    assert (done["completed_by"], done["version"], done["subtask_completed_count"]) == ("auto", 2, 4)


@pytest.mark.parametrize("count", [0, 20])
async def test_completing_costs_the_same_for_any_number_of_rows(
    app: Served, ada: httpx2.AsyncClient, count: int
) -> None:
    for _ in range(count):
        await act(ada, await make_task(ada), "complete")
    task = await make_task(ada, *"1234")
    with queries(app.database, at_most=11):
        assert (await act(ada, task, "force-complete")).status_code == 200
    with queries(app.database, at_most=7):
        assert (await act(ada, task, "reopen", version=2)).status_code == 200
    with queries(app.database, at_most=7):
        assert (await act(ada, task, "complete", version=3)).status_code == 200


@pytest.mark.parametrize("count", [2, 4])
async def test_following_the_last_subtask_costs_the_same_for_any_number_of_them(
    app: Served, ada: httpx2.AsyncClient, count: int
) -> None:
    task = await make_task(ada, *map(str, range(count)))
    *others, last = task["subtasks"]
    for subtask in others:
        await tick(ada, subtask)
    with queries(app.database, at_most=10):
        assert (await tick(ada, last)).status_code == 200
    with queries(app.database, at_most=8):
        assert (await tick(ada, last, completed=False)).status_code == 200


async def test_everything_at_once_ends_in_a_state_that_holds(ada: httpx2.AsyncClient) -> None:
    """Requests that lock the same rows by different ways deadlock nowhere, and leave nothing half done."""
    tasks = [await make_task(ada, "one", "two") for _ in range(4)]
    storm = [
        request
        for task in tasks
        for request in (
            *(tick(ada, subtask) for subtask in task["subtasks"]),
            act(ada, task, "force-complete"),
            act(ada, task, "complete"),
            act(ada, task, "reopen", version=2),
            ada.post(f"/api/v1/tasks/{task['id']}/subtasks", json={"title": "late"}),
            patch(ada, task, archived=True),
            ada.post("/api/v1/focus/start", json={"task_id": task["id"]}),
            ada.post("/api/v1/focus/stop"),
        )
    ]
    answers = await asyncio.gather(*storm)
    assert max(answer.status_code for answer in answers) < 500
    left = [await get_task(ada, task["id"]) for task in tasks]
    derived = [task for task in left if task["completed_by"] == "auto"]
    assert all(task["subtask_completed_count"] == task["subtask_count"] for task in derived)
    running = data_of(await ada.get("/api/v1/focus/active")) or {"task_id": None}
    assert running["task_id"] not in [task["id"] for task in left if task["completed"] or task["archived"]]
