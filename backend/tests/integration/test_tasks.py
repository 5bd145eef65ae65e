"""Tasks over HTTP, on both databases."""

import asyncio
from typing import Any

import httpx2
import pytest

from tests.factories import make_pro
from tests.harness import Served, queries


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
