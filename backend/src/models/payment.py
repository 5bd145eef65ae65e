"""Payments: which events of the provider have been handled."""

from uuid import UUID

from sqlmodel import Field

from src.models.base import Record


class PaymentEvent(Record, table=True):
    """An event that has been handled. The unique id decides which of two deliveries is the first."""

    __tablename__ = "payment_events"

    event_id: str = Field(max_length=255, unique=True)
    """The provider's id."""
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    type: str = Field(max_length=50)
