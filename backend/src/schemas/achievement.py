"""Achievements, statistics and limits on the wire."""

from pydantic import Field

from src.schemas.base import Schema
from src.schemas.enums import AchievementCategory, PerkType


class AchievementRead(Schema):
    id: str
    name: str
    message: str
    category: AchievementCategory
    threshold: int = Field(description="How much of what the category measures unlocks it.")
    perk_type: PerkType | None
    perk_value: int | None = Field(description="What is added to the limit, for good.")


class PerkRead(Schema):
    type: PerkType
    value: int


class AchievementUnlock(Schema):
    achievement_id: str
    achievement_name: str
    perk: PerkRead | None


class StatsRead(Schema):
    lifetime_tasks_completed: int
    current_streak: int = Field(description="0 once a whole UTC day was missed.")
    longest_streak: int
    focus_completions: int = Field(description="Tasks completed with enough of their estimate spent in focus.")
    notes_converted: int


class AchievementProgress(Schema):
    id: str
    name: str
    current: int
    threshold: int
    unlocked: bool


class EffectiveLimitsRead(Schema):
    max_tasks: int = Field(description="Open tasks: neither completed nor archived.")
    max_notes: int = Field(description="Notes that are not archived.")
    daily_ai_credits: int = Field(validation_alias="daily_credits")


class AchievementOverview(Schema):
    stats: StatsRead
    unlocked: list[str] = Field(description="The ids of the unlocked achievements.")
    progress: list[AchievementProgress]
    effective_limits: EffectiveLimitsRead
