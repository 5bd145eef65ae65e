"""The arithmetic of credits, without a database: one user's lots, and the lines that are added to their ledger.

`balance_after` of a line is the sum of all amounts up to it. Because `settle` comes before anything else is done to a
ledger, nothing expired is ever among what is spent, and the last line of every operation shows what the user can spend.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from src.clock import month_of, next_day, next_month
from src.errors import InsufficientCredits
from src.models.credit import CreditEntry, entry_id
from src.rules import Rules
from src.schemas.enums import CreditOperation, CreditType

SPENDING_ORDER = (CreditType.DAILY, CreditType.SUBSCRIPTION, CreditType.PURCHASED, CreditType.KICKSTART)
NEVER = datetime.max.replace(tzinfo=UTC)
DAY, MONTH, ONCE = "%Y-%m-%d", "%Y-%m", "once"
"""What `CreditEntry.period` says of a daily grant, of a month of the subscription, and at sign-up."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What a user can spend, by type."""

    daily: int
    subscription: int
    purchased: int
    kickstart: int

    @property
    def total(self) -> int:
        return self.daily + self.subscription + self.purchased + self.kickstart


@dataclass(slots=True)
class Ledger:
    """What remains in the lots of one user, and where their ledger ends. `written` holds the lines that are new."""

    user_id: UUID
    now: datetime
    lots: list[CreditEntry] = field(default_factory=list[CreditEntry])
    sequence: int = 0
    total: int = 0
    last_at: datetime | None = None
    given: dict[CreditType, str] = field(default_factory=dict[CreditType, str])
    """The last period of each type that is given once per period."""
    written: list[CreditEntry] = field(default_factory=list[CreditEntry])

    @property
    def balance(self) -> Balance:
        return Balance(**{credit_type.value: self._remaining(credit_type) for credit_type in CreditType})

    @property
    def has_daily(self) -> bool:
        """Whether today's credits have been given."""
        return self.given.get(CreditType.DAILY) == self.now.strftime(DAY)

    def grant(
        self,
        credit_type: CreditType,
        amount: int,
        *,
        operation: CreditOperation = CreditOperation.GRANT,
        expires_at: datetime | None = None,
        period: str | None = None,
        reference: str | None = None,
    ) -> None:
        """Add a lot; none for an amount of 0."""
        if amount:
            lot = self._write(operation, credit_type, amount, expires_at=expires_at, reference=reference)
            lot.remaining, lot.period = amount, period
            self.lots.append(lot)
            if period is not None:
                self.given[credit_type] = period

    def spend(self, amount: int, *, reference: str) -> None:
        """Take *amount* from the lots in their order. Raises InsufficientCredits and changes nothing if it is more."""
        if amount > self.total:
            raise InsufficientCredits
        for lot in sorted(self.lots, key=_spending_order):
            part = min(amount, lot.remaining or 0)
            amount -= part
            self._take(lot, part, CreditOperation.CONSUME, reference)

    def give_back(self, taken: Iterable[CreditEntry]) -> None:
        """Undo a spend: a lot for each line that took something, of the same type and expiry, which may have passed."""
        for line in taken:
            self.grant(line.credit_type, -line.amount, expires_at=line.expires_at, reference=line.reference)
        self._expire(self.now)

    def settle(self, rules: Rules, *, daily: int, subscribed: bool) -> None:
        """Write everything that fell due by now, as if each turn of a month had been written in its time."""
        for month in months_due(self.given.get(CreditType.SUBSCRIPTION), self.now) if subscribed else ():
            self._turn(month, rules)
        self._expire(self.now)
        if not self.has_daily:
            self.grant(CreditType.DAILY, daily, expires_at=next_day(self.now), period=self.now.strftime(DAY))

    def subscribe(self, rules: Rules) -> None:
        """Give the credits of this month, unless it has had them: a subscription can end and start again within it."""
        if self.given.get(CreditType.SUBSCRIPTION, "") < self.now.strftime(MONTH):
            self._turn(month_of(self.now), rules)

    def _turn(self, month: datetime, rules: Rules) -> None:
        """Begin a month of the subscription: part of what is left of the last one lives on, the rest expires."""
        unspent = self._remaining(CreditType.SUBSCRIPTION, expired_by=month)
        self._expire(month)
        given = {
            CreditOperation.CARRYOVER: min(unspent, rules.carryover_max_credits),
            CreditOperation.GRANT: rules.subscription_credits,
        }
        end, period = next_month(month), month.strftime(MONTH)
        for operation, amount in given.items():
            self.grant(CreditType.SUBSCRIPTION, amount, operation=operation, expires_at=end, period=period)

    def _expire(self, until: datetime) -> None:
        for lot in sorted(self.lots, key=_expiry_order):
            if lot.expires_at is not None and lot.expires_at <= until:
                self._take(lot, lot.remaining or 0, CreditOperation.EXPIRE)

    def _remaining(self, credit_type: CreditType, expired_by: datetime = NEVER) -> int:
        lots = (lot for lot in self.lots if lot.credit_type is credit_type)
        return sum(lot.remaining or 0 for lot in lots if (lot.expires_at or NEVER) <= expired_by)

    def _take(self, lot: CreditEntry, amount: int, operation: CreditOperation, reference: str | None = None) -> None:
        if amount:
            lot.remaining = (lot.remaining or 0) - amount
            self._write(operation, lot.credit_type, -amount, expires_at=lot.expires_at, reference=reference)

    def _write(
        self,
        operation: CreditOperation,
        credit_type: CreditType,
        amount: int,
        *,
        expires_at: datetime | None,
        reference: str | None,
    ) -> CreditEntry:
        """Add a line. Clocks of two processes may differ; the ledger's time does not run backwards."""
        self.sequence += 1
        self.total += amount
        self.last_at = max(self.now, self.last_at or self.now)
        entry = CreditEntry(
            id=entry_id(self.sequence),
            created_at=self.last_at,
            updated_at=self.last_at,
            user_id=self.user_id,
            sequence=self.sequence,
            operation=operation,
            credit_type=credit_type,
            amount=amount,
            balance_after=self.total,
            expires_at=expires_at,
            reference=reference,
        )
        self.written.append(entry)
        return entry


def opened(user_id: UUID, *, rules: Rules, now: datetime) -> Ledger:
    """The ledger of a user who has just signed up."""
    ledger = Ledger(user_id, now)
    ledger.grant(CreditType.KICKSTART, rules.kickstart_credits, period=ONCE)
    return ledger


def months_due(last: str | None, now: datetime) -> Sequence[datetime]:
    """The months of a running subscription after *last* (`2025-01`) up to that of *now*; without *last* only that."""
    if last is None:
        return [month_of(now)]
    months: list[datetime] = []
    month = next_month(datetime.strptime(last, MONTH).replace(tzinfo=UTC))
    while month <= now:
        months.append(month)
        month = next_month(month)
    return months


def _spending_order(lot: CreditEntry) -> tuple[int, datetime, int]:
    return SPENDING_ORDER.index(lot.credit_type), lot.expires_at or NEVER, lot.sequence


def _expiry_order(lot: CreditEntry) -> tuple[datetime, int]:
    return lot.expires_at or NEVER, lot.sequence
