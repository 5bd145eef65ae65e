"""Every enum of the API: members are upper case, values are what the wire and the database hold."""

from enum import StrEnum


class UserTier(StrEnum):
    FREE = "free"
    PRO = "pro"


class TaskPriority(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class CompletedBy(StrEnum):
    MANUAL = "manual"
    AUTO = "auto"
    FORCE = "force"


class SubtaskSource(StrEnum):
    USER = "user"
    AI = "ai"


class AchievementCategory(StrEnum):
    TASKS = "tasks"
    STREAKS = "streaks"
    FOCUS = "focus"
    NOTES = "notes"


class PerkType(StrEnum):
    MAX_TASKS = "max_tasks"
    MAX_NOTES = "max_notes"
    DAILY_CREDITS = "daily_credits"


class CreditOperation(StrEnum):
    GRANT = "grant"
    CONSUME = "consume"
    EXPIRE = "expire"
    CARRYOVER = "carryover"


class CreditType(StrEnum):
    KICKSTART = "kickstart"
    DAILY = "daily"
    SUBSCRIPTION = "subscription"
    PURCHASED = "purchased"
