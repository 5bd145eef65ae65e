"""Random histories of credits, played to the ledger and to a model of it that is too simple to be wrong."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Any, Protocol

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from src.clock import next_day, next_month
from src.models.credit import CreditEntry
from src.rules import Rules
from src.services.ledger import Balance

RULES = Rules()
ORDER = ("daily", "subscription", "purchased", "kickstart")
FOREVER = datetime.max.replace(tzinfo=UTC)
AMOUNTS = st.sampled_from([1, 2, 5, 10, 49, 50, 51, 100, 149, 150, 151, 400])
PAUSES = st.sampled_from([timedelta(), *(timedelta(seconds=1) * 60**n for n in range(3)), timedelta(days=1, hours=5)])


class Books(Protocol):
    """What the machine needs of a ledger: the real one, in memory or in a database."""

    def open(self, now: datetime) -> None: ...
    def balance(self, now: datetime) -> Balance: ...
    def spend(self, amount: int, now: datetime) -> bool: ...
    def spend_at_once(self, amount: int, times: int, now: datetime) -> int: ...
    def buy(self, amount: int, now: datetime) -> None: ...
    def subscribe(self, now: datetime) -> None: ...
    def unsubscribe(self, now: datetime) -> None: ...
    def reserve(self, amount: int, now: datetime) -> Hashable | None: ...
    def give_back(self, reservation: Any, now: datetime) -> bool: ...
    def keep(self, reservation: Any) -> bool: ...
    def lines(self) -> Sequence[CreditEntry]:
        """Every line in the order of the sequence, read without a need."""
        ...


@dataclass
class Lot:
    kind: str
    left: int
    expires_at: datetime = FOREVER


class Model:
    """Credits as the rules tell them: each turn happens in its time, and credits are taken one by one."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.pro = False
        self.daily_on: date | None = None
        self.subscribed_in: tuple[int, int] | None = None
        self.lots = [Lot("kickstart", 5)]

    def advance(self, now: datetime) -> None:
        while (turn := next_month(self.now)) <= now:
            unspent = self.total("subscription")
            self.now = turn
            if self.pro:
                self.begin_month(carried=min(unspent, 50))
        self.now = now

    def begin_month(self, carried: int) -> None:
        self.lots.append(Lot("subscription", carried, next_month(self.now)))
        self.lots.append(Lot("subscription", 100, next_month(self.now)))
        self.subscribed_in = self.now.year, self.now.month

    def need(self) -> None:
        if self.pro and self.daily_on != self.now.date():
            self.lots.append(Lot("daily", 10, next_day(self.now)))
            self.daily_on = self.now.date()

    def subscribe(self) -> None:
        self.need()
        self.pro = True
        if self.subscribed_in != (self.now.year, self.now.month):
            self.begin_month(carried=0)

    def unsubscribe(self) -> None:
        self.need()
        self.pro = False

    def take(self, amount: int) -> list[Lot] | None:
        self.need()
        if amount > sum(self.total(kind) for kind in ORDER):
            return None
        taken: list[Lot] = []
        for _ in range(amount):
            lot = min(self.live(), key=lambda lot: (ORDER.index(lot.kind), lot.expires_at))
            lot.left -= 1
            taken.append(Lot(lot.kind, 1, lot.expires_at))
        return taken

    def live(self) -> list[Lot]:
        return [lot for lot in self.lots if lot.left and lot.expires_at > self.now]

    def total(self, kind: str) -> int:
        return sum(lot.left for lot in self.live() if lot.kind == kind)

    @property
    def balance(self) -> Balance:
        return Balance(**{kind: self.total(kind) for kind in ORDER})


