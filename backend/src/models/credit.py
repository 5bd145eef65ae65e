"""The credit ledger: rows are only added; of a row that is there, only what remains of a lot ever changes."""

import secrets
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from src.clock import Timestamp
from src.models.base import Record, enum_type
from src.schemas.enums import CreditOperation, CreditType

RANDOM_BITS = 80
LIVE = sa.text("remaining > 0")
"""The condition of the partial index. Written out: a bound parameter would keep the planner from using it."""


class CreditEntry(Record, table=True):
    """A line of a user's ledger. One with a positive amount is a lot: it is spent until nothing remains of it."""

    __tablename__ = "credit_entries"
    __table_args__ = (
        sa.UniqueConstraint("user_id", "sequence"),
        sa.UniqueConstraint("user_id", "credit_type", "operation", "period"),
        sa.Index("ix_credit_entries_live", "user_id", "expires_at", postgresql_where=LIVE, sqlite_where=LIVE),
        sa.CheckConstraint("amount <> 0", name="amount"),
        sa.CheckConstraint("balance_after >= 0", name="balance_after"),
        sa.CheckConstraint("(amount > 0) = (remaining IS NOT NULL)", name="lot"),
        sa.CheckConstraint("remaining BETWEEN 0 AND amount", name="remaining"),
    )

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    sequence: int = Field(sa_type=sa.BigInteger)
    """The place in the user's ledger, from 1, without gaps."""
    operation: CreditOperation = Field(sa_type=enum_type(CreditOperation))
    credit_type: CreditType = Field(sa_type=enum_type(CreditType))
    amount: int
    balance_after: int
    """The sum of all amounts up to this line."""
    remaining: int | None = None
    """What is left of a lot."""
    reference: str | None = Field(default=None, max_length=255)
    expires_at: Timestamp | None = None
    """When a lot expires; on a negative line, when that from which it took does."""
    period: str | None = Field(default=None, max_length=10)
    """The day or month for which it was given: what is given once per period cannot be given twice."""


class CreditReservation(Record, table=True):
    """Credits that were spent on work whose outcome is open. The row is deleted when the outcome is known."""

    __tablename__ = "credit_reservations"
    __table_args__ = (sa.Index(None, "created_at"),)

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    first_sequence: int = Field(sa_type=sa.BigInteger)
    last_sequence: int = Field(sa_type=sa.BigInteger)
    """The lines of the ledger that took the credits, both ends included."""


def entry_id(sequence: int) -> UUID:
    """A random id that sorts like *sequence*, so that the tie-break of a listing is the true order."""
    return UUID(int=sequence << RANDOM_BITS | secrets.randbits(RANDOM_BITS), version=4)
