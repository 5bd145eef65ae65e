"""Every table, imported once, so that the metadata is whole wherever a model is used."""

from src.models.task import Subtask, Task
from src.models.user import RefreshToken, User

__all__ = ["RefreshToken", "Subtask", "Task", "User"]
