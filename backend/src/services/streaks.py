"""Streaks: the arithmetic of days in a row. Pure: the days come in as values, in UTC."""

from datetime import date, timedelta
from typing import NamedTuple

DAY = timedelta(days=1)


class Streak(NamedTuple):
    current: int = 0
    longest: int = 0
    last_on: date | None = None
    """The last day that counted."""


def extended(streak: Streak, day: date) -> Streak:
    """*streak* after something counted on *day*. A day that is not after the last one changes nothing."""
    if streak.last_on is not None and day <= streak.last_on:
        return streak
    current = streak.current + 1 if streak.last_on == day - DAY else 1
    return Streak(current, max(streak.longest, current), day)


def seen_on(streak: Streak, day: date) -> int:
    """The current streak for a reader on *day*: nothing is left of it once a whole day was missed."""
    return streak.current if streak.last_on is not None and streak.last_on >= day - DAY else 0
