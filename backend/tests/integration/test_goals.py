"""Goals over HTTP, on both databases."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.answers import data_of, error_of, fields_of
from tests.factories.goals import (
    ACCEPTED,
    CHANGES,
    DEFAULTS,
    FILTERS,
    NULLABLE,
    REFUSED,
    REQUIRED,
    goal_body,
    make_goal,
)
from tests.harness import Served, queries

GOALS = "/api/v1/goals"


async def change(client: httpx2.AsyncClient, goal: dict[str, Any], /, **fields: Any) -> httpx2.Response:
    return await client.patch(f"{GOALS}/{goal['id']}", json={"version": goal["version"], **fields})


async def listed(client: httpx2.AsyncClient, /, **query: Any) -> list[str]:
    return [goal["id"] for goal in data_of(await client.get(GOALS, params=query))]


async def test_created_goal_is_what_get_and_the_listing_return(ada: httpx2.AsyncClient) -> None:
    body = await goal_body(ada)
    answer = await ada.post(GOALS, json=body)
    goal = data_of(answer)
    assert (answer.status_code, goal["version"]) == (201, 1)
    assert {field: goal[field] for field in body} == body
    assert goal["user_id"] == data_of(await ada.get("/api/v1/users/me"))["id"]
    assert (await ada.get(f"{GOALS}/{goal['id']}")).json() == {"data": goal}
    assert (await ada.get(GOALS)).json() == {
        "data": [goal],
        "pagination": {"offset": 0, "limit": 25, "total": 1, "has_more": False},
    }


@pytest.mark.parametrize("field", DEFAULTS)
async def test_field_that_is_left_out_gets_its_default(ada: httpx2.AsyncClient, field: str) -> None:
    body = await goal_body(ada)
    del body[field]
    assert data_of(await ada.post(GOALS, json=body))[field] == DEFAULTS[field]


@pytest.mark.parametrize("field", REQUIRED)
async def test_field_without_a_default_has_to_be_sent(ada: httpx2.AsyncClient, field: str) -> None:
    body = await goal_body(ada)
    del body[field]
    assert fields_of(await ada.post(GOALS, json=body)) == [field]


@pytest.mark.parametrize("case", ACCEPTED)
async def test_value_is_kept(ada: httpx2.AsyncClient, case: str) -> None:
    field, sent, answered = ACCEPTED[case]
    goal = await make_goal(ada, **{field: sent})
    assert goal[field] == answered
    assert data_of(await change(ada, goal, **{field: sent}))[field] == answered


@pytest.mark.parametrize("case", REFUSED)
async def test_value_that_cannot_be_kept_is_422(ada: httpx2.AsyncClient, case: str) -> None:
    field, value = REFUSED[case]
    assert fields_of(await ada.post(GOALS, json=await goal_body(ada, **{field: value}))) == [field]
    goal = await make_goal(ada)
    assert fields_of(await change(ada, goal, **{field: value})) == [field]
    assert data_of(await ada.get(f"{GOALS}/{goal['id']}")) == goal


@pytest.mark.parametrize("field", CHANGES)
async def test_change_of_a_field_leaves_the_others(ada: httpx2.AsyncClient, field: str) -> None:
    goal = await make_goal(ada)
    changed = data_of(await change(ada, goal, **{field: CHANGES[field]}))
    assert changed == {**goal, field: CHANGES[field], "version": 2, "updated_at": changed["updated_at"]}
    assert changed["updated_at"] > goal["updated_at"]
    assert data_of(await ada.get(f"{GOALS}/{goal['id']}")) == changed


@pytest.mark.parametrize("field", NULLABLE)
async def test_null_clears_a_field_that_may_be_empty(ada: httpx2.AsyncClient, field: str) -> None:
    goal = await make_goal(ada)
    cleared = data_of(await change(ada, goal, **{field: None}))
    assert (cleared[field], cleared["version"]) == (None, 2)


@pytest.mark.parametrize("field", ["id", "user_id", "created_at", "updated_at", "nothing"])
async def test_field_that_is_not_the_clients_is_422(ada: httpx2.AsyncClient, field: str) -> None:
    assert fields_of(await ada.post(GOALS, json=await goal_body(ada, **{field: 1}))) == [field]
    assert fields_of(await change(ada, await make_goal(ada), **{field: 1})) == [field]


async def test_version_is_required_and_a_stale_one_changes_nothing(ada: httpx2.AsyncClient) -> None:
    goal = await make_goal(ada)
    path = f"{GOALS}/{goal['id']}"
    assert fields_of(await ada.patch(path, json=CHANGES)) == ["version"]
    changed = data_of(await change(ada, goal, **CHANGES))
    error_of(await change(ada, goal, **CHANGES), 409, "CONFLICT")
    for version in (99, 2**63 - 1):
        error_of(await ada.patch(path, json={"version": version}), 409, "CONFLICT")
    assert data_of(await ada.get(path)) == changed


async def test_of_twenty_writes_with_one_version_one_wins(ada: httpx2.AsyncClient) -> None:
    goal = await make_goal(ada)
    answers = await asyncio.gather(*(change(ada, goal, **CHANGES) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19


async def test_deleted_goal_is_gone(ada: httpx2.AsyncClient) -> None:
    kept, goal = await make_goal(ada), await make_goal(ada)
    path = f"{GOALS}/{goal['id']}"
    answer = await ada.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    error_of(await ada.get(path), 404, "NOT_FOUND")
    error_of(await change(ada, goal, **CHANGES), 404, "NOT_FOUND")
    error_of(await ada.delete(path), 404, "NOT_FOUND")
    assert await listed(ada) == [kept["id"]]


async def test_nothing_of_another_user_can_be_seen_or_changed(ada: httpx2.AsyncClient, bob: httpx2.AsyncClient) -> None:
    goal = await make_goal(ada)
    path = f"{GOALS}/{goal['id']}"
    error_of(await bob.get(path), 404, "NOT_FOUND")
    error_of(await change(bob, goal, **CHANGES), 404, "NOT_FOUND")
    error_of(await bob.delete(path), 404, "NOT_FOUND")
    assert await listed(bob) == []
    assert data_of(await ada.get(path)) == goal


async def test_goal_that_does_not_exist_is_404(ada: httpx2.AsyncClient) -> None:
    error_of(await ada.get(f"{GOALS}/{uuid4()}"), 404, "NOT_FOUND")


async def test_listing_is_cut_into_pages_newest_first(ada: httpx2.AsyncClient) -> None:
    made = [(await make_goal(ada))["id"] for _ in range(5)]
    page = (await ada.get(GOALS, params={"offset": 1, "limit": 2})).json()
    assert [goal["id"] for goal in page["data"]] == made[3:1:-1]
    assert page["pagination"] == {"offset": 1, "limit": 2, "total": 5, "has_more": True}
    last = (await ada.get(GOALS, params={"offset": 3, "limit": 2})).json()
    assert [goal["id"] for goal in last["data"]] == made[1::-1]
    assert last["pagination"]["has_more"] is False


@pytest.mark.parametrize("field", FILTERS)
async def test_listing_is_filtered(ada: httpx2.AsyncClient, field: str) -> None:
    first, second = await make_goal(ada), await make_goal(ada, **CHANGES)
    assert await listed(ada) == [second["id"], first["id"]]
    assert await listed(ada, **{field: first[field]}) == [first["id"]]
    assert await listed(ada, **{field: second[field]}) == [second["id"]]


async def test_repeated_request_makes_one_goal(ada: httpx2.AsyncClient) -> None:
    body, headers = await goal_body(ada), {"Idempotency-Key": str(uuid4())}
    first, second = [await ada.post(GOALS, json=body, headers=headers) for _ in range(2)]
    assert (second.status_code, second.content) == (201, first.content)
    assert await listed(ada) == [data_of(first)["id"]]


@pytest.mark.parametrize("count", [1, 10])
async def test_reading_costs_the_same_for_any_number_of_goals(app: Served, ada: httpx2.AsyncClient, count: int) -> None:
    goal = [await make_goal(ada) for _ in range(count)][-1]
    with queries(app.database, at_most=1):
        assert (await ada.get(f"{GOALS}/{goal['id']}")).status_code == 200
    with queries(app.database, at_most=2):
        assert (await ada.get(GOALS)).status_code == 200
