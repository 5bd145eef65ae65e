"""The caller's own account."""

import asyncio
from typing import Any

import httpx2
import pytest
from sqlmodel import select

from src.models.user import User
from tests.answers import error_of, fields_of
from tests.harness import Served, queries

ME = "/api/v1/users/me"


async def test_account_is_the_callers(ada: httpx2.AsyncClient, bob: httpx2.AsyncClient) -> None:
    user = (await ada.get(ME)).json()["data"]
    assert set(user) == {"id", "email", "name", "avatar_url", "timezone", "tier", "created_at", "updated_at"}
    assert (user["email"], user["timezone"], user["tier"]) == ("ada@example.com", "UTC", "free")
    assert (await bob.get(ME)).json()["data"]["email"] == "bob@example.com"


async def test_omitted_fields_stay(ada: httpx2.AsyncClient) -> None:
    before = (await ada.get(ME)).json()["data"]
    assert (await ada.patch(ME, json={})).json()["data"] == before
    named = (await ada.patch(ME, json={"name": " Ada "})).json()["data"]
    assert (named["name"], named["timezone"]) == ("Ada", "UTC")
    placed = (await ada.patch(ME, json={"timezone": "Europe/Berlin"})).json()["data"]
    assert (placed["name"], placed["timezone"]) == ("Ada", "Europe/Berlin")
    assert (await ada.get(ME)).json()["data"] == placed


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", None),
        ("name", ""),
        ("name", "  "),
        ("name", "x" * 101),
        ("name", "a\0b"),
        ("timezone", None),
        ("timezone", "Europe/Atlantis"),
        ("timezone", "europe/berlin"),
        ("timezone", "../../etc/passwd"),
        ("timezone", "localtime"),
        ("timezone", "Factory"),
        ("email", "other@example.com"),
        ("tier", "pro"),
    ],
    ids=str,
)
async def test_invalid_change_is_422(ada: httpx2.AsyncClient, field: str, value: Any) -> None:
    before = (await ada.get(ME)).json()["data"]
    assert fields_of(await ada.patch(ME, json={field: value})) == [field]
    assert (await ada.get(ME)).json()["data"] == before


async def test_changes_of_different_fields_at_once_are_both_kept(ada: httpx2.AsyncClient) -> None:
    await asyncio.gather(
        ada.patch(ME, json={"name": "Countess"}),
        ada.patch(ME, json={"timezone": "Europe/London"}),
    )
    user = (await ada.get(ME)).json()["data"]
    assert (user["name"], user["timezone"]) == ("Countess", "Europe/London")


async def test_account_that_is_gone_is_401(app: Served, ada: httpx2.AsyncClient) -> None:
    async with app.database.transaction() as session:
        await session.delete((await session.exec(app_user())).one())
    error_of(await ada.get(ME), 401, "UNAUTHORIZED")
    error_of(await ada.patch(ME, json={"name": "x"}), 401, "UNAUTHORIZED")
    error_of(await ada.post("/api/v1/goals", json={"title": "x"}), 401, "UNAUTHORIZED")


def app_user() -> Any:
    return select(User).where(User.email == "ada@example.com")


async def test_reading_the_account_is_one_statement(app: Served, ada: httpx2.AsyncClient) -> None:
    with queries(app.database, at_most=1):
        assert (await ada.get(ME)).status_code == 200


async def test_changing_the_account_is_two_statements(app: Served, ada: httpx2.AsyncClient) -> None:
    with queries(app.database, at_most=2):
        assert (await ada.patch(ME, json={"name": "Countess"})).status_code == 200
