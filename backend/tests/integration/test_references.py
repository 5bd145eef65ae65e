"""Rows that a body names, on both databases."""

from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from src.errors import ValidationFailed
from src.models.base import Record
from src.models.goal import Goal
from src.models.user import User
from src.services import references
from tests.factories.goals import make_goal
from tests.factories.users import make_user
from tests.harness import Served

REFERENCES: dict[str, type[Record]] = {"goal_id": Goal, "customer_id": User}


async def faults(app: Served, user_id: str, **values: Any) -> list[str]:
    async with app.database.transaction() as session:
        with pytest.raises(ValidationFailed) as raised:
            await references.require(session, UUID(user_id), values, REFERENCES)
    return [detail.field for detail in raised.value.details]


async def test_rows_that_are_there_and_the_callers_pass(app: Served, ada: httpx2.AsyncClient) -> None:
    goal, customer = await make_goal(ada), await make_user(ada)
    values = {"goal_id": UUID(goal["id"]), "customer_id": UUID(customer["id"]), "title": "Sail"}
    async with app.database.transaction() as session:
        await references.require(session, UUID(goal["user_id"]), values, REFERENCES)


async def test_null_and_what_was_not_sent_name_nothing(app: Served) -> None:
    async with app.database.transaction() as session:
        await references.require(session, uuid4(), {"goal_id": None}, REFERENCES)


async def test_every_row_that_is_not_there_is_named(app: Served, ada: httpx2.AsyncClient) -> None:
    goal = await make_goal(ada)
    assert await faults(app, goal["user_id"], goal_id=uuid4(), customer_id=uuid4()) == ["goal_id", "customer_id"]
    assert await faults(app, goal["user_id"], goal_id=UUID(goal["id"]), customer_id=uuid4()) == ["customer_id"]


async def test_row_of_another_user_is_like_none(app: Served, ada: httpx2.AsyncClient, bob: httpx2.AsyncClient) -> None:
    mine, theirs = await make_goal(ada), await make_goal(bob)
    assert await faults(app, mine["user_id"], goal_id=UUID(theirs["id"])) == ["goal_id"]
