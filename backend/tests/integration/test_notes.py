"""Notes over HTTP, on both databases."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.harness import Served, queries

NOTES = "/api/v1/notes"


async def write(client: httpx2.AsyncClient, content: str = "Buy milk\nTwo litres") -> dict[str, Any]:
    answer = await client.post(NOTES, json={"content": content})
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]


async def archive(client: httpx2.AsyncClient, note: dict[str, Any], archived: bool = True) -> httpx2.Response:  # noqa: FBT001, FBT002 the flag is the whole request
    return await client.patch(f"{NOTES}/{note['id']}", json={"archived": archived, "version": note["version"]})


async def convert(client: httpx2.AsyncClient, note: dict[str, Any], **body: Any) -> httpx2.Response:
    return await client.post(f"{NOTES}/{note['id']}/convert", json=body)


def outcome(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_created_note_is_what_get_and_the_listing_return(ada: httpx2.AsyncClient) -> None:
    note = await write(ada, "  keep my blanks \n")
    assert set(note) == {"id", "user_id", "content", "archived", "version", "created_at", "updated_at"}
    assert (note["content"], note["archived"], note["version"]) == ("  keep my blanks \n", False, 1)
    assert (await ada.get(f"{NOTES}/{note['id']}")).json() == {"data": note}
    assert (await ada.get(NOTES)).json() == {
        "data": [note],
        "pagination": {"offset": 0, "limit": 25, "total": 1, "has_more": False},
    }


async def test_listing_is_newest_first_and_keeps_the_archive_apart(ada: httpx2.AsyncClient) -> None:
    first, second, third = [await write(ada, content) for content in ("first", "second", "third")]
    await archive(ada, second)
    listed = (await ada.get(NOTES, params={"limit": 1})).json()
    assert ([note["id"] for note in listed["data"]], listed["pagination"]["total"]) == ([third["id"]], 2)
    assert [note["id"] for note in (await ada.get(NOTES, params={"offset": 1})).json()["data"]] == [first["id"]]
    archived = (await ada.get(NOTES, params={"archived": True})).json()["data"]
    assert [note["id"] for note in archived] == [second["id"]]


@pytest.mark.parametrize("content", ["", " \n\t ", "x" * 2001, "a\0b", "\x85\x1f\ufeff", None, 1])
async def test_content_that_cannot_be_kept_is_422(ada: httpx2.AsyncClient, content: object) -> None:
    answer = await ada.post(NOTES, json={"content": content})
    assert outcome(answer) == (422, "VALIDATION_ERROR")
    assert [fault["field"] for fault in answer.json()["error"]["details"]] == ["content"]


async def test_longest_content_is_kept(ada: httpx2.AsyncClient) -> None:
    assert (await write(ada, "ü" * 2000))["content"] == "ü" * 2000


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"content": "mine", "version": 1}),
        ("DELETE", "", None),
        ("POST", "/convert", {}),
    ],
)
async def test_note_of_another_user_is_404(
    ada: httpx2.AsyncClient, bob: httpx2.AsyncClient, method: str, path: str, body: Any
) -> None:
    note = await write(ada)
    assert outcome(await bob.request(method, f"{NOTES}/{note['id']}{path}", json=body)) == (404, "NOT_FOUND")
    assert outcome(await bob.request(method, f"{NOTES}/{uuid4()}{path}", json=body)) == (404, "NOT_FOUND")
    assert (await ada.get(f"{NOTES}/{note['id']}")).json() == {"data": note}


async def test_patch_changes_what_is_sent_and_raises_the_version(ada: httpx2.AsyncClient) -> None:
    note = await write(ada, "first")
    changed = (await ada.patch(f"{NOTES}/{note['id']}", json={"content": "second", "version": 1})).json()["data"]
    assert changed == {**note, "content": "second", "version": 2, "updated_at": changed["updated_at"]}
    assert changed["updated_at"] > note["updated_at"]


@pytest.mark.parametrize("body", [{"content": None}, {"archived": None}, {"archived": "yes"}, {"color": "red"}])
async def test_patch_that_makes_no_sense_is_422(ada: httpx2.AsyncClient, body: dict[str, Any]) -> None:
    note = await write(ada)
    answer = await ada.patch(f"{NOTES}/{note['id']}", json={**body, "version": 1})
    assert outcome(answer) == (422, "VALIDATION_ERROR")


async def test_archived_note_can_be_edited(ada: httpx2.AsyncClient) -> None:
    note = (await archive(ada, await write(ada))).json()["data"]
    answer = await ada.patch(f"{NOTES}/{note['id']}", json={"content": "later thought", "version": 2})
    assert (answer.status_code, answer.json()["data"]["archived"]) == (200, True)


async def test_of_twenty_writes_with_one_version_one_wins(ada: httpx2.AsyncClient) -> None:
    note = await write(ada)
    writes = (ada.patch(f"{NOTES}/{note['id']}", json={"content": str(n), "version": 1}) for n in range(20))
    answers = await asyncio.gather(*writes)
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19
    assert (await ada.get(f"{NOTES}/{note['id']}")).json()["data"]["version"] == 2


async def test_twenty_creations_at_once_stop_at_the_limit(ada: httpx2.AsyncClient) -> None:
    answers = await asyncio.gather(*(ada.post(NOTES, json={"content": str(n)}) for n in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] * 10 + [409] * 10
    assert (await ada.get(NOTES)).json()["pagination"]["total"] == 10


async def test_message_names_the_limit(ada: httpx2.AsyncClient) -> None:
    for n in range(10):
        await write(ada, str(n))
    refused = await ada.post(NOTES, json={"content": "one more"})
    assert outcome(refused) == (409, "LIMIT_EXCEEDED")
    assert "max_notes" in refused.json()["error"]["message"]
    assert "10" in refused.json()["error"]["message"]


async def test_archived_note_needs_room_to_come_back(ada: httpx2.AsyncClient) -> None:
    put_away = (await archive(ada, await write(ada))).json()["data"]
    kept = [await write(ada, str(n)) for n in range(10)]
    assert outcome(await archive(ada, put_away, archived=False)) == (409, "LIMIT_EXCEEDED")
    await archive(ada, kept[0])
    assert (await archive(ada, put_away, archived=False)).status_code == 200


async def test_unarchiving_at_once_stops_at_the_limit(ada: httpx2.AsyncClient) -> None:
    put_away = [(await archive(ada, await write(ada, str(n)))).json()["data"] for n in range(20)]
    answers = await asyncio.gather(*(archive(ada, note, archived=False) for note in put_away))
    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [409] * 10


async def test_conversion_makes_a_task_and_archives_the_note(ada: httpx2.AsyncClient) -> None:
    note = await write(ada, "Buy milk\nTwo litres\nNo sugar")
    answer = await convert(ada, note)
    task = answer.json()["data"]
    assert answer.status_code == 201
    assert (task["title"], task["description"], task["priority"]) == ("Buy milk", "Two litres\nNo sugar", "medium")
    assert task["subtasks"] == []
    assert (await ada.get(f"/api/v1/tasks/{task['id']}")).json()["data"] == task
    left = (await ada.get(f"{NOTES}/{note['id']}")).json()["data"]
    assert (left["archived"], left["version"], left["content"]) == (True, 2, note["content"])


async def test_conversion_takes_title_and_priority_of_the_request(ada: httpx2.AsyncClient) -> None:
    task = (await convert(ada, await write(ada), title=" Shop ", priority="high")).json()["data"]
    assert (task["title"], task["description"], task["priority"]) == ("Shop", "Buy milk\nTwo litres", "high")


async def test_conversion_needs_no_body(ada: httpx2.AsyncClient) -> None:
    answer = await ada.post(f"{NOTES}/{(await write(ada))['id']}/convert")
    assert (answer.status_code, answer.json()["data"]["title"]) == (201, "Buy milk")


async def test_description_beyond_the_tier_changes_nothing(ada: httpx2.AsyncClient) -> None:
    note = await write(ada, "Title\n" + "x" * 1001)
    answer = await convert(ada, note)
    assert outcome(answer) == (422, "VALIDATION_ERROR")
    assert [fault["field"] for fault in answer.json()["error"]["details"]] == ["description"]
    assert (await ada.get(f"{NOTES}/{note['id']}")).json() == {"data": note}
    assert (await ada.get("/api/v1/tasks")).json()["pagination"]["total"] == 0


async def test_of_twenty_conversions_at_once_one_makes_a_task(ada: httpx2.AsyncClient) -> None:
    note = await write(ada)
    answers = await asyncio.gather(*(convert(ada, note) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    assert {outcome(answer) for answer in answers if answer.status_code == 409} == {(409, "ARCHIVED")}
    assert (await ada.get("/api/v1/tasks")).json()["pagination"]["total"] == 1


@pytest.mark.parametrize("count", [1, 10])
async def test_reading_costs_the_same_for_any_number_of_notes(app: Served, ada: httpx2.AsyncClient, count: int) -> None:
    note = [await write(ada, str(n)) for n in range(count)][-1]
    with queries(app.database, at_most=1):
        assert (await ada.get(f"{NOTES}/{note['id']}")).status_code == 200
    with queries(app.database, at_most=2):
        assert (await ada.get(NOTES)).status_code == 200


async def test_converted_note_can_be_converted_again_once_it_is_unarchived(ada: httpx2.AsyncClient) -> None:
    note = await write(ada)
    assert (await convert(ada, note)).status_code == 201
    refused = await convert(ada, note)
    assert outcome(refused) == (409, "ARCHIVED")
    assert "note" in refused.json()["error"]["message"]
    await archive(ada, {**note, "version": 2}, archived=False)
    assert (await convert(ada, note)).status_code == 201


async def test_conversion_obeys_the_limit_of_open_tasks_and_changes_nothing(ada: httpx2.AsyncClient) -> None:
    note = await write(ada)
    for n in range(50):
        await ada.post("/api/v1/tasks", json={"title": str(n)})
    refused = await convert(ada, note)
    assert outcome(refused) == (409, "LIMIT_EXCEEDED")
    assert "max_tasks" in refused.json()["error"]["message"]
    assert (await ada.get(f"{NOTES}/{note['id']}")).json() == {"data": note}


@pytest.mark.parametrize("count", [0, 8])
async def test_writing_costs_the_same_for_any_number_of_notes(app: Served, ada: httpx2.AsyncClient, count: int) -> None:
    for number in range(count):
        await write(ada, str(number))
    with queries(app.database, at_most=5):
        note = await write(ada)
    with queries(app.database, at_most=4):
        assert (await archive(ada, note)).status_code == 200
    with queries(app.database, at_most=6):
        assert (await archive(ada, {**note, "version": 2}, archived=False)).status_code == 200
    with queries(app.database, at_most=11):
        assert (await convert(ada, note)).status_code == 201
    with queries(app.database, at_most=5):
        assert (await ada.delete(f"{NOTES}/{note['id']}")).status_code == 200
