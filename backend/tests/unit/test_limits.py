"""Limits: the last place can be taken, and no more."""

import pytest

from src.errors import LimitExceeded
from src.services import limits


def test_last_place_is_free_and_the_next_is_not() -> None:
    limits.require_room(49, 50, name="max_tasks", what="open tasks")
    with pytest.raises(LimitExceeded, match=r"At most 50 open tasks are allowed \(max_tasks\)"):
        limits.require_room(50, 50, name="max_tasks", what="open tasks")
