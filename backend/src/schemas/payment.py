"""Events of the payment provider on the wire. A provider adds fields as it likes: unknown ones are let in."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, Strict, StringConstraints

from src.schemas.base import Input

EventId = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Credits = Annotated[int, Strict(), Field(ge=1, description="At most 500.")]


class Event(Input):
    """What every event has, also one of a type that means nothing here."""

    model_config = ConfigDict(extra="ignore")

    id: EventId
    type: str


class UserEvent(Input):
    model_config = ConfigDict(extra="ignore")

    id: EventId
    user_id: UUID


class CreditsPurchased(UserEvent):
    type: Literal["credits.purchased"]
    amount: Credits


class SubscriptionStarted(UserEvent):
    type: Literal["subscription.started"]


class SubscriptionRenewed(UserEvent):
    type: Literal["subscription.renewed"]


class SubscriptionEnded(UserEvent):
    type: Literal["subscription.ended"]


KnownEvent = CreditsPurchased | SubscriptionStarted | SubscriptionRenewed | SubscriptionEnded

EVENTS: dict[str, type[KnownEvent]] = {
    "credits.purchased": CreditsPurchased,
    "subscription.started": SubscriptionStarted,
    "subscription.renewed": SubscriptionRenewed,
    "subscription.ended": SubscriptionEnded,
}


def read_event(body: bytes) -> KnownEvent | None:
    """The event in *body*, or None for a type that means nothing here. Raises pydantic's ValidationError."""
    schema = EVENTS.get(Event.model_validate_json(body).type)
    return schema.model_validate_json(body) if schema else None
