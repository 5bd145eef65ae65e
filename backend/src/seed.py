"""`python -m src.seed`: fill a database with demo users, USERS of them with TASKS tasks each."""

import asyncio
import sys
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from src.clock import utc_now
from src.config import Environment, SettingsError, load_settings
from src.db import Database
from src.models.achievement import AchievementDefinition
from src.models.user import User
from src.rules import Rules
from src.services import demo, snapshots
from src.services.snapshots import Rows

BATCH = 25
BAR_WIDTH = 40


class Amount(BaseSettings):
    """How much of it, from the environment."""

    users: Annotated[int, Field(ge=1, le=1_000_000)] = 10
    tasks: Annotated[int, Field(ge=0, le=100_000)] = 40


async def fill(
    database: Database, amount: Amount, *, rules: Rules, now: datetime, report: Callable[[int], None]
) -> int:
    """Make the demo users that are not there yet and return how many they were. *report* hears how many are there.

    A batch is one transaction: where the work was broken off, it goes on.
    """
    made = 0
    for first in range(1, amount.users + 1, BATCH):
        numbers = range(first, min(first + BATCH, amount.users + 1))
        async with database.transaction() as session:
            missing = await _missing(session, numbers)
            catalogue = (await session.exec(select(AchievementDefinition))).all()
            rows = _merged(
                demo.user(number, tasks=amount.tasks, rules=rules, catalogue=catalogue, now=now) for number in missing
            )
            await snapshots.insert(session, rows)
        made += len(missing)
        report(numbers[-1])
    return made


async def run(amount: Amount) -> str:
    """Fill the database of the settings and return what to say about it. Raises SettingsError in production."""
    settings = load_settings()
    if settings.environment is Environment.PRODUCTION:
        raise SettingsError("ENVIRONMENT: demo users have no place in production")
    started = time.perf_counter()
    database = Database(settings.database_url)
    try:
        today = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
        made = await fill(database, amount, rules=settings, now=today, report=lambda done: _draw(done, amount.users))
    finally:
        await database.dispose()
    left = f"{amount.users - made} were there already"
    return (
        f"{made} users with {amount.tasks} tasks each in {time.perf_counter() - started:.1f} s; {left}. "
        f"Sign in as {demo.email(1)}."
    )


def main() -> int:
    try:
        print(asyncio.run(run(Amount())))
    except (SettingsError, ValidationError) as error:
        print(f"No demo users were made.\n{error}", file=sys.stderr)
        return 2
    return 0


def _draw(done: int, users: int) -> None:
    """A bar that grows, on a terminal; a log gets only the last line."""
    if sys.stderr.isatty():
        bar = "#" * (BAR_WIDTH * done // users)
        end = "\n" if done == users else ""
        print(f"\r[{bar:<{BAR_WIDTH}}] {done}/{users} users", end=end, file=sys.stderr, flush=True)


async def _missing(session: AsyncSession, numbers: range) -> list[int]:
    emails = {demo.email(number): number for number in numbers}
    there = set(await session.exec(select(User.email).where(col(User.email).in_(emails))))
    return [number for email, number in emails.items() if email not in there]


def _merged(users: Iterable[Rows]) -> Rows:
    merged: Rows = {}
    for rows in users:
        for table, added in rows.items():
            merged.setdefault(table, []).extend(added)
    return merged


if __name__ == "__main__":
    sys.exit(main())
