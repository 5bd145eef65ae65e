"""Upkeep: what is due although nobody asks for it. Each step is a short transaction, so a run can stop anywhere.

A run finds only what is still due. So it can be repeated, run twice at once or come days late: whatever it repeats was
decided under the user's lock, and whatever it missed is still there to be found.
"""

import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from src.db import Database
from src.errors import ServiceUnavailable
from src.rules import Rules
from src.services import auth, credits, dues, idempotency, tombstones

BATCH = 500
FIRST = UUID(int=0)

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]


class Progress(NamedTuple):
    """What a step has done. A failure is in the log and does not stop the run."""

    done: int
    failed: int = 0


class Find(Protocol):
    """The next ids above *after* for which something is due, in order."""

    async def __call__(
        self, session: AsyncSession, *, after: UUID, rules: Rules, now: datetime, limit: int
    ) -> Sequence[UUID]: ...


class Work(Protocol):
    """Do what is due for one id."""

    async def __call__(self, session: AsyncSession, found: UUID, /, *, rules: Rules, now: datetime) -> object: ...


class Sweep(Protocol):
    """Delete at most *limit* rows that have outlived their time, and return how many they were."""

    async def __call__(self, session: AsyncSession, *, now: datetime, limit: int) -> int: ...


class Job(NamedTuple):
    purpose: str
    run: Callable[[Database, Rules, Clock], AsyncIterator[Progress]]


def for_each(find: Find, work: Work) -> Callable[[Database, Rules, Clock], AsyncIterator[Progress]]:
    """A run that does *work* for all that is found, each in a transaction of its own."""

    async def run(database: Database, rules: Rules, clock: Clock) -> AsyncIterator[Progress]:
        after = FIRST
        while True:
            async with database.reader() as session:
                batch = await find(session, after=after, rules=rules, now=clock(), limit=BATCH)
            if not batch:
                return
            failed = 0
            for found in batch:
                failed += not await _attempt(database, work, found, rules=rules, now=clock())
            yield Progress(len(batch) - failed, failed)
            after = batch[-1]

    return run


def until_none(sweep: Sweep) -> Callable[[Database, Rules, Clock], AsyncIterator[Progress]]:
    """A run that deletes batch after batch until nothing is left to delete."""

    async def run(database: Database, rules: Rules, clock: Clock) -> AsyncIterator[Progress]:
        del rules
        while True:
            async with database.transaction() as session:
                deleted = await sweep(session, now=clock(), limit=BATCH)
            if not deleted:
                return
            yield Progress(deleted)

    return run


JOBS: Mapping[str, Job] = {
    "daily-credits": Job("give the daily credits of today", for_each(dues.daily, dues.settle)),
    "month-turn": Job("turn the months of subscriptions: carry over, give anew", for_each(dues.month, dues.settle)),
    "expire-credits": Job("write down which credits have expired", for_each(dues.expiry, dues.settle)),
    "reservations": Job(
        "give back credits whose request died before it ended", for_each(credits.abandoned, credits.give_back)
    ),
    "tombstones": Job("delete what can no longer be recovered", until_none(tombstones.sweep)),
    "idempotency-keys": Job("delete the stored answers that have expired", until_none(idempotency.sweep)),
    "refresh-tokens": Job("delete the refresh tokens that have expired", until_none(auth.sweep)),
}


async def _attempt(database: Database, work: Work, found: UUID, *, rules: Rules, now: datetime) -> bool:
    """Whether the work was done. One account in disorder must not keep all those after it from what they are due."""
    try:
        async with database.transaction() as session:
            await work(session, found, rules=rules, now=now)
    except ServiceUnavailable:
        raise
    except Exception:
        logger.exception("no upkeep for %s", found)
        return False
    return True
