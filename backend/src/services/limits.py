"""Limits: one more only while fewer are there. Count under `users.lock`, or two can pass."""

from src.errors import LimitExceeded


def require_room(taken: int, limit: int, *, name: str, what: str) -> None:
    """Raise LimitExceeded, which says which limit it is and how high, unless one more fits below *limit*."""
    if taken >= limit:
        raise LimitExceeded(f"At most {limit} {what} are allowed ({name}).")
