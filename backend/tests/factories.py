"""What tests begin with, made over HTTP as a client would make it."""

from typing import Any

import httpx2
from sqlmodel import col, update

from src.models.user import User
from src.schemas.enums import UserTier
from tests.harness import Served


def data_of(answer: httpx2.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()["data"]


async def make_task(client: httpx2.AsyncClient, *subtasks: str, **fields: Any) -> dict[str, Any]:
    """A task with subtasks of these titles, as GET returns it."""
    task = data_of(await client.post("/api/v1/tasks", json={"title": "Write", **fields}))
    for title in subtasks:
        data_of(await client.post(f"/api/v1/tasks/{task['id']}/subtasks", json={"title": title}))
    return await get_task(client, task["id"])


async def get_task(client: httpx2.AsyncClient, task_id: str) -> dict[str, Any]:
    return data_of(await client.get(f"/api/v1/tasks/{task_id}"))


async def make_pro(app: Served, name: str) -> None:
    """Put *name*@example.com on the pro tier, as a payment would."""
    async with app.database.transaction() as session:
        await session.exec(update(User).where(col(User.email) == f"{name}@example.com").values(tier=UserTier.PRO))
