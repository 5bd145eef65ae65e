"""Focus sessions over HTTP: one at a time, and their time on the task."""

import asyncio
from typing import Any

import httpx2
import pytest

from tests.answers import data_of
from tests.factories.tasks import get_task, make_task
from tests.harness import Served, queries

CLOSING: dict[str, tuple[str, str, dict[str, Any]]] = {
    "complete": ("POST", "/complete", {}),
    "force": ("POST", "/force-complete", {}),
    "archive": ("PATCH", "", {"archived": True}),
}


async def start(client: httpx2.AsyncClient, task: dict[str, Any]) -> httpx2.Response:
    return await client.post("/api/v1/focus/start", json={"task_id": task["id"]})


async def active(client: httpx2.AsyncClient) -> Any:
    return data_of(await client.get("/api/v1/focus/active"))


async def close(client: httpx2.AsyncClient, task: dict[str, Any], how: str) -> None:
    method, suffix, fields = CLOSING[how]
    path = f"/api/v1/tasks/{task['id']}{suffix}"
    data = (await client.request(method, path, json={"version": task["version"], **fields})).json()
    assert "error" not in data, data


def code_of(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_session_runs_until_it_is_stopped(app: Served, ada: httpx2.AsyncClient) -> None:
    app.clock.set(2025, 1, 31, 23, 50)
    task = await make_task(ada)
    assert await active(ada) is None
    answer = await start(ada, task)
    assert answer.status_code == 201
    running = data_of(answer)
    keys = ["id", "user_id", "task_id", "started_at", "ended_at", "duration_seconds", "created_at", "updated_at"]
    assert list(running) == keys
    assert (running["task_id"], running["started_at"]) == (task["id"], "2025-01-31T23:50:00Z")
    assert (running["ended_at"], running["duration_seconds"]) == (None, None)
    assert await active(ada) == running
    app.clock.advance(minutes=25, seconds=0.9)
    stopped = data_of(await ada.post("/api/v1/focus/stop"))
    assert (stopped["id"], stopped["duration_seconds"]) == (running["id"], 1500)
    assert stopped["ended_at"] == "2025-02-01T00:15:00.900000Z"
    assert await active(ada) is None


async def test_time_of_all_sessions_adds_up_and_leaves_the_version(app: Served, ada: httpx2.AsyncClient) -> None:
    app.clock.set(2025, 1, 31)
    task = await make_task(ada)
    for _ in range(2):
        await start(ada, task)
        app.clock.advance(minutes=10)
        await ada.post("/api/v1/focus/stop")
    after = await get_task(ada, task["id"])
    assert (after["focus_time_seconds"], after["version"]) == (1200, task["version"])
    body = {"title": "Read before the session", "version": task["version"]}
    edited = data_of(await ada.patch(f"/api/v1/tasks/{task['id']}", json=body))
    assert edited["focus_time_seconds"] == 1200


async def test_clock_that_was_set_back_gives_no_negative_time(app: Served, ada: httpx2.AsyncClient) -> None:
    app.clock.set(2025, 1, 31, 10)
    task = await make_task(ada)
    await start(ada, task)
    app.clock.set(2025, 1, 31, 9)
    assert data_of(await ada.post("/api/v1/focus/stop"))["duration_seconds"] == 0
    assert (await get_task(ada, task["id"]))["focus_time_seconds"] == 0


async def test_second_session_waits_for_the_end_of_the_first(ada: httpx2.AsyncClient, bob: httpx2.AsyncClient) -> None:
    first, second = await make_task(ada), await make_task(ada)
    await start(ada, first)
    assert code_of(await start(ada, second)) == (409, "CONFLICT")
    assert code_of(await start(ada, first)) == (409, "CONFLICT")
    assert (await start(bob, await make_task(bob))).status_code == 201
    await ada.post("/api/v1/focus/stop")
    assert (await start(ada, second)).status_code == 201


async def test_nothing_to_stop_is_a_conflict(ada: httpx2.AsyncClient, bob: httpx2.AsyncClient) -> None:
    await start(ada, await make_task(ada))
    assert await active(bob) is None
    assert code_of(await bob.post("/api/v1/focus/stop")) == (409, "CONFLICT")


async def test_task_of_another_user_is_404(ada: httpx2.AsyncClient, bob: httpx2.AsyncClient) -> None:
    assert code_of(await start(bob, await make_task(ada))) == (404, "TASK_NOT_FOUND")


@pytest.mark.parametrize(("how", "code"), [("archive", "ARCHIVED"), ("complete", "CONFLICT")])
async def test_closed_task_takes_no_session(ada: httpx2.AsyncClient, how: str, code: str) -> None:
    task = await make_task(ada)
    await close(ada, task, how)
    assert code_of(await start(ada, task)) == (409, code)
    assert await active(ada) is None


@pytest.mark.parametrize("how", CLOSING)
async def test_closing_the_task_ends_its_session(app: Served, ada: httpx2.AsyncClient, how: str) -> None:
    app.clock.set(2025, 1, 31)
    task = await make_task(ada)
    await start(ada, task)
    app.clock.advance(minutes=10)
    await close(ada, task, how)
    assert await active(ada) is None
    after = await get_task(ada, task["id"])
    assert (after["focus_time_seconds"], after["version"]) == (600, task["version"] + 1)


async def test_closing_another_task_leaves_the_session(ada: httpx2.AsyncClient) -> None:
    task, other = await make_task(ada), await make_task(ada)
    running = data_of(await start(ada, task))
    await close(ada, other, "complete")
    assert await active(ada) == running


async def test_of_twenty_starts_one_wins(ada: httpx2.AsyncClient) -> None:
    tasks = [await make_task(ada) for _ in range(20)]
    answers = await asyncio.gather(*(start(ada, task) for task in tasks))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    assert {code_of(answer) for answer in answers if answer.status_code == 409} == {(409, "CONFLICT")}


async def test_of_twenty_stops_one_counts(app: Served, ada: httpx2.AsyncClient) -> None:
    app.clock.set(2025, 1, 31)
    task = await make_task(ada)
    await start(ada, task)
    app.clock.advance(minutes=10)
    answers = await asyncio.gather(*(ada.post("/api/v1/focus/stop") for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19
    assert (await get_task(ada, task["id"]))["focus_time_seconds"] == 600


@pytest.mark.parametrize("count", [0, 20])
async def test_active_costs_one_statement(app: Served, ada: httpx2.AsyncClient, count: int) -> None:
    task = await make_task(ada)
    for _ in range(count):
        await start(ada, task)
        await ada.post("/api/v1/focus/stop")
    with queries(app.database, at_most=1):
        assert await active(ada) is None


@pytest.mark.parametrize("count", [0, 20])
async def test_a_session_costs_the_same_after_any_number_of_them(
    app: Served, ada: httpx2.AsyncClient, count: int
) -> None:
    task = await make_task(ada)
    for _ in range(count):
        await start(ada, task)
        await ada.post("/api/v1/focus/stop")
    with queries(app.database, at_most=3):
        assert (await start(ada, task)).status_code == 201
    with queries(app.database, at_most=4):
        assert (await ada.post("/api/v1/focus/stop")).status_code == 200
