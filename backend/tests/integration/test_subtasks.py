"""Subtasks: owned through their task, in an order without gaps, whatever happens at once."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.answers import error_of, fields_of
from tests.harness import Served, queries
from tests.integration.test_tasks import create


async def add(client: httpx2.AsyncClient, task: dict[str, Any], title: str, **fields: Any) -> dict[str, Any]:
    answer = await client.post(f"/api/v1/tasks/{task['id']}/subtasks", json={"title": title, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]


async def order(client: httpx2.AsyncClient, task: dict[str, Any]) -> list[tuple[int, str]]:
    detail = (await client.get(f"/api/v1/tasks/{task['id']}")).json()["data"]
    return [(subtask["order_index"], subtask["title"]) for subtask in detail["subtasks"]]


async def reorder(client: httpx2.AsyncClient, task: dict[str, Any], ids: list[str]) -> httpx2.Response:
    return await client.put(f"/api/v1/tasks/{task['id']}/subtasks/reorder", json={"subtask_ids": ids})


async def test_subtask_is_appended_and_counted(ada: httpx2.AsyncClient) -> None:
    task = await create(ada)
    first, second = await add(ada, task, " one "), await add(ada, task, "two", source="ai")
    assert (first["title"], first["order_index"], first["source"], first["completed"]) == ("one", 0, "user", False)
    assert (second["order_index"], second["source"], second["task_id"]) == (1, "ai", task["id"])
    detail = (await ada.get(f"/api/v1/tasks/{task['id']}")).json()["data"]
    assert detail["subtasks"] == [first, second]
    assert (detail["subtask_count"], detail["subtask_completed_count"]) == (2, 0)


async def test_deletion_closes_the_gap(ada: httpx2.AsyncClient) -> None:
    task = await create(ada)
    made = [await add(ada, task, title) for title in "abc"]
    assert (await ada.delete(f"/api/v1/subtasks/{made[0]['id']}")).content == b""
    assert await order(ada, task) == [(0, "b"), (1, "c")]
    error_of(await ada.delete(f"/api/v1/subtasks/{made[0]['id']}"), 404, "NOT_FOUND")


async def test_new_order_is_the_answer_and_stays(ada: httpx2.AsyncClient) -> None:
    task = await create(ada)
    a, b, c = [(await add(ada, task, title))["id"] for title in "abc"]
    answer = await reorder(ada, task, [c, a, b])
    assert [(item["order_index"], item["title"]) for item in answer.json()["data"]] == [(0, "c"), (1, "a"), (2, "b")]
    assert await order(ada, task) == [(0, "c"), (1, "a"), (2, "b")]


async def test_order_must_name_every_subtask_once(ada: httpx2.AsyncClient) -> None:
    task, other = await create(ada), await create(ada)
    a, b = [(await add(ada, task, title))["id"] for title in "ab"]
    foreign = (await add(ada, other, "x"))["id"]
    for ids in ([], [a], [a, a], [a, b, b], [a, b, foreign], [a, foreign], [a, str(uuid4())]):
        assert fields_of(await reorder(ada, task, ids)) == ["subtask_ids"]
    assert await order(ada, task) == [(0, "a"), (1, "b")]


async def test_subtask_of_another_user_is_404(ada: httpx2.AsyncClient, bob: httpx2.AsyncClient) -> None:
    task = await create(ada)
    subtask = await add(ada, task, "a")
    path = f"/api/v1/subtasks/{subtask['id']}"
    error_of(await bob.patch(path, json={"title": "mine"}), 404, "NOT_FOUND")
    error_of(await bob.delete(path), 404, "NOT_FOUND")
    error_of(await bob.post(f"/api/v1/tasks/{task['id']}/subtasks", json={"title": "x"}), 404, "TASK_NOT_FOUND")
    error_of(await reorder(bob, task, [subtask["id"]]), 404, "TASK_NOT_FOUND")
    assert await order(ada, task) == [(0, "a")]


@pytest.mark.parametrize("body", [{"title": None}, {"title": ""}, {"title": "x" * 201}, {"title": "a\0"}], ids=str)
async def test_invalid_title_is_422(ada: httpx2.AsyncClient, body: dict[str, Any]) -> None:
    task = await create(ada)
    path = f"/api/v1/subtasks/{(await add(ada, task, 'a'))['id']}"
    assert fields_of(await ada.patch(path, json=body)) == ["title"]
    assert (await ada.patch(path, json={})).json()["data"]["title"] == "a"


async def test_archived_task_lets_nobody_touch_its_subtasks(ada: httpx2.AsyncClient) -> None:
    task = await create(ada)
    subtask = await add(ada, task, "a")
    await ada.patch(f"/api/v1/tasks/{task['id']}", json={"archived": True, "version": 1})
    path = f"/api/v1/subtasks/{subtask['id']}"
    error_of(await ada.patch(path, json={"title": "b"}), 409, "ARCHIVED")
    error_of(await ada.delete(path), 409, "ARCHIVED")
    error_of(await ada.post(f"/api/v1/tasks/{task['id']}/subtasks", json={"title": "x"}), 409, "ARCHIVED")
    error_of(await reorder(ada, task, [subtask["id"]]), 409, "ARCHIVED")


async def test_order_stays_gapless_while_everything_happens_at_once(ada: httpx2.AsyncClient) -> None:
    task = await create(ada)
    made = [(await add(ada, task, title))["id"] for title in "abcd"]
    await asyncio.gather(
        *(reorder(ada, task, [*made[turn:], *made[:turn]]) for turn in range(4)),
        *(ada.delete(f"/api/v1/subtasks/{subtask_id}") for subtask_id in made[:2]),
        *(ada.post(f"/api/v1/tasks/{task['id']}/subtasks", json={"title": "new"}) for _ in range(6)),
        *(reorder(ada, task, made[::-1]) for _ in range(4)),
    )
    places = [place for place, _ in await order(ada, task)]
    assert places == list(range(len(places)))
    assert 2 <= len(places) <= 4


async def test_field_in_a_list_is_named_by_its_place(ada: httpx2.AsyncClient) -> None:
    assert fields_of(await reorder(ada, await create(ada), ["x"])) == ["subtask_ids.0"]


@pytest.mark.parametrize("count", [1, 3])
async def test_changes_cost_the_same_for_any_number_of_subtasks(
    app: Served, ada: httpx2.AsyncClient, count: int
) -> None:
    task = await create(ada)
    made = [(await add(ada, task, str(number)))["id"] for number in range(count)]
    with queries(app.database, at_most=4):
        made.append((await add(ada, task, "last"))["id"])
    with queries(app.database, at_most=5):
        assert (await reorder(ada, task, made[::-1])).status_code == 200
    with queries(app.database, at_most=5):
        assert (await ada.patch(f"/api/v1/subtasks/{made[0]}", json={"title": "new"})).status_code == 200
    with queries(app.database, at_most=6):
        assert (await ada.delete(f"/api/v1/subtasks/{made[0]}")).status_code == 204
