"""The arithmetic of credits, against the model and at the edges, without a database."""

from collections.abc import Hashable, Sequence
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis.stateful import run_state_machine_as_test

from src.clock import month_of, next_day, next_month
from src.errors import InsufficientCredits
from src.models.credit import CreditEntry, entry_id
from src.schemas.enums import CreditType
from src.services.ledger import Balance, Ledger, months_due, opened
from tests.ledger_machine import RULES, LedgerMachine, steps


class InMemory:
    """Books of one user that are never stored."""

    def open(self, now: datetime) -> None:
        self.pro = False
        self.ledger = opened(uuid4(), rules=RULES, now=now)
        self.reservations: dict[Hashable, Sequence[CreditEntry]] = {}

    def balance(self, now: datetime) -> Balance:
        return self._settled(now).balance

    def spend(self, amount: int, now: datetime) -> bool:
        return self.reserve(amount, now) is not None

    def spend_at_once(self, amount: int, times: int, now: datetime) -> int:
        return sum(self.spend(amount, now) for _ in range(times))

    def buy(self, amount: int, now: datetime) -> None:
        self._settled(now).grant(CreditType.PURCHASED, amount)

    def subscribe(self, now: datetime) -> None:
        ledger = self._settled(now)
        self.pro = True
        ledger.subscribe(RULES)

    def unsubscribe(self, now: datetime) -> None:
        self._settled(now)
        self.pro = False

    def reserve(self, amount: int, now: datetime) -> Hashable | None:
        ledger = self._settled(now)
        before = len(ledger.written)
        try:
            ledger.spend(amount, reference="test")
        except InsufficientCredits:
            return None
        reservation = uuid4()
        self.reservations[reservation] = ledger.written[before:]
        return reservation

    def give_back(self, reservation: Hashable, now: datetime) -> bool:
        taken = self.reservations.pop(reservation, ())
        if taken:
            self._settled(now).give_back(taken)
        return bool(taken)

    def keep(self, reservation: Hashable) -> bool:
        return self.reservations.pop(reservation, None) is not None

    def lines(self) -> Sequence[CreditEntry]:
        return self.ledger.written

    def _settled(self, now: datetime) -> Ledger:
        self.ledger.now = now
        self.ledger.settle(RULES, daily=RULES.pro_daily_credits if self.pro else 0, subscribed=self.pro)
        return self.ledger


def test_ledger_agrees_with_the_model_over_thousands_of_random_steps() -> None:
    class Machine(LedgerMachine):
        def __init__(self) -> None:
            super().__init__()
            self.books = InMemory()

    run_state_machine_as_test(Machine, settings=steps(5000, each=50))


def test_of_two_lots_that_expire_together_the_older_is_spent_first() -> None:
    ledger = opened(uuid4(), rules=RULES, now=datetime(2024, 1, 31, tzinfo=UTC))
    ledger.grant(CreditType.PURCHASED, 5)
    ledger.grant(CreditType.PURCHASED, 5)
    ledger.spend(6, reference="test")
    assert [lot.remaining for lot in ledger.lots] == [5, 0, 4]


@pytest.mark.parametrize(
    ("instant", "day", "month"),
    [
        ((2023, 12, 31, 23, 59, 59, 999999), (2024, 1, 1), (2024, 1, 1)),
        ((2024, 1, 1), (2024, 1, 2), (2024, 2, 1)),
        ((2024, 1, 31, 12), (2024, 2, 1), (2024, 2, 1)),
        ((2024, 2, 28), (2024, 2, 29), (2024, 3, 1)),
        ((2023, 2, 28), (2023, 3, 1), (2023, 3, 1)),
        ((2024, 2, 1), (2024, 2, 2), (2024, 3, 1)),
    ],
)
def test_next_day_and_next_month(instant: tuple[int, int, int], day: tuple[int, ...], month: tuple[int, ...]) -> None:
    now = datetime(*instant, tzinfo=UTC)
    assert next_day(now) == datetime(*day[:3], tzinfo=UTC)
    assert next_month(now) == datetime(*month[:3], tzinfo=UTC)
    assert month_of(next_month(now)) == next_month(now)


@pytest.mark.parametrize(
    ("last", "months"),
    [
        (None, ["2024-02"]),
        ("2024-02", []),
        ("2024-05", []),
        ("2024-01", ["2024-02"]),
        ("2023-11", ["2023-12", "2024-01", "2024-02"]),
    ],
)
def test_months_due(last: str | None, months: list[str]) -> None:
    now = datetime(2024, 2, 29, 23, 59, tzinfo=UTC)
    assert [month.strftime("%Y-%m") for month in months_due(last, now)] == months


def test_month_is_due_from_its_first_instant() -> None:
    assert months_due("2024-01", datetime(2024, 2, 1, tzinfo=UTC)) == [datetime(2024, 2, 1, tzinfo=UTC)]


def test_ids_sort_like_the_sequence_and_are_random() -> None:
    ids = [entry_id(sequence) for sequence in (1, 2, 3, 255, 256, 65_535, 2**31, 2**47)]
    assert ids == sorted(ids)
    assert len({entry_id(1) for _ in range(1000)}) == 1000
    assert entry_id(7).version == 4
