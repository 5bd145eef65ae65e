"""What counts, and how often: statistics of completions and conversions, on both databases."""

import asyncio

import httpx2
import pytest

from tests.answers import data_of
from tests.completions import WAYS, act, tick
from tests.factories.tasks import make_task
from tests.harness import Served


async def stats(client: httpx2.AsyncClient) -> dict[str, int]:
    return data_of(await client.get("/api/v1/achievements/me/stats"))


@pytest.mark.parametrize("by", WAYS)
async def test_every_way_of_completing_counts_the_same(app: Served, ada: httpx2.AsyncClient, by: str) -> None:
    app.clock.set(2025, 1, 31, 10)
    for _ in range(5):
        await WAYS[by](ada, await make_task(ada, "one", "two"))
    assert await stats(ada) == {
        "lifetime_tasks_completed": 5,
        "current_streak": 1,
        "longest_streak": 1,
        "focus_completions": 0,
        "notes_converted": 0,
    }
    mine = data_of(await ada.get("/api/v1/achievements/me"))
    assert (mine["unlocked"], mine["effective_limits"]["max_tasks"]) == (["tasks_5"], 65)


@pytest.mark.parametrize("action", ["complete", "force-complete"])
async def test_completing_a_completed_task_counts_nothing(ada: httpx2.AsyncClient, action: str) -> None:
    task = (await act(ada, await make_task(ada), "complete")).json()["task"]
    assert (await act(ada, task, action)).status_code == 409
    assert (await stats(ada))["lifetime_tasks_completed"] == 1


@pytest.mark.parametrize("action", ["complete", "force-complete"])
async def test_completion_of_a_stale_version_counts_nothing(ada: httpx2.AsyncClient, action: str) -> None:
    task = await make_task(ada)
    counted = await stats(ada)
    assert (await act(ada, task, action, version=task["version"] + 1)).status_code == 409
    assert await stats(ada) == counted


async def test_task_counts_once_however_often_it_is_reopened(app: Served, ada: httpx2.AsyncClient) -> None:
    app.clock.set(2025, 1, 31, 10)
    task = await make_task(ada)
    for _ in range(3):
        task = (await act(ada, task, "complete")).json()["task"]
        task = data_of(await act(ada, task, "reopen"))
    app.clock.advance(days=1)
    answer = (await act(ada, task, "complete")).json()
    assert answer["streak"] == 1
    assert (await stats(ada))["lifetime_tasks_completed"] == 1


async def test_of_twenty_completions_one_counts(ada: httpx2.AsyncClient) -> None:
    task = await make_task(ada)
    await asyncio.gather(*(act(ada, task, "complete") for _ in range(20)))
    assert (await stats(ada))["lifetime_tasks_completed"] == 1


async def test_subtasks_completed_at_once_count_their_task_once(ada: httpx2.AsyncClient) -> None:
    task = await make_task(ada, *"1234")
    await asyncio.gather(*(tick(ada, subtask) for subtask in task["subtasks"] for _ in range(5)))
    assert (await stats(ada))["lifetime_tasks_completed"] == 1


async def test_twenty_tasks_completed_at_once_all_count_and_unlock_once(ada: httpx2.AsyncClient) -> None:
    tasks = [await make_task(ada) for _ in range(20)]
    answers = await asyncio.gather(*(act(ada, task, "complete") for task in tasks))
    unlocked = [unlock["achievement_id"] for answer in answers for unlock in answer.json()["unlocked_achievements"]]
    assert unlocked == ["tasks_5"]
    assert (await stats(ada))["lifetime_tasks_completed"] == 20


async def test_note_counts_as_converted_once_in_its_life(ada: httpx2.AsyncClient) -> None:
    note = data_of(await ada.post("/api/v1/notes", json={"content": "Buy milk"}))
    path = f"/api/v1/notes/{note['id']}"
    assert (await ada.post(f"{path}/convert")).status_code == 201
    assert (await stats(ada))["notes_converted"] == 1
    assert (await ada.post(f"{path}/convert")).status_code == 409
    assert (await ada.patch(path, json={"archived": False, "version": 2})).status_code == 200
    assert (await ada.post(f"{path}/convert")).status_code == 201
    assert (await stats(ada))["notes_converted"] == 1


async def test_conversion_beyond_the_limit_of_open_tasks_counts_nothing(app: Served, ada: httpx2.AsyncClient) -> None:
    note = data_of(await ada.post("/api/v1/notes", json={"content": "Buy milk"}))
    for n in range(app.resources.rules.free_max_tasks):
        await ada.post("/api/v1/tasks", json={"title": str(n)})
    assert (await ada.post(f"/api/v1/notes/{note['id']}/convert")).status_code == 409
    assert (await stats(ada))["notes_converted"] == 0


async def test_ten_conversions_make_room_for_five_more_notes(ada: httpx2.AsyncClient) -> None:
    for n in range(11):
        note = data_of(await ada.post("/api/v1/notes", json={"content": str(n)}))
        assert (await ada.post(f"/api/v1/notes/{note['id']}/convert")).status_code == 201
    mine = data_of(await ada.get("/api/v1/achievements/me"))
    assert (mine["unlocked"], mine["stats"]["notes_converted"]) == (["notes_10"], 11)
    answers = [await ada.post("/api/v1/notes", json={"content": str(n)}) for n in range(16)]
    assert [answer.status_code for answer in answers] == [201] * 15 + [409]
