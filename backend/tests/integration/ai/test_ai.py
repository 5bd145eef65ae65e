"""The assistant over HTTP: what it answers, what it costs, and what happens when it fails."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from sqlmodel import select, update

from src.errors import AIServiceError, AIServiceUnavailableError
from src.integrations.ai import Action, Reply
from src.models import CreditReservation, User
from src.rules import Rules
from src.schemas.enums import ActionType, UserTier
from src.services import credits, idempotency
from src.services.idempotency import Named
from src.services.upkeep import Progress
from tests.assistant import CHAT, HELLO, STREAM, SUBTASKS, ask, code_of, new_task, open_work, total
from tests.fake_ai import FakeAI
from tests.harness import Served, queries
from tests.upkeep import run


async def test_suggestions_cost_a_credit_and_create_nothing(ai: FakeAI, ada: httpx2.AsyncClient) -> None:
    task_id = await new_task(ada, description="For the board")
    answer = await ask(ada, SUBTASKS, {"task_id": task_id})
    assert answer.json() == {
        "data": {
            "suggested_subtasks": [{"title": "First step"}, {"title": "Second step"}],
            "credits_used": 1,
            "credits_remaining": 4,
        }
    }
    assert (str(ai.tasks[0].id), ai.tasks[0].description) == (task_id, "For the board")
    assert await total(ada) == 4
    assert (await ada.get(f"/api/v1/tasks/{task_id}")).json()["data"]["subtasks"] == []


async def test_number_of_suggestions_follows_the_tier_in_the_database(
    app: Served, ai: FakeAI, ada: httpx2.AsyncClient
) -> None:
    ai.titles = [f"Step {number}" for number in range(20)]
    task_id = await new_task(ada)
    free = await ask(ada, SUBTASKS, {"task_id": task_id})
    async with app.database.transaction() as session:
        await session.exec(update(User).values(tier=UserTier.PRO))
    pro = await ask(ada, SUBTASKS, {"task_id": task_id})
    assert [len(answer.json()["data"]["suggested_subtasks"]) for answer in (free, pro)] == [4, 10]


async def test_chat_answers_without_seeing_tasks(ai: FakeAI, ada: httpx2.AsyncClient) -> None:
    await new_task(ada)
    answer = await ask(ada, CHAT, HELLO)
    assert answer.json() == {
        "data": {
            "response": "Begin with the smallest step.",
            "suggested_actions": [],
            "credits_used": 1,
            "credits_remaining": 4,
        }
    }
    assert (ai.questions[0].message, ai.questions[0].tasks) == ("What next?", [])


async def test_chat_sees_open_tasks_newest_first_up_to_the_limit(ai: FakeAI, ada: httpx2.AsyncClient) -> None:
    for title in ("first", "second", "archived", "done", "last"):
        task_id = await new_task(ada, title=title)
        if title == "archived":
            await ada.patch(f"/api/v1/tasks/{task_id}", json={"archived": True, "version": 1})
        if title == "done":
            await ada.post(f"/api/v1/tasks/{task_id}/complete", json={"version": 1})
    await ask(ada, CHAT, {**HELLO, "context": {"include_tasks": True, "task_limit": 2}})
    await ask(ada, CHAT, {**HELLO, "context": {"include_tasks": True}})
    shown = [[task.title for task in question.tasks] for question in ai.questions]
    assert shown == [["last", "second"], ["last", "second", "first"]]


async def test_actions_on_tasks_that_were_not_shown_are_left_out(ai: FakeAI, ada: httpx2.AsyncClient) -> None:
    task_id = await new_task(ada)
    ai.reply = Reply(
        "Go on.",
        [
            Action(ActionType.COMPLETE_TASK, "Complete it", UUID(task_id)),
            Action(ActionType.COMPLETE_TASK, "Complete another", uuid4()),
            Action(ActionType.CREATE_TASK, "Create one", data={"title": "One"}),
        ],
    )
    blind = await ask(ada, CHAT, HELLO)
    seeing = await ask(ada, CHAT, {**HELLO, "context": {"include_tasks": True}})
    create = {"type": "create_task", "task_id": None, "description": "Create one", "data": {"title": "One"}}
    complete = {"type": "complete_task", "task_id": task_id, "description": "Complete it", "data": {}}
    assert blind.json()["data"]["suggested_actions"] == [create]
    assert seeing.json()["data"]["suggested_actions"] == [complete, create]


@pytest.mark.parametrize("path", [CHAT, STREAM, SUBTASKS])
async def test_key_is_required_but_a_token_first(app: Served, ada: httpx2.AsyncClient, path: str) -> None:
    answer = await ada.post(path, json=HELLO)
    assert (answer.status_code, code_of(answer)) == (400, "IDEMPOTENCY_KEY_REQUIRED")
    assert (await app.client().post(path, json=HELLO)).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {"message": " "},
        {"message": "x" * 2001},
        {"message": "x", "context": {"task_limit": 0}},
        {"message": "x", "context": {"task_limit": 51}},
        {"message": "x", "context": {"include_tasks": "yes"}},
        {"message": "x", "more": 1},
    ],
)
@pytest.mark.parametrize("path", [CHAT, STREAM])
async def test_invalid_question_is_422_and_costs_nothing(
    app: Served, ada: httpx2.AsyncClient, path: str, body: dict[str, Any]
) -> None:
    assert (await ask(ada, path, body)).status_code == 422
    assert await total(ada) == 5
    assert await open_work(app) == (0, 0)


async def test_task_of_another_user_is_404_and_costs_nothing(ada: httpx2.AsyncClient, bob: httpx2.AsyncClient) -> None:
    answer = await ask(bob, SUBTASKS, {"task_id": await new_task(ada)})
    assert (answer.status_code, code_of(answer)) == (404, "TASK_NOT_FOUND")
    assert await total(bob) == 5


@pytest.mark.parametrize("path", [CHAT, STREAM])
async def test_without_credits_the_ai_is_not_asked_and_the_refusal_is_kept(
    app: Served, ai: FakeAI, ada: httpx2.AsyncClient, path: str
) -> None:
    for _ in range(5):
        assert (await ask(ada, CHAT, HELLO)).status_code == 200
    refused = [await ask(ada, path, HELLO, "poor") for _ in range(2)]
    assert [(answer.status_code, code_of(answer)) for answer in refused] == [(402, "INSUFFICIENT_CREDITS")] * 2
    assert refused[1].headers["Idempotency-Replayed"] == "true"
    assert len(ai.questions) == 5
    assert await open_work(app) == (0, 0)


@pytest.mark.parametrize("path", [CHAT, STREAM, SUBTASKS])
@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(AIServiceError, 502, "AI_SERVICE_ERROR"), (AIServiceUnavailableError, 503, "AI_SERVICE_UNAVAILABLE")],
)
async def test_failure_gives_the_credit_back_and_frees_the_key(
    app: Served,
    ai: FakeAI,
    ada: httpx2.AsyncClient,
    path: str,
    error: type[AIServiceError],
    status: int,
    code: str,
) -> None:
    body = {"task_id": await new_task(ada)} if path == SUBTASKS else HELLO
    ai.error = error()
    failed = await ask(ada, path, body, "same")
    assert (failed.status_code, code_of(failed)) == (status, code)
    assert await total(ada) == 5
    assert await open_work(app) == (0, 0)
    ai.error = None
    again = await ask(ada, path, body, "same")
    assert (again.status_code, again.headers.get("Idempotency-Replayed")) == (200, None)
    assert await total(ada) == 4


@pytest.mark.parametrize("path", [CHAT, STREAM])
async def test_repeated_question_is_answered_again_and_paid_once(
    ai: FakeAI, ada: httpx2.AsyncClient, path: str
) -> None:
    first, again = [await ask(ada, path, HELLO, "same") for _ in range(2)]
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert again.headers["Idempotency-Replayed"] == "true"
    other = await ask(ada, path, {"message": "Other"}, "same")
    assert code_of(other) == "IDEMPOTENCY_KEY_REUSED"
    assert len(ai.questions) == 1
    assert await total(ada) == 4


@pytest.mark.parametrize("path", [CHAT, STREAM])
async def test_while_the_ai_works_twins_are_refused_and_no_connection_is_held(
    ai: FakeAI, ada: httpx2.AsyncClient, path: str
) -> None:
    """The pool has one connection: a request that kept it would hold up every other."""
    ai.gate = asyncio.Event()
    working = asyncio.create_task(ask(ada, path, HELLO, "same"))
    await ai.asked.wait()
    twin = await asyncio.wait_for(ask(ada, path, HELLO, "same"), timeout=10)
    assert (twin.status_code, code_of(twin)) == (409, "IDEMPOTENCY_IN_PROGRESS")
    await asyncio.wait_for(new_task(ada), timeout=10)
    assert await total(ada) == 4
    ai.gate.set()
    assert (await working).status_code == 200
    assert len(ai.questions) == 1


async def test_twenty_questions_at_once_spend_no_more_than_there_is(ai: FakeAI, ada: httpx2.AsyncClient) -> None:
    answers = await asyncio.gather(*(ask(ada, CHAT, HELLO) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [402] * 15
    assert len(ai.questions) == 5
    assert await total(ada) == 0


async def test_cancelled_request_gives_the_credit_back(app: Served, ai: FakeAI, ada: httpx2.AsyncClient) -> None:
    ai.gate = asyncio.Event()
    working = asyncio.create_task(ask(ada, CHAT, HELLO, "same"))
    await ai.asked.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert await total(ada) == 5
    assert await open_work(app) == (0, 0)


async def test_process_that_died_leaves_a_key_and_a_credit_that_come_back(app: Served) -> None:
    app.clock.set(2025, 1, 31)
    ada = await app.sign_in("ada")
    rules, now = Rules(), app.clock.now()
    async with app.database.transaction() as session:
        ada_id = (await session.exec(select(User.id))).one()
        await idempotency.lease(session, Named(ada_id, "same", "f"), now=now, seconds=rules.reservation_ttl_seconds)
        await credits.reserve(session, ada_id, 1, reference="ai:chat", rules=rules, now=now)
    app.clock.advance(seconds=rules.reservation_ttl_seconds - 1)
    assert (await ask(ada, CHAT, HELLO, "same")).status_code == 409
    app.clock.advance(seconds=1)
    assert (await ask(ada, CHAT, HELLO, "same")).status_code == 200
    async with app.database.transaction() as session:
        [left] = await credits.abandoned(session, after=UUID(int=0), rules=rules, now=app.clock.now(), limit=10)
        assert await credits.give_back(session, left, rules=rules, now=app.clock.now()) is True
    assert await total(ada) == 4


async def test_answer_that_comes_after_its_credit_went_back_is_not_given(
    app: Served, ai: FakeAI, ada: httpx2.AsyncClient
) -> None:
    ai.gate = asyncio.Event()
    working = asyncio.create_task(ask(ada, CHAT, HELLO))
    await ai.asked.wait()
    async with app.database.transaction() as session:
        taken = (await session.exec(select(CreditReservation.id))).one()
        await credits.give_back(session, taken, rules=Rules(), now=app.clock.now())
    ai.gate.set()
    assert code_of(await working) == "AI_SERVICE_UNAVAILABLE"
    assert await total(ada) == 5
    assert await open_work(app) == (0, 0)


async def test_answer_that_comes_after_a_twin_took_its_name_is_refused(
    app: Served, ai: FakeAI, ada: httpx2.AsyncClient
) -> None:
    ai.gate = gate = asyncio.Event()
    late = asyncio.create_task(ask(ada, CHAT, HELLO, "same"))
    await ai.asked.wait()
    app.clock.advance(seconds=Rules().reservation_ttl_seconds)
    ai.gate = None
    twin = await ask(ada, CHAT, HELLO, "same")
    gate.set()
    refused = await late
    assert (refused.status_code, code_of(refused)) == (409, "IDEMPOTENCY_IN_PROGRESS")
    again = await ask(ada, CHAT, HELLO, "same")
    assert (again.headers["Idempotency-Replayed"], again.content) == ("true", twin.content)
    assert await run(app, "reservations") == Progress(1)
    assert await total(ada) == 4


@pytest.mark.parametrize("count", [0, 20])
async def test_asking_costs_the_same_for_any_number_of_rows(app: Served, ada: httpx2.AsyncClient, count: int) -> None:
    """Three transactions, of which the second takes the credit: the name is leased, and settled with the answer."""
    task_id = await new_task(ada)
    for _ in range(count):
        await new_task(ada)
    shared = {**HELLO, "context": {"include_tasks": True, "task_limit": 50}}
    for path, body in ((CHAT, shared), (STREAM, shared), (SUBTASKS, {"task_id": task_id})):
        with queries(app.database, at_most=16 if app.capabilities.row_locks else 15):
            assert (await ask(ada, path, body)).status_code == 200