class LedgerMachine(RuleBasedStateMachine):
    """Subclasses say which books are kept."""

    books: Books

    @initialize(start=st.datetimes(datetime(2023, 12, 1), datetime(2024, 3, 31), timezones=st.just(UTC)))  # noqa: DTZ001
    def sign_up(self, start: datetime) -> None:
        self.model = Model(start)
        self.open: dict[Any, list[Lot]] = {}
        self.closed: list[Any] = []
        self.books.open(start)

    @rule(pause=PAUSES)
    def wait(self, pause: timedelta) -> None:
        self.model.advance(self.model.now + pause)

    @rule(before=st.sampled_from([timedelta(), timedelta(microseconds=1)]))
    def wait_for_midnight(self, before: timedelta) -> None:
        self.model.advance(max(self.model.now, next_day(self.model.now) - before))

    @rule(months=st.integers(1, 4), before=st.sampled_from([timedelta(), timedelta(microseconds=1)]))
    def wait_for_a_turn_of_the_month(self, months: int, before: timedelta) -> None:
        turn = self.model.now
        for _ in range(months):
            turn = next_month(turn)
        self.model.advance(max(self.model.now, turn - before))

    @rule()
    def look(self) -> None:
        self.model.need()
        assert self.books.balance(self.model.now) == self.model.balance

    @rule(amount=AMOUNTS)
    def spend(self, amount: int) -> None:
        expected = self.model.take(amount) is not None
        assert self.books.spend(amount, self.model.now) is expected

    @rule(amount=AMOUNTS, times=st.sampled_from([2, 20]))
    def spend_at_once(self, amount: int, times: int) -> None:
        expected = sum(self.model.take(amount) is not None for _ in range(times))
        assert self.books.spend_at_once(amount, times, self.model.now) == expected

    @rule(amount=st.integers(1, 500))
    def buy(self, amount: int) -> None:
        self.model.need()
        self.model.lots.append(Lot("purchased", amount))
        self.books.buy(amount, self.model.now)

    @rule()
    def subscribe(self) -> None:
        self.model.subscribe()
        self.books.subscribe(self.model.now)

    @precondition(lambda self: self.model.pro)
    @rule()
    def unsubscribe(self) -> None:
        self.model.unsubscribe()
        self.books.unsubscribe(self.model.now)

    @rule(amount=AMOUNTS)
    def reserve(self, amount: int) -> None:
        taken = self.model.take(amount)
        reservation = self.books.reserve(amount, self.model.now)
        assert (reservation is None) is (taken is None)
        if taken is not None:
            self.open[reservation] = taken

    @precondition(lambda self: self.open)
    @rule(data=st.data(), kept=st.booleans())
    def close(self, data: st.DataObject, kept: bool) -> None:  # noqa: FBT001 Hypothesis draws it
        reservation = data.draw(st.sampled_from(list(self.open)))
        taken = self.open.pop(reservation)
        self.closed.append(reservation)
        if kept:
            assert self.books.keep(reservation) is True
        else:
            self.model.need()
            self.model.lots.extend(taken)
            assert self.books.give_back(reservation, self.model.now) is True

    @precondition(lambda self: self.closed)
    @rule(data=st.data())
    def close_again(self, data: st.DataObject) -> None:
        reservation = data.draw(st.sampled_from(self.closed))
        assert self.books.keep(reservation) is False
        assert self.books.give_back(reservation, self.model.now) is False

    @invariant()
    def ledger_is_sound(self) -> None:
        lines = self.books.lines()
        _assert_lines_add_up(lines)
        _assert_nothing_is_lost(lines)
        _assert_nothing_is_given_twice(lines)

    def teardown(self) -> None:
        if hasattr(self, "model"):
            self.look()


def _assert_lines_add_up(lines: Sequence[CreditEntry]) -> None:
    assert [line.sequence for line in lines] == list(range(1, len(lines) + 1))
    assert [line.balance_after for line in lines] == list(accumulate(line.amount for line in lines))
    assert min(line.balance_after for line in lines) >= 0
    assert lines == sorted(lines, key=lambda line: (line.created_at, line.id))


def _assert_nothing_is_lost(lines: Sequence[CreditEntry]) -> None:
    """All that was added and taken per type and expiry is what remains of the lots of that type and expiry."""
    sums: dict[Any, int] = {}
    for line in lines:
        kind = line.credit_type, line.expires_at
        sums[kind] = sums.get(kind, 0) + line.amount - (line.remaining or 0)
    assert set(sums.values()) == {0}


def _assert_nothing_is_given_twice(lines: Sequence[CreditEntry]) -> None:
    given = [(line.credit_type, line.operation, line.period) for line in lines if line.period]
    assert len(given) == len(set(given))


def steps(total: int, *, each: int) -> settings:
    """Settings for about *total* steps in runs of *each*."""
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    return settings(max_examples=math.ceil(total / each), stateful_step_count=each, suppress_health_check=checks)
