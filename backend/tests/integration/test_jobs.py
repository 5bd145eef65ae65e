"""Jobs: as real processes where it matters, and in this process where time has to be turned."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from src.clock import utc_now
from src.models.idempotency import IdempotencyKey
from src.models.user import RefreshToken
from src.services.upkeep import JOBS, Progress
from tests.harness import Served
from tests.upkeep import add, count, finished, make_users, run, start


def expired_token(owner: UUID) -> RefreshToken:
    yesterday = utc_now() - timedelta(days=1)
    return RefreshToken(user_id=owner, family_id=uuid4(), token_hash=str(uuid4()), expires_at=yesterday)


async def test_without_a_name_the_jobs_are_listed(app: Served) -> None:
    code, out, _ = await finished(await start(app))
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[2:]] == list(JOBS)


@pytest.mark.parametrize("arguments", [["refresh-token"], ["refresh-tokens", "idempotency-keys"]])
async def test_unknown_name_is_an_error_that_lists_the_jobs(app: Served, arguments: list[str]) -> None:
    code, out, err = await finished(await start(app, *arguments))
    assert (code, out) == (2, "")
    assert "refresh-tokens  " in err


async def test_unusable_settings_are_named(app: Served) -> None:
    code, _, err = await finished(await start(app, "refresh-tokens", PORT="http"))
    assert code == 2
    assert "PORT: " in err


async def test_database_that_cannot_be_reached_is_an_error(app: Served) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    code, out, _ = await finished(await start(app, "refresh-tokens", DATABASE_URL=nowhere))
    assert code == 1
    assert out.startswith("refresh-tokens: stopped, the database cannot be reached")


async def test_run_says_how_far_it_is_and_what_it_did(app: Served) -> None:
    (owner,) = await make_users(app, 1)
    await add(app, *(expired_token(owner) for _ in range(3)))
    code, out, err = await finished(await start(app, "refresh-tokens"))
    assert (code, err) == (0, "refresh-tokens: 3 done ...\n")
    assert out.startswith("refresh-tokens: finished, 3 done, 0 failed, ")
    code, out, err = await finished(await start(app, "refresh-tokens"))
    assert (code, err) == (0, "")
    assert out.startswith("refresh-tokens: finished, 0 done, 0 failed, ")
    assert await count(app, RefreshToken) == 0


async def test_clean_up_deletes_in_batches_what_has_expired_and_nothing_else(app: Served) -> None:
    app.clock.set(2030, 6, 10)
    (owner,) = await make_users(app, 1)
    now = app.clock.now()
    expiries = [now] * 1100 + [now + timedelta(seconds=1)]
    tokens = (
        RefreshToken(user_id=owner, family_id=uuid4(), token_hash=str(uuid4()), expires_at=expires_at)
        for expires_at in expiries
    )
    keys = (
        IdempotencyKey(user_id=owner, key=str(uuid4()), fingerprint="f", expires_at=expires_at)
        for expires_at in expiries
    )
    await add(app, *tokens, *keys)
    for name, table in (("refresh-tokens", RefreshToken), ("idempotency-keys", IdempotencyKey)):
        steps = [step async for step in JOBS[name].run(app.database, app.resources.rules, app.clock.now)]
        assert [step.done for step in steps] == [500, 500, 100]
        assert await count(app, table) == 1


async def test_tombstones_that_have_expired_are_deleted(app: Served) -> None:
    app.clock.set(2030, 6, 10)
    ada = await app.sign_in("ada")
    task = (await ada.post("/api/v1/tasks", json={"title": "Write"})).json()["data"]["id"]
    assert (await ada.delete(f"/api/v1/tasks/{task}")).status_code == 200
    assert await run(app, "tombstones") == Progress(0)
    app.clock.advance(seconds=app.resources.rules.tombstone_ttl_seconds)
    assert await run(app, "tombstones") == Progress(1)
