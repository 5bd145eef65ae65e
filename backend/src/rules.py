"""The numbers of the domain. Each is a setting of the same name with the default that stands here."""

from typing import Annotated, NamedTuple

from pydantic import BaseModel, Field

from src.schemas.enums import UserTier

Count = Annotated[int, Field(ge=0, le=1_000_000)]
Characters = Annotated[int, Field(ge=0, le=2000)]
"""At most what a description may have in schema and column."""
Subtasks = Annotated[int, Field(ge=0, le=1000)]
"""At most what one request can put into a new order."""
PerMinute = Annotated[int, Field(ge=1, le=1_000_000)]
"""At 0 everybody would be refused; who wants no limit has RATE_LIMIT_ENABLED."""
Seconds = Annotated[int, Field(ge=1, le=366 * 24 * 3600)]


class TierLimits(NamedTuple):
    """What a tier allows."""

    max_tasks: int
    max_notes: int
    max_subtasks: int
    max_description: int
    max_suggestions: int
    daily_credits: int


class Rules(BaseModel):
    """Limits, prices and lifetimes. Services receive it as a value and never read a setting."""

    free_max_tasks: Count = 50
    pro_max_tasks: Count = 200
    free_max_notes: Count = 10
    pro_max_notes: Count = 25
    free_max_subtasks: Subtasks = 4
    pro_max_subtasks: Subtasks = 10
    free_max_description: Characters = 1000
    pro_max_description: Characters = 2000
    free_max_suggestions: Count = 4
    pro_max_suggestions: Count = 10
    free_daily_credits: Count = 0
    pro_daily_credits: Count = 10

    kickstart_credits: Count = 5
    subscription_credits: Count = 100
    carryover_max_credits: Count = 50
    purchase_max_credits: Count = 500
    reservation_ttl_seconds: Seconds = 5 * 60
    ai_chat_cost: Count = 1
    ai_subtasks_cost: Count = 1
    focus_share_percent: Annotated[int, Field(ge=1, le=100)] = 50

    access_token_ttl_seconds: Seconds = 15 * 60
    refresh_token_ttl_seconds: Seconds = 7 * 24 * 3600
    tombstone_ttl_seconds: Seconds = 7 * 24 * 3600
    idempotency_key_ttl_seconds: Seconds = 24 * 3600
    webhook_tolerance_seconds: Seconds = 5 * 60

    rate_limit_sign_in_per_minute: PerMinute = 10
    rate_limit_ai_per_minute: PerMinute = 20
    rate_limit_default_per_minute: PerMinute = 300

    def limits(self, tier: UserTier) -> TierLimits:
        """The base limits of *tier*."""
        return TierLimits(*(getattr(self, f"{tier.value}_{name}") for name in TierLimits._fields))
