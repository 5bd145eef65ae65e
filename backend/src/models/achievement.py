"""What a user has achieved: the counters, the catalogue of achievements, and those that are unlocked."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from src.models.base import Record, enum_type, related
from src.schemas.enums import AchievementCategory, PerkType


class UserStats(Record, table=True):
    """One row per user, made with the first thing that counts: whoever has none has zeros."""

    __tablename__ = "user_stats"

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", unique=True)
    lifetime_tasks_completed: int = 0
    current_streak: int = 0
    """As of `last_completed_on`: whoever reads it later asks `streaks.seen_on`."""
    longest_streak: int = 0
    last_completed_on: date | None = None
    focus_completions: int = 0
    notes_converted: int = 0


@dataclass(frozen=True, slots=True)
class Perk:
    """What an achievement adds to a limit, for good."""

    type: PerkType
    value: int


class AchievementDefinition(Record, table=True):
    """The catalogue. A migration puts its rows there; another row is another achievement, without any code."""

    __tablename__ = "achievement_definitions"
    __table_args__ = (
        sa.CheckConstraint("threshold > 0", name="threshold"),
        sa.CheckConstraint("(perk_type IS NULL) = (perk_value IS NULL)", name="perk"),
    )

    id: str = Field(max_length=50, primary_key=True)  # pyright: ignore[reportIncompatibleVariableOverride] a code
    name: str = Field(max_length=100)
    message: str = Field(max_length=500)
    category: AchievementCategory = Field(sa_type=enum_type(AchievementCategory))
    threshold: int
    perk_type: PerkType | None = Field(default=None, sa_type=enum_type(PerkType))
    perk_value: int | None = None

    @property
    def perk(self) -> Perk | None:
        return Perk(self.perk_type, self.perk_value) if self.perk_type and self.perk_value is not None else None


class UserAchievement(Record, table=True):
    """An unlock. It is for good: no row is ever deleted while its user exists."""

    __tablename__ = "user_achievements"
    __table_args__ = (sa.UniqueConstraint("user_id", "achievement_id"),)

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    achievement_id: str = Field(foreign_key="achievement_definitions.id", max_length=50, ondelete="RESTRICT")

    achievement: AchievementDefinition = related()

    @property
    def achievement_name(self) -> str:
        return self.achievement.name

    @property
    def perk(self) -> Perk | None:
        return self.achievement.perk
