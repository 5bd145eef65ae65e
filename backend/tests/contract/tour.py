"""A tour of the API: every operation used as a person would, until every field has shown what it can be.

It runs on a database of its own, with a clock that it sets, an identity provider that knows two people, and the offline
AI provider.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx2
from sqlmodel import col, delete

from src.errors import AIServiceError, AIServiceUnavailableError
from src.integrations.ai import Action, Pieces, Question, Reply, TaskBrief
from src.models.achievement import AchievementDefinition, UserAchievement
from src.schemas.enums import AchievementCategory, ActionType
from src.services import credits
from tests.contract.recording import Recorder
from tests.harness import Served

SECRET = "whsec_" + "0123456789abcdef" * 2


async def take(record: Recorder, app: Served) -> None:
    """Make the whole tour."""
    app.clock.set(2025, 1, 15, 9, 30)
    await at_the_door(record, app)
    ada = await app.sign_in("ada")
    for visit in (account, tasks, completions, notes, focus, achievements, trash, money, assistant, repeats):
        await visit(record, app, ada)
    await ada.aclose()


async def at_the_door(record: Recorder, app: Served) -> None:
    anonymous = app.client()
    for path in ("//health/live", "//health/ready", "//.well-known/jwks.json"):
        await record(anonymous, "GET", path)
    for token in ("grace", "plain"):
        await record(anonymous, "POST", "/auth/google/callback", json={"id_token": token})
    await record(anonymous, "POST", "/auth/google/callback", json={"id_token": "forged"})
    await record(anonymous, "POST", "/auth/google/callback", json={"id_token": "impostor"})
    made = await record(anonymous, "POST", "/auth/dev/login", json={"email": "eve@example.com"})
    spent = {"refresh_token": made["data"]["refresh_token"]}
    await record(anonymous, "POST", "/auth/refresh", json=spent)
    await record(anonymous, "POST", "/auth/refresh", json=spent)
    await record(anonymous, "POST", "/auth/logout", json=spent)
    await anonymous.aclose()


async def account(record: Recorder, app: Served, ada: httpx2.AsyncClient) -> None:
    await record(ada, "GET", "/users/me")
    await record(ada, "PATCH", "/users/me", json={"name": "Ada", "timezone": "Europe/Berlin"})
    grace = app.client()
    session = await record(grace, "POST", "/auth/google/callback", json={"id_token": "grace"})
    grace.headers["Authorization"] = f"Bearer {session['data']['access_token']}"
    await record(grace, "GET", "/users/me")
    await record(grace, "PATCH", "/users/me", json={"timezone": "America/New_York"})
    await grace.aclose()


async def tasks(record: Recorder, app: Served, ada: httpx2.AsyncClient) -> None:
    del app
    for priority in ("low", "medium", "high"):
        await record(ada, "POST", "/tasks", json={"title": priority, "priority": priority})
    full = {"title": "Report", "description": "All of it", "due_date": "2025-02-01T10:00:00Z", "estimated_duration": 30}
    task = await record(ada, "POST", "/tasks", json=full)
    path = f"/tasks/{task['data']['id']}"
    first = await record(ada, "POST", f"{path}/subtasks", json={"title": "Read"})
    second = await record(ada, "POST", f"{path}/subtasks", json={"title": "Write", "source": "ai"})
    await record(ada, "GET", path)
    ids = [second["data"]["id"], first["data"]["id"]]
    await record(ada, "PUT", f"{path}/subtasks/reorder", json={"subtask_ids": ids})
    await record(ada, "PATCH", f"/subtasks/{ids[0]}", json={"title": "Write it", "completed": True})
    await record(ada, "PUT", f"{path}/subtasks/reorder", json={"subtask_ids": ids})
    await record(ada, "GET", path)
    await record(ada, "PATCH", path, json={"title": "The report", "version": 1})
    await record(ada, "PATCH", path, json={"title": "Mine", "version": 1})
    await record(ada, "POST", f"{path}/complete", json={"version": 2})
    await record(ada, "GET", "/tasks?priority=high")
    await record(ada, "GET", "/tasks")
    await record(ada, "DELETE", f"/subtasks/{ids[1]}")
    for number in range(4):
        await record(ada, "POST", f"{path}/subtasks", json={"title": f"Step {number}"})
    await archived(record, ada)


async def archived(record: Recorder, ada: httpx2.AsyncClient) -> None:
    task = await record(ada, "POST", "/tasks", json={"title": "Shelf"})
    path = f"/tasks/{task['data']['id']}"
    step = await record(ada, "POST", f"{path}/subtasks", json={"title": "Step"})
    await record(ada, "PATCH", path, json={"archived": True, "version": 1})
    await record(ada, "PATCH", path, json={"title": "Locked", "version": 2})
    for action in ("complete", "force-complete", "reopen"):
        await record(ada, "POST", f"{path}/{action}", json={"version": 2})
    await record(ada, "POST", f"{path}/subtasks", json={"title": "Late"})
    await record(ada, "PUT", f"{path}/subtasks/reorder", json={"subtask_ids": [step["data"]["id"]]})
    await record(ada, "PATCH", f"/subtasks/{step['data']['id']}", json={"title": "Late"})
    await record(ada, "DELETE", f"/subtasks/{step['data']['id']}")
    await record(ada, "POST", "/focus/start", json={"task_id": task["data"]["id"]})
    await record(ada, "GET", "/tasks?archived=true")


async def full(record: Recorder, app: Served) -> None:
    """Run into the limit of open tasks in every way there is. The application allows one."""
    ada = await app.sign_in("full")
    task = await record(ada, "POST", "/tasks", json={"title": "One"})
    path = f"/tasks/{task['data']['id']}"
    step = await record(ada, "POST", f"{path}/subtasks", json={"title": "Step"})
    await record(ada, "POST", "/tasks", json={"title": "Two"})
    note = await record(ada, "POST", "/notes", json={"content": "Three"})
    await record(ada, "POST", f"/notes/{note['data']['id']}/convert", json={})
    await record(ada, "PATCH", f"/subtasks/{step['data']['id']}", json={"completed": True})
    other = await record(ada, "POST", "/tasks", json={"title": "Two"})
    await record(ada, "POST", f"{path}/reopen", json={"version": 2})
    await record(ada, "PATCH", f"/subtasks/{step['data']['id']}", json={"completed": False})
    await record(ada, "POST", f"{path}/subtasks", json={"title": "Opens it again"})
    await record(ada, "DELETE", f"/tasks/{other['data']['id']}")
    third = await record(ada, "POST", "/tasks", json={"title": "Three"})
    tombstone = (await record(ada, "GET", "/tombstones"))["data"][0]
    await record(ada, "POST", f"/tombstones/{tombstone['id']}/recover")
    shelf = f"/tasks/{third['data']['id']}"
    await record(ada, "PATCH", shelf, json={"archived": True, "version": 1})
    await record(ada, "POST", "/tasks", json={"title": "Four"})
    await record(ada, "PATCH", shelf, json={"archived": False, "version": 2})
    await ada.aclose()


async def completions(record: Recorder, app: Served, ada: httpx2.AsyncClient) -> None:
    """Manual, forced and automatic ones; the fifth unlocks an achievement."""
    path = ""
    for number in range(6):
        task = await record(ada, "POST", "/tasks", json={"title": f"Done {number}", "estimated_duration": 1})
        path, version = f"/tasks/{task['data']['id']}", {"version": 1}
        if number % 3 == 0:
            await record(ada, "POST", f"{path}/complete", json=version)
            await record(ada, "POST", f"{path}/complete", json={"version": 2})
            await record(ada, "POST", f"{path}/force-complete", json={"version": 2})
            await record(ada, "POST", "/focus/start", json={"task_id": task["data"]["id"]})
        elif number % 3 == 1:
            await record(ada, "POST", f"{path}/subtasks", json={"title": "Step"})
            await record(ada, "POST", f"{path}/force-complete", json=version)
            await record(ada, "GET", path)
        else:
            step = await record(ada, "POST", f"{path}/subtasks", json={"title": "Step", "source": "ai"})
            await record(ada, "PATCH", f"/subtasks/{step['data']['id']}", json={"completed": True})
            await record(ada, "GET", path)
    await record(ada, "GET", "/tasks?completed=true")
    await record(ada, "POST", f"{path}/reopen", json={"version": 2})
    await record(ada, "POST", f"{path}/reopen", json={"version": 3})
    del app


async def notes(record: Recorder, app: Served, ada: httpx2.AsyncClient) -> None:
    del app
    note = await record(ada, "POST", "/notes", json={"content": "Buy ink\nBlack, not blue."})
    path = f"/notes/{note['data']['id']}"
    await record(ada, "GET", path)
    await record(ada, "PATCH", path, json={"content": "Buy ink\nBlue.", "version": 1})
    await record(ada, "PATCH", path, json={"content": "Stale", "version": 1})
    await record(ada, "GET", "/notes")
    await record(ada, "POST", f"{path}/convert", json={"priority": "low"})
    await record(ada, "POST", f"{path}/convert", json={})
    for number in range(11):
        await record(ada, "POST", "/notes", json={"content": f"Note {number}"})
    await record(ada, "PATCH", path, json={"archived": False, "version": 3})


async def focus(record: Recorder, app: Served, ada: httpx2.AsyncClient) -> None:
    await record(ada, "GET", "/focus/active")
    await record(ada, "POST", "/focus/stop")
    task = await record(ada, "POST", "/tasks", json={"title": "Deep work", "estimated_duration": 1})
    await record(ada, "POST", "/focus/start", json={"task_id": task["data"]["id"]})
    await record(ada, "POST", "/focus/start", json={"task_id": task["data"]["id"]})
    await record(ada, "GET", "/focus/active")
    app.clock.advance(minutes=1)
    await record(ada, "POST", "/focus/stop")
    await record(ada, "POST", f"/tasks/{task['data']['id']}/complete", json={"version": 1})


async def achievements(record: Recorder, app: Served, ada: httpx2.AsyncClient) -> None:
    """With one in the catalogue that has no perk: those that a migration puts there all have one."""
    plain = AchievementDefinition(
        id="first_focus", name="First", message="You began.", category=AchievementCategory.FOCUS, threshold=2
    )
    async with app.database.transaction() as session:
        session.add(plain)
    task = await record(ada, "POST", "/tasks", json={"title": "Deeper", "estimated_duration": 1})
    await record(ada, "POST", "/focus/start", json={"task_id": task["data"]["id"]})
    app.clock.advance(minutes=2)
    await record(ada, "POST", f"/tasks/{task['data']['id']}/complete", json={"version": 1})
    for path in ("/achievements", "/achievements/me", "/achievements/me/stats", "/achievements/me/limits"):
        await record(ada, "GET", path)
    async with app.database.transaction() as session:
        await session.exec(delete(UserAchievement).where(col(UserAchievement.achievement_id) == plain.id))
        await session.exec(delete(AchievementDefinition).where(col(AchievementDefinition.id) == plain.id))


async def trash(record: Recorder, app: Served, ada: httpx2.AsyncClient) -> None:
    del app
    task = await record(ada, "POST", "/tasks", json={"title": "Gone"})
    note_id = (await record(ada, "GET", "/notes"))["data"][0]["id"]
    for path in (f"/tasks/{task['data']['id']}", f"/notes/{note_id}"):
        await record(ada, "DELETE", path)
    page = await record(ada, "GET", "/tombstones")
    for tombstone in page["data"]:
        await record(ada, "POST", f"/tombstones/{tombstone['id']}/recover")
        await record(ada, "POST", f"/tombstones/{tombstone['id']}/recover")


async def money(record: Recorder, app: Served, ada: httpx2.AsyncClient) -> None:
    """Every kind of credit and every kind of line."""
    user = await record(ada, "GET", "/users/me")
    event = {"user_id": user["data"]["id"]}
    await pay(record, app, {**event, "id": "evt_1", "type": "credits.purchased", "amount": 20})
    await pay(record, app, {**event, "id": "evt_2", "type": "subscription.started"})
    await pay(record, app, {**event, "id": "evt_3", "type": "credits.purchased", "amount": 9999})
    await pay(record, app, {**event, "id": "evt_4", "type": "credits.purchased", "amount": 1}, secret="wrong")
    await record(ada, "GET", "/credits/balance")
    await record(ada, "GET", "/users/me")
    await record(ada, "PATCH", "/users/me", json={"name": "Ada L."})
    await spend(app, user, 1)
    app.clock.advance(days=31)
    pro = await app.sign_in("ada")
    await record(pro, "GET", "/credits/balance")
    await record(pro, "GET", "/credits/history?limit=100")
    await pro.aclose()


async def pay(record: Recorder, app: Served, event: dict[str, Any], *, secret: str = SECRET) -> None:
    provider = app.client()
    await record(provider, "POST", "/webhooks/payments", **signed(event, app.clock.now(), secret=secret))
    await provider.aclose()


async def spend(app: Served, user: Any, amount: int) -> None:
    """Take credits as the assistant does."""
    rules, now = app.resources.rules, app.clock.now()
    async with app.database.transaction() as session:
        await credits.spend(session, UUID(user["data"]["id"]), amount, reference="tour", rules=rules, now=now)


def signed(event: dict[str, Any], now: datetime, *, secret: str = SECRET) -> dict[str, Any]:
    """Return the body and headers with which the payment provider sends an event."""
    body = json.dumps(event).encode()
    moment = int(now.timestamp())
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"Webhook-Signature": f"t={moment},v1={digest}", "Content-Type": "application/json"}
    return {"content": body, "headers": headers}


async def assistant(record: Recorder, app: Served, ada: httpx2.AsyncClient) -> None:
    ada = await app.sign_in("ada")
    task = await record(ada, "POST", "/tasks", json={"title": "Plan the launch"})
    for path, body in (
        ("/ai/generate-subtasks", {"task_id": task["data"]["id"]}),
        ("/ai/chat", {"message": "What is next?", "context": {"include_tasks": True}}),
        ("/ai/chat", {"message": "Hello"}),
    ):
        await record(ada, "POST", path, json=body, headers={"Idempotency-Key": str(uuid4())})
        await record(ada, "POST", path, json=body)
    stream = {"json": {"message": "Hello"}, "headers": {"Idempotency-Key": str(uuid4())}}
    await record(ada, "POST", "/ai/chat/stream", **stream)
    await record(ada, "POST", "/ai/chat/stream", json=stream["json"])
    await failing(record, app, ada, task["data"]["id"])
    await ada.aclose()


async def failing(record: Recorder, app: Served, ada: httpx2.AsyncClient, task_id: str) -> None:
    """An assistant that answers nonsense, one that does not answer, and one that has every idea at once."""
    sound = app.resources
    app.state["resources"] = replace(sound, ai=FullOfIdeas(AIServiceError))
    shared = {"message": "Hello", "context": {"include_tasks": True}}
    await record(ada, "POST", "/ai/chat", json=shared, headers={"Idempotency-Key": str(uuid4())})
    for error in (AIServiceError, AIServiceUnavailableError):
        app.state["resources"] = replace(sound, ai=NoAssistant(error))
        for path, body in (
            ("/ai/generate-subtasks", {"task_id": task_id}),
            ("/ai/chat", {"message": "Hello"}),
            ("/ai/chat/stream", {"message": "Hello"}),
        ):
            await record(ada, "POST", path, json=body, headers={"Idempotency-Key": str(uuid4())})
    app.state["resources"] = sound


class NoAssistant:
    """An AI provider that only fails."""

    def __init__(self, error: type[AIServiceError]) -> None:
        self.error = error

    async def suggest_subtasks(self, task: TaskBrief, *, at_most: int) -> Sequence[str]:
        del task, at_most
        raise self.error

    async def chat(self, question: Question) -> Reply:
        del question
        raise self.error

    def stream(self, question: Question) -> AbstractAsyncContextManager[Pieces]:
        del question
        raise self.error


class FullOfIdeas(NoAssistant):
    """An AI provider that suggests every kind of action."""

    async def chat(self, question: Question) -> Reply:
        return Reply("Try these.", [Action(kind, "Do it", question.tasks[0].id) for kind in ActionType])


async def repeats(record: Recorder, app: Served, ada: httpx2.AsyncClient) -> None:
    """A pauper, who has no credits; and a key that names two requests."""
    pauper = await app.sign_in("pauper")
    user = await record(pauper, "GET", "/users/me")
    await spend(app, user, app.resources.rules.kickstart_credits)
    task = await record(pauper, "POST", "/tasks", json={"title": "Poor"})
    for path, body in (
        ("/ai/generate-subtasks", {"task_id": task["data"]["id"]}),
        ("/ai/chat", {"message": "Hello"}),
        ("/ai/chat/stream", {"message": "Hello"}),
    ):
        await record(pauper, "POST", path, json=body, headers={"Idempotency-Key": str(uuid4())})
    await pauper.aclose()
    del ada
