"""Statistics, unlocks and effective limits, as services use them."""

from datetime import UTC, datetime
from uuid import UUID

import httpx2

from src.services import limits, progress, users
from src.services.limits import EffectiveLimits
from tests.harness import Served

NOW = datetime(2025, 1, 31, 12, tzinfo=UTC)


async def id_of(client: httpx2.AsyncClient) -> UUID:
    return UUID((await client.get("/api/v1/users/me")).json()["data"]["id"])


async def test_tenth_conversion_unlocks_room_for_notes_once(app: Served, ada: httpx2.AsyncClient) -> None:
    user_id, unlocked = await id_of(ada), []
    for _ in range(11):
        async with app.database.transaction() as session:
            await users.lock(session, user_id)
            new = await progress.record_conversion(session, user_id, now=NOW)
            unlocked.append([achievement.achievement_id for achievement in new])
    assert unlocked == [[]] * 9 + [["notes_10"], []]
    async with app.database.reader() as session:
        user = await users.get(session, user_id)
        assert await limits.effective(session, user, app.resources.rules) == EffectiveLimits(50, 15, 0)
        assert (await progress.get(session, user_id, now=NOW)).notes_converted == 11


async def test_user_without_history_has_zeros_and_base_limits(app: Served, ada: httpx2.AsyncClient) -> None:
    user_id = await id_of(ada)
    async with app.database.reader() as session:
        user = await users.get(session, user_id)
        assert await limits.effective(session, user, app.resources.rules) == EffectiveLimits(50, 10, 0)
        assert await progress.get(session, user_id, now=NOW) == progress.Stats(0, 0, 0, 0, 0)
