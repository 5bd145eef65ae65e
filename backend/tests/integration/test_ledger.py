"""The ledger in a database, against the model: thousands of random steps, some of them twenty spends at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID, uuid4

import pytest
from hypothesis.stateful import run_state_machine_as_test
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from src.db import Database
from src.errors import InsufficientCredits
from src.integrations.identity import Identity
from src.models.credit import CreditEntry
from src.schemas.enums import CreditType
from src.services import credits, subscriptions, users
from src.services.ledger import Balance
from tests.harness import Served
from tests.ledger_machine import RULES, LedgerMachine, steps

Answer = TypeVar("Answer")
Work = Callable[[AsyncSession], Awaitable[Answer]]


class Stored:
    """Books in a database, each operation in a transaction of its own."""

    user_id: UUID

    def __init__(self, database: Database, runner: asyncio.Runner) -> None:
        self.database = database
        self.runner = runner

    def open(self, now: datetime) -> None:
        identity = Identity(None, f"{uuid4()}@example.com", "Ada", None)
        self.user_id = self._run(lambda session: users.ensure(session, identity, rules=RULES, now=now)).id

    def balance(self, now: datetime) -> Balance:
        return self._run(lambda session: credits.balance(session, self.user_id, rules=RULES, now=now))

    def spend(self, amount: int, now: datetime) -> bool:
        return self.spend_at_once(amount, 1, now) == 1

    def spend_at_once(self, amount: int, times: int, now: datetime) -> int:
        return self.runner.run(self._race(amount, times, now))

    def buy(self, amount: int, now: datetime) -> None:
        purchase = self.user_id, CreditType.PURCHASED, amount
        self._run(lambda session: credits.grant(session, *purchase, reference="test", rules=RULES, now=now))

    def subscribe(self, now: datetime) -> None:
        self._run(lambda session: subscriptions.start(session, self.user_id, rules=RULES, now=now))

    def unsubscribe(self, now: datetime) -> None:
        self._run(lambda session: subscriptions.end(session, self.user_id, rules=RULES, now=now))

    def reserve(self, amount: int, now: datetime) -> UUID | None:
        wanted = self.user_id, amount
        try:
            made = self._run(lambda session: credits.reserve(session, *wanted, reference="test", rules=RULES, now=now))
        except InsufficientCredits:
            return None
        return made.id

    def give_back(self, reservation: UUID, now: datetime) -> bool:
        return self._run(lambda session: credits.give_back(session, reservation, rules=RULES, now=now))

    def keep(self, reservation: UUID) -> bool:
        return self._run(lambda session: credits.settle(session, reservation))

    def lines(self) -> Sequence[CreditEntry]:
        own = select(CreditEntry).where(CreditEntry.user_id == self.user_id).order_by(col(CreditEntry.sequence))

        async def read(session: AsyncSession) -> Sequence[CreditEntry]:
            return (await session.exec(own)).all()

        return self._run(read)

    async def _race(self, amount: int, times: int, now: datetime) -> int:
        outcomes = await asyncio.gather(*(self._spend(amount, now) for _ in range(times)))
        return sum(outcomes)

    async def _spend(self, amount: int, now: datetime) -> bool:
        try:
            async with self.database.transaction() as session:
                await credits.spend(session, self.user_id, amount, reference="test", rules=RULES, now=now)
        except InsufficientCredits:
            return False
        return True

    def _run(self, work: Work[Answer]) -> Answer:
        async def in_transaction() -> Answer:
            async with self.database.transaction() as session:
                return await work(session)

        return self.runner.run(in_transaction())


@pytest.fixture
def stored(app: Served) -> Iterator[Stored]:
    """Return books on a loop of their own: Hypothesis calls each step from outside of one."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        database = Database(app.database.engine.url.render_as_string(hide_password=False))
        yield Stored(database, runner)
        runner.run(database.dispose())


def test_stored_ledger_agrees_with_the_model_over_random_steps(stored: Stored) -> None:
    class Machine(LedgerMachine):
        def __init__(self) -> None:
            super().__init__()
            self.books = stored

    run_state_machine_as_test(Machine, settings=steps(600, each=40))
