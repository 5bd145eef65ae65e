"""Every table, imported once, so that the metadata is whole wherever a model is used."""

from sqlalchemy.orm import configure_mappers

from src.models.achievement import AchievementDefinition, UserAchievement, UserStats
from src.models.credit import CreditEntry, CreditReservation
from src.models.focus import FocusSession
from src.models.goal import Goal
from src.models.idempotency import IdempotencyKey
from src.models.note import Note
from src.models.payment import PaymentEvent
from src.models.task import Subtask, Task
from src.models.tombstone import Tombstone
from src.models.user import RefreshToken, User

__all__ = [
    "AchievementDefinition",
    "CreditEntry",
    "CreditReservation",
    "FocusSession",
    "Goal",
    "IdempotencyKey",
    "Note",
    "PaymentEvent",
    "RefreshToken",
    "Subtask",
    "Task",
    "Tombstone",
    "User",
    "UserAchievement",
    "UserStats",
]

# Here, not at the first query: what is wrong with a relationship stops the import.
configure_mappers()
