"""Tasks over HTTP, on both databases."""

import asyncio
from typing import Any

import httpx2
import pytest

from tests.answers import error_of, fields_of
from tests.factories.users import make_pro
from tests.harness import Served, queries, statements


async def create(client: httpx2.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await client.post("/api/v1/tasks", json={"title": "Write", **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]


async def test_created_task_is_what_get_returns(ada: httpx2.AsyncClient) -> None:
    made = await create(ada, title="  Write  ", due_date="2024-01-15T10:30:00+05:00")
    assert made["title"] == "Write"
    assert made["due_date"] == "2024-01-15T05:30:00Z"
    assert made["created_at"].endswith("Z")
    got = (await ada.get(f"/api/v1/tasks/{made['id']}")).json()["data"]
    assert got == {**made, "subtasks": []}


async def test_task_of_another_user_is_404(ada: httpx2.AsyncClient, bob: httpx2.AsyncClient) -> None:
    made = await create(ada)
    answer = await bob.get(f"/api/v1/tasks/{made['id']}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "TASK_NOT_FOUND"


async def test_of_twenty_writes_with_one_version_one_wins(ada: httpx2.AsyncClient) -> None:
    made = await create(ada)
    writes = (ada.patch(f"/api/v1/tasks/{made['id']}", json={"title": str(n), "version": 1}) for n in range(20))
    statuses = sorted(answer.status_code for answer in await asyncio.gather(*writes))
    assert statuses == [200] + [409] * 19


async def test_subtasks_stay_gapless_under_concurrent_changes(app: Served, ada: httpx2.AsyncClient) -> None:
    await make_pro(app, "ada")
    task = await create(ada)
    path = f"/api/v1/tasks/{task['id']}"
    first = [(await ada.post(f"{path}/subtasks", json={"title": str(n)})).json()["data"]["id"] for n in range(4)]
    await asyncio.gather(
        *(ada.delete(f"/api/v1/subtasks/{subtask_id}") for subtask_id in first[:2]),
        *(ada.post(f"{path}/subtasks", json={"title": "new"}) for _ in range(2)),
    )
    left = (await ada.get(path)).json()["data"]["subtasks"]
    assert [subtask["order_index"] for subtask in left] == [0, 1, 2, 3]


@pytest.mark.parametrize("count", [1, 30])
async def test_reading_costs_the_same_for_any_number_of_rows(app: Served, ada: httpx2.AsyncClient, count: int) -> None:
    task = [await create(ada) for _ in range(count)][-1]
    await ada.post(f"/api/v1/tasks/{task['id']}/subtasks", json={"title": "step"})
    with queries(app.database, at_most=1):
        assert (await ada.get(f"/api/v1/tasks/{task['id']}")).status_code == 200
    with queries(app.database, at_most=2):
        assert (await ada.get("/api/v1/tasks")).status_code == 200


async def test_listing_is_cut_into_pages_newest_first(ada: httpx2.AsyncClient) -> None:
    made = [(await create(ada, title=str(n)))["id"] for n in range(5)]
    answer = (await ada.get("/api/v1/tasks", params={"offset": 1, "limit": 2})).json()
    assert [task["id"] for task in answer["data"]] == made[3:1:-1]
    assert answer["pagination"] == {"offset": 1, "limit": 2, "total": 5, "has_more": True}
    last = (await ada.get("/api/v1/tasks", params={"offset": 3, "limit": 2})).json()
    assert [task["id"] for task in last["data"]] == made[1::-1]
    assert last["pagination"]["has_more"] is False


@pytest.mark.parametrize("body", [{"title": "Rewrite"}, {}])
async def test_change_raises_version_and_time_of_the_change(ada: httpx2.AsyncClient, body: dict[str, Any]) -> None:
    made = await create(ada)
    changed = (await ada.patch(f"/api/v1/tasks/{made['id']}", json={**body, "version": 1})).json()["data"]
    assert changed["version"] == 2
    assert changed["updated_at"] > made["updated_at"]


NOON = "2024-01-15T12:00:00Z"


async def change(client: httpx2.AsyncClient, task: dict[str, Any], **fields: Any) -> httpx2.Response:
    return await client.patch(f"/api/v1/tasks/{task['id']}", json={"version": task["version"], **fields})


async def test_omitted_field_stays_and_null_clears(ada: httpx2.AsyncClient) -> None:
    task = await create(ada, description="d", priority="high", due_date=NOON, estimated_duration=30)
    renamed = (await change(ada, task, title="Read")).json()["data"]
    kept = {
        name: value for name, value in renamed.items() if name not in {"title", "version", "updated_at", "subtasks"}
    }
    assert kept == {name: task[name] for name in kept}
    assert (renamed["title"], renamed["version"]) == ("Read", 2)
    cleared = (await change(ada, renamed, due_date=None, estimated_duration=None)).json()["data"]
    assert (cleared["due_date"], cleared["estimated_duration"], cleared["version"]) == (None, None, 3)


@pytest.mark.parametrize("field", ["title", "description", "priority", "archived"])
async def test_null_for_a_field_that_is_never_empty_is_422(ada: httpx2.AsyncClient, field: str) -> None:
    task = await create(ada)
    assert fields_of(await change(ada, task, **{field: None})) == [field]
    assert (await ada.get(f"/api/v1/tasks/{task['id']}")).json()["data"]["version"] == 1


@pytest.mark.parametrize("field", ["completed", "user_id", "id", "created_at", "subtask_count", "nothing"])
async def test_field_that_cannot_be_changed_is_422(ada: httpx2.AsyncClient, field: str) -> None:
    assert fields_of(await change(ada, await create(ada), **{field: 1})) == [field]


async def test_version_is_required_and_a_stale_one_changes_nothing(ada: httpx2.AsyncClient) -> None:
    task = await create(ada)
    path = f"/api/v1/tasks/{task['id']}"
    assert fields_of(await ada.patch(path, json={"title": "x"})) == ["version"]
    assert (await change(ada, task, title="first")).status_code == 200
    error_of(await change(ada, task, title="second"), 409, "CONFLICT")
    error_of(await ada.patch(path, json={"title": "third", "version": 99}), 409, "CONFLICT")
    assert (await ada.get(path)).json()["data"]["title"] == "first"


async def test_nothing_of_another_user_can_be_seen_or_changed(ada: httpx2.AsyncClient, bob: httpx2.AsyncClient) -> None:
    task = await create(ada)
    path = f"/api/v1/tasks/{task['id']}"
    error_of(await bob.patch(path, json={"title": "mine", "version": 1}), 404, "TASK_NOT_FOUND")
    error_of(await bob.delete(path), 404, "TASK_NOT_FOUND")
    assert (await bob.get("/api/v1/tasks")).json()["pagination"]["total"] == 0
    assert (await ada.get(path)).json()["data"]["title"] == task["title"]


async def test_archived_task_is_read_only_until_it_is_unarchived(ada: httpx2.AsyncClient) -> None:
    task = await create(ada)
    archived = (await change(ada, task, archived=True)).json()["data"]
    error_of(await change(ada, archived, title="x"), 409, "ARCHIVED")
    error_of(await change(ada, archived, archived=True), 409, "ARCHIVED")
    back = (await change(ada, archived, archived=False, title="x")).json()["data"]
    assert (back["archived"], back["title"], back["version"]) == (False, "x", 3)


async def test_filters_combine(ada: httpx2.AsyncClient) -> None:
    early = await create(ada, priority="high", due_date="2024-01-14T12:00:00Z")
    late = await create(ada, priority="high", due_date="2024-01-16T12:00:00Z")
    low = await create(ada, priority="low")
    hidden = await create(ada)
    await change(ada, hidden, archived=True)

    async def found(**query: Any) -> list[str]:
        return [task["id"] for task in (await ada.get("/api/v1/tasks", params=query)).json()["data"]]

    assert await found() == [low["id"], late["id"], early["id"]]
    assert await found(priority="high") == [late["id"], early["id"]]
    assert await found(due_before=NOON) == [early["id"]]
    assert await found(due_after="2024-01-15T14:00:00+02:00", priority="high") == [late["id"]]
    assert await found(due_before="2024-01-14T12:00:00Z") == []
    assert await found(archived="true") == [hidden["id"]]
    assert await found(completed="true") == []


async def test_reading_tasks_asks_nothing_of_the_users(app: Served, ada: httpx2.AsyncClient) -> None:
    task = await create(ada)
    with statements(app.database) as seen:
        await ada.get(f"/api/v1/tasks/{task['id']}")
        await ada.get("/api/v1/tasks")
    assert seen
    assert [statement for statement in seen if "users" in statement] == []


INVALID_DURATIONS: dict[str, bytes] = {
    "not a number": b"NaN",
    "infinity": b"1e999",
    "fraction": b"1.0",
    "number as text": b'"1"',
    "truth as a number": b"true",
    "beyond 64 bits": b"9223372036854775808",
    "zero minutes": b"0",
}


@pytest.mark.parametrize("value", INVALID_DURATIONS.values(), ids=INVALID_DURATIONS)
async def test_duration_that_is_none_is_422(ada: httpx2.AsyncClient, value: bytes) -> None:
    body = b'{"title":"a","estimated_duration":%b}' % value
    answer = await ada.post("/api/v1/tasks", content=body, headers={"Content-Type": "application/json"})
    assert fields_of(answer) == ["estimated_duration"]


QUERIES = {
    "priority=HIGH": "priority",
    "completed=maybe": "completed",
    "due_before=2024-01-15T10:30:00": "due_before",
    "due_after=1700000000": "due_after",
    "due_after=%00": "due_after",
    "complete=true": "complete",
}


@pytest.mark.parametrize(("query", "field"), QUERIES.items(), ids=QUERIES)
async def test_invalid_filter_is_422_by_name(ada: httpx2.AsyncClient, query: str, field: str) -> None:
    assert fields_of(await ada.get(f"/api/v1/tasks?{query}")) == [field]


@pytest.mark.parametrize("count", [0, 20])
async def test_writing_costs_the_same_for_any_number_of_rows(app: Served, ada: httpx2.AsyncClient, count: int) -> None:
    for number in range(count):
        await create(ada, title=str(number))
    with queries(app.database, at_most=5):
        task = await create(ada)
    with queries(app.database, at_most=4):
        answer = await ada.patch(f"/api/v1/tasks/{task['id']}", json={"title": "Write more", "version": 1})
    assert answer.status_code == 200
