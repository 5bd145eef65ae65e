"""Users, made over HTTP, and those who are more than a sign-in makes them."""

from typing import Any
from uuid import uuid4

import httpx2
from sqlmodel import col, update

from src.models.user import User
from src.schemas.enums import UserTier
from tests.answers import data_of
from tests.harness import Served


async def make_user(client: httpx2.AsyncClient) -> dict[str, Any]:
    """Somebody who has signed in once."""
    body = {"email": f"{uuid4()}@example.com"}
    return data_of(await client.post("/api/v1/auth/dev/login", json=body))["user"]


async def make_pro(app: Served, name: str) -> None:
    """Put *name*@example.com on the pro tier, as a payment would."""
    async with app.database.transaction() as session:
        await session.exec(update(User).where(col(User.email) == f"{name}@example.com").values(tier=UserTier.PRO))
