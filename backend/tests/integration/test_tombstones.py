"""Deletion and recovery over HTTP, on both databases."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from sqlmodel import col, select

from src.models.focus import FocusSession
from src.services import tombstones
from tests.harness import Served, queries

TASKS, TOMBSTONES = "/api/v1/tasks", "/api/v1/tombstones"
NOTES, FREE_MAX_NOTES = "/api/v1/notes", 10
FREE_MAX_TASKS = 50
WEEK = 7 * 24 * 3600


async def make(client: httpx2.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]


async def make_task(client: httpx2.AsyncClient, subtasks: int = 0) -> str:
    """The path of a task in which no field has its default."""
    fields = {"title": "Größe", "description": "a\nb", "priority": "high", "estimated_duration": 90}
    task = await make(client, TASKS, **fields, due_date="2030-01-01T00:00:00.123456+05:00")
    for n in range(subtasks):
        await make(client, f"{TASKS}/{task['id']}/subtasks", title=f"step {n}", source="ai")
    return f"{TASKS}/{task['id']}"


async def make_note(client: httpx2.AsyncClient, content: str) -> str:
    return f"{NOTES}/{(await make(client, NOTES, content=content))['id']}"


async def delete(client: httpx2.AsyncClient, path: str) -> str:
    """Delete what is at *path* and return the path of its recovery."""
    answer = await client.delete(path)
    assert answer.status_code == 200, answer.text
    return f"{TOMBSTONES}/{answer.json()['data']['tombstone_id']}/recover"


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def outcome(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_deleted_task_comes_back_byte_for_byte(ada: httpx2.AsyncClient) -> None:
    path = await make_task(ada, subtasks=3)
    await ada.patch(path, json={"title": "Größer", "version": 1})
    before = (await ada.get(path)).content
    recovery = await delete(ada, path)
    assert outcome(await ada.get(path)) == (404, "TASK_NOT_FOUND")
    answer = await ada.post(recovery)
    assert (answer.status_code, answer.json()) == (
        200,
        {"data": {"entity_type": "task", "entity_id": path.rpartition("/")[2]}},
    )
    assert (await ada.get(path)).content == before


async def test_deleted_note_comes_back_byte_for_byte(ada: httpx2.AsyncClient) -> None:
    path = await make_note(ada, "  a\nb ")
    await ada.patch(path, json={"archived": True, "version": 1})
    before = (await ada.get(path)).content
    recovery = await delete(ada, path)
    assert outcome(await ada.get(path)) == (404, "NOT_FOUND")
    assert (await ada.post(recovery)).json()["data"]["entity_type"] == "note"
    assert (await ada.get(path)).content == before


async def test_recovered_task_takes_the_version_it_had(ada: httpx2.AsyncClient) -> None:
    path = await make_task(ada)
    await ada.post(await delete(ada, path))
    changed = await ada.patch(path, json={"title": "again", "version": 1})
    assert (changed.status_code, changed.json()["data"]["version"]) == (200, 2)


async def test_receipt_says_how_long_the_row_can_be_recovered(app: Served, ada: httpx2.AsyncClient) -> None:
    path = await make_task(ada)
    app.clock.set(2099, 1, 31, 23, 59, 30)
    client = await app.sign_in("ada")
    receipt = (await client.delete(path)).json()["data"]
    assert receipt == {"tombstone_id": receipt["tombstone_id"], "recoverable_until": "2099-02-07T23:59:30Z"}
    assert (await client.get(TOMBSTONES)).json()["data"] == [
        {
            "id": receipt["tombstone_id"],
            "entity_type": "task",
            "entity_id": path.rpartition("/")[2],
            "deleted_at": "2099-01-31T23:59:30Z",
            "recoverable_until": "2099-02-07T23:59:30Z",
        }
    ]
    await client.aclose()


async def test_listing_shows_the_last_deletion_first_and_pages(ada: httpx2.AsyncClient) -> None:
    paths = [await make_task(ada) for _ in range(3)]
    for path in paths:
        await ada.delete(path)
    page = (await ada.get(TOMBSTONES, params={"limit": 2})).json()
    assert [f"{TASKS}/{tombstone['entity_id']}" for tombstone in page["data"]] == [paths[2], paths[1]]
    assert page["pagination"] == {"offset": 0, "limit": 2, "total": 3, "has_more": True}


@pytest.mark.parametrize(("late", "listed", "status"), [(-1, 1, 200), (0, 0, 404), (1, 0, 404)])
async def test_recovery_ends_at_its_instant(
    app: Served, ada: httpx2.AsyncClient, late: int, listed: int, status: int
) -> None:
    path = await make_task(ada)
    app.clock.set(2099, 1, 1)
    deleting = await app.sign_in("ada")
    recovery = await delete(deleting, path)
    app.clock.advance(seconds=WEEK + late)
    returning = await app.sign_in("ada")
    assert (await returning.get(TOMBSTONES)).json()["pagination"]["total"] == listed
    assert (await returning.post(recovery)).status_code == status
    await deleting.aclose()
    await returning.aclose()


async def test_sweep_deletes_the_expired_and_nothing_else(app: Served, ada: httpx2.AsyncClient) -> None:
    for _ in range(2):
        await ada.delete(await make_task(ada))
    (first, second) = (await ada.get(TOMBSTONES)).json()["data"]
    assert first["recoverable_until"] > second["recoverable_until"]
    async with app.database.transaction() as session:
        assert await tombstones.sweep(session, now=instant(second["recoverable_until"]), limit=100) == 1
    assert (await ada.get(TOMBSTONES)).json()["data"] == [first]


async def test_second_recovery_is_404(ada: httpx2.AsyncClient) -> None:
    recovery = await delete(ada, await make_task(ada))
    assert (await ada.post(recovery)).status_code == 200
    assert outcome(await ada.post(recovery)) == (404, "NOT_FOUND")
    assert (await ada.get(TOMBSTONES)).json()["data"] == []


async def test_tombstone_of_another_user_is_404(ada: httpx2.AsyncClient, bob: httpx2.AsyncClient) -> None:
    recovery = await delete(ada, await make_task(ada))
    assert outcome(await bob.post(recovery)) == (404, "NOT_FOUND")
    assert outcome(await bob.post(f"{TOMBSTONES}/{uuid4()}/recover")) == (404, "NOT_FOUND")
    assert (await bob.get(TOMBSTONES)).json()["pagination"]["total"] == 0
    assert (await ada.post(recovery)).status_code == 200


async def test_of_twenty_recoveries_at_once_one_wins(ada: httpx2.AsyncClient) -> None:
    path = await make_task(ada, subtasks=2)
    before = (await ada.get(path)).content
    recovery = await delete(ada, path)
    answers = await asyncio.gather(*(ada.post(recovery) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [404] * 19
    assert (await ada.get(path)).content == before


async def test_of_twenty_deletions_at_once_one_leaves_a_tombstone(ada: httpx2.AsyncClient) -> None:
    path = await make_task(ada, subtasks=2)
    answers = await asyncio.gather(*(ada.delete(path) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [404] * 19
    assert (await ada.get(TOMBSTONES)).json()["pagination"]["total"] == 1


async def test_subtasks_that_race_a_deletion_are_in_the_snapshot_or_refused(ada: httpx2.AsyncClient) -> None:
    path = await make_task(ada)
    creations = [ada.post(f"{path}/subtasks", json={"title": str(n)}) for n in range(4)]
    *created, deleted = await asyncio.gather(*creations, ada.delete(path))
    kept = [answer.json()["data"] for answer in created if answer.status_code == 201]
    assert [outcome(answer) for answer in created if answer.status_code != 201] == [(404, "TASK_NOT_FOUND")] * (
        4 - len(kept)
    )
    await ada.post(f"{TOMBSTONES}/{deleted.json()['data']['tombstone_id']}/recover")
    subtasks = (await ada.get(path)).json()["data"]["subtasks"]
    assert sorted(subtask["id"] for subtask in subtasks) == sorted(subtask["id"] for subtask in kept)


async def test_recovered_note_needs_room(ada: httpx2.AsyncClient) -> None:
    recovery = await delete(ada, await make_note(ada, "lost"))
    kept = [await make_note(ada, str(n)) for n in range(FREE_MAX_NOTES)]
    assert outcome(await ada.post(recovery)) == (409, "LIMIT_EXCEEDED")
    assert (await ada.get(TOMBSTONES)).json()["pagination"]["total"] == 1
    await ada.patch(kept[0], json={"archived": True, "version": 1})
    assert (await ada.post(recovery)).status_code == 200


async def test_recovered_archived_note_needs_no_room(ada: httpx2.AsyncClient) -> None:
    path = await make_note(ada, "lost")
    await ada.patch(path, json={"archived": True, "version": 1})
    recovery = await delete(ada, path)
    for n in range(FREE_MAX_NOTES):
        await make_note(ada, str(n))
    assert (await ada.post(recovery)).status_code == 200


async def test_recoveries_at_once_stop_at_the_limit(ada: httpx2.AsyncClient) -> None:
    recoveries = [await delete(ada, await make_task(ada)) for _ in range(10)]
    for _ in range(FREE_MAX_TASKS - 3):
        await make(ada, TASKS, title="one of many")
    answers = await asyncio.gather(*(ada.post(recovery) for recovery in recoveries))
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [409] * 7


@pytest.mark.parametrize("count", [1, 30])
async def test_listing_costs_the_same_for_any_number_of_tombstones(
    app: Served, ada: httpx2.AsyncClient, count: int
) -> None:
    for _ in range(count):
        await ada.delete(await make_task(ada, subtasks=1))
    with queries(app.database, at_most=2):
        assert (await ada.get(TOMBSTONES)).status_code == 200


@pytest.mark.parametrize("subtasks", [1, 4])
async def test_deletion_and_recovery_cost_the_same_for_any_number_of_children(
    app: Served, ada: httpx2.AsyncClient, subtasks: int
) -> None:
    path = await make_task(ada, subtasks)
    with queries(app.database, at_most=9):
        recovery = await delete(ada, path)
    with queries(app.database, at_most=7):
        assert (await ada.post(recovery)).status_code == 200


async def test_completed_task_comes_back_completed(ada: httpx2.AsyncClient) -> None:
    path = await make_task(ada, subtasks=2)
    await ada.post(f"{path}/force-complete", json={"version": 1})
    before = (await ada.get(path)).content
    await ada.post(await delete(ada, path))
    assert (await ada.get(path)).content == before
    await ada.post(f"{path}/reopen", json={"version": 2})
    assert (await ada.post(f"{path}/complete", json={"version": 3})).json()["task"]["completed"]


async def test_recovered_task_is_counted_once(ada: httpx2.AsyncClient) -> None:
    path = await make_task(ada)
    await ada.post(f"{path}/complete", json={"version": 1})
    stats = (await ada.get("/api/v1/achievements/me")).json()
    assert stats["data"]["stats"]["lifetime_tasks_completed"] == 1
    await ada.post(await delete(ada, path))
    await ada.post(f"{path}/reopen", json={"version": 2})
    assert (await ada.post(f"{path}/complete", json={"version": 3})).json()["unlocked_achievements"] == []
    assert (await ada.get("/api/v1/achievements/me")).json() == stats


async def test_recovered_open_task_needs_room_and_a_completed_one_does_not(ada: httpx2.AsyncClient) -> None:
    done = await make_task(ada)
    await ada.post(f"{done}/complete", json={"version": 1})
    recoveries = [await delete(ada, path) for path in (done, await make_task(ada))]
    for _ in range(FREE_MAX_TASKS):
        await make(ada, TASKS, title="one of many")
    completed, opened = [await ada.post(recovery) for recovery in recoveries]
    assert completed.status_code == 200
    assert outcome(opened) == (409, "LIMIT_EXCEEDED")
    assert "max_tasks" in opened.json()["error"]["message"]


async def test_focus_sessions_of_a_task_come_back_with_it(app: Served, ada: httpx2.AsyncClient) -> None:
    path = await make_task(ada)
    await focus(ada, path)
    await ada.post("/api/v1/focus/stop")
    before = await sessions(app)
    assert len(before) == 1
    recovery = await delete(ada, path)
    assert await sessions(app) == []
    await ada.post(recovery)
    assert await sessions(app) == before


async def test_running_focus_session_ends_with_its_task_and_its_time_is_kept(
    app: Served, ada: httpx2.AsyncClient
) -> None:
    path = await make_task(ada)
    app.clock.set(2099, 1, 1)
    client = await app.sign_in("ada")
    await focus(client, path)
    app.clock.advance(minutes=5)
    recovery = await delete(client, path)
    assert (await client.get("/api/v1/focus/active")).json() == {"data": None}
    await focus(client, await make_task(client))
    await client.post(recovery)
    task = (await client.get(path)).json()["data"]
    assert (task["focus_time_seconds"], task["version"]) == (300, 1)
    assert [session["ended_at"] for session in await sessions(app)] == [app.clock.now(), None]
    await client.aclose()


async def test_deleting_one_task_leaves_the_focus_on_another_running(ada: httpx2.AsyncClient) -> None:
    started = await focus(ada, await make_task(ada))
    await delete(ada, await make_task(ada))
    assert (await ada.get("/api/v1/focus/active")).json() == {"data": started}


async def focus(client: httpx2.AsyncClient, path: str) -> dict[str, Any]:
    return await make(client, "/api/v1/focus/start", task_id=path.rpartition("/")[2])


async def sessions(app: Served) -> list[dict[str, Any]]:
    """Every focus session as the database has it: all columns, the first started first."""
    async with app.database.reader() as session:
        rows = await session.exec(select(FocusSession).order_by(col(FocusSession.started_at)))
        return [row.model_dump() for row in rows]
