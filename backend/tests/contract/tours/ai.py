"""The assistant on the tour: it answers, it fails, and it is asked by somebody without credits."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx2

from src.errors import AIServiceError, AIServiceUnavailableError
from src.integrations.ai import Action, Pieces, Question, Reply, TaskBrief
from src.schemas.enums import ActionType
from tests.contract.recording import Recorder
from tests.contract.tours.credits import spend
from tests.harness import Served

BODIES: dict[str, Any] = {
    "POST /api/v1/ai/generate-subtasks": {"task_id": str(uuid4())},
    "POST /api/v1/ai/chat": {"message": "Hello"},
    "POST /api/v1/ai/chat/stream": {"message": "Hello"},
}


async def visit(record: Recorder, app: Served, ada: httpx2.AsyncClient) -> None:
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
    await without_credits(record, app)


async def without_credits(record: Recorder, app: Served) -> None:
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
