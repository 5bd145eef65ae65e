"""What the tests of the assistant ask and look at."""

import json
from typing import Any
from uuid import uuid4

import httpx2
from sqlmodel import col, select

from src.models import CreditReservation, IdempotencyKey
from tests.harness import Served

CHAT, STREAM, SUBTASKS = "/api/v1/ai/chat", "/api/v1/ai/chat/stream", "/api/v1/ai/generate-subtasks"
HELLO = {"message": "What next?"}


async def ask(client: httpx2.AsyncClient, path: str, body: dict[str, Any], key: str | None = None) -> httpx2.Response:
    return await client.post(path, json=body, headers={"Idempotency-Key": key or str(uuid4())})


async def new_task(client: httpx2.AsyncClient, **fields: Any) -> str:
    return (await client.post("/api/v1/tasks", json={"title": "Write", **fields})).json()["data"]["id"]


async def total(client: httpx2.AsyncClient) -> int:
    return (await client.get("/api/v1/credits/balance")).json()["data"]["total"]


async def open_work(app: Served) -> tuple[int, int]:
    """Return how many reservations and unanswered keys there are."""
    async with app.database.reader() as session:
        reservations = (await session.exec(select(CreditReservation))).all()
        leases = (await session.exec(select(IdempotencyKey).where(col(IdempotencyKey.status).is_(None)))).all()
    return len(reservations), len(leases)


def code_of(answer: httpx2.Response) -> str:
    return answer.json()["error"]["code"]


def events(answer: httpx2.Response) -> list[tuple[str, Any]]:
    """Return name and payload of each event of a stream."""
    blocks = [block.splitlines() for block in answer.text.split("\n\n") if block]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks]
