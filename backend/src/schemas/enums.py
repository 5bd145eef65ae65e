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


class ActionType(StrEnum):
    CREATE_TASK = "create_task"
    COMPLETE_TASK = "complete_task"
    START_FOCUS = "start_focus"
    ADD_SUBTASKS = "add_subtasks"


class TombstoneEntityType(StrEnum):
    TASK = "task"
    NOTE = "note"


class GoalStatus(StrEnum):
    ACTIVE = "active"
    REACHED = "reached"
    DROPPED = "dropped"


class ErrorCode(StrEnum):
    """The closed list of codes: a client may switch on it."""

    VALIDATION_ERROR = "VALIDATION_ERROR"
    BAD_REQUEST = "BAD_REQUEST"
    IDEMPOTENCY_KEY_REQUIRED = "IDEMPOTENCY_KEY_REQUIRED"
    UNAUTHORIZED = "UNAUTHORIZED"
    TOKEN_EXPIRED = "TOKEN_EXPIRED"
    INVALID_ID_TOKEN = "INVALID_ID_TOKEN"
    INVALID_REFRESH_TOKEN = "INVALID_REFRESH_TOKEN"
    INVALID_SIGNATURE = "INVALID_SIGNATURE"
    INSUFFICIENT_CREDITS = "INSUFFICIENT_CREDITS"
    FORBIDDEN = "FORBIDDEN"
    TIER_REQUIRED = "TIER_REQUIRED"
    NOT_FOUND = "NOT_FOUND"
    TASK_NOT_FOUND = "TASK_NOT_FOUND"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    CONFLICT = "CONFLICT"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    ARCHIVED = "ARCHIVED"
    SUBTASKS_OPEN = "SUBTASKS_OPEN"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    IDEMPOTENCY_IN_PROGRESS = "IDEMPOTENCY_IN_PROGRESS"
    PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    RATE_LIMIT_EXCEEDED = "RATE_LIMIT_EXCEEDED"
    INTERNAL_ERROR = "INTERNAL_ERROR"
    AI_SERVICE_ERROR = "AI_SERVICE_ERROR"
    AI_SERVICE_UNAVAILABLE = "AI_SERVICE_UNAVAILABLE"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
