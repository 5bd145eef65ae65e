"""Streaks, against a model that looks at the whole calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from src.services import streaks
from src.services.streaks import Streak

NEW_YEARS_EVE = date(2024, 12, 31)
DAYS = st.lists(st.integers(0, 60), min_size=1).map(sorted)


def after(*offsets: int) -> Streak:
    """The streak of somebody to whom something counted on each of these days, counted from new year's eve."""
    streak = Streak()
    for offset in offsets:
        streak = streaks.extended(streak, NEW_YEARS_EVE + timedelta(days=offset))
    return streak


@pytest.mark.parametrize(
    ("offsets", "current", "longest"),
    [
        pytest.param([0], 1, 1, id="first day"),
        pytest.param([0, 0, 0], 1, 1, id="same day"),
        pytest.param([0, 1], 2, 2, id="next day, in the next year"),
        pytest.param([0, 1, 3], 1, 2, id="gap"),
        pytest.param([0, 2, 3, 4], 3, 3, id="longer than before the gap"),
        pytest.param([5, 4], 1, 1, id="clock set back"),
    ],
)
def test_streak_counts_days_in_a_row(offsets: list[int], current: int, longest: int) -> None:
    streak = after(*offsets)
    assert (streak.current, streak.longest) == (current, longest)


@pytest.mark.parametrize(("later", "seen"), [(0, 2), (1, 2), (2, 0), (400, 0)])
def test_reader_sees_nothing_once_a_day_was_missed(later: int, seen: int) -> None:
    streak = after(0, 1)
    assert streaks.seen_on(streak, NEW_YEARS_EVE + timedelta(days=1 + later)) == seen


def test_reader_of_nothing_sees_nothing() -> None:
    assert streaks.seen_on(Streak(), NEW_YEARS_EVE) == 0


@given(DAYS)
def test_streak_equals_the_run_that_ends_at_the_last_day(offsets: list[int]) -> None:
    days, last = set(offsets), offsets[-1]
    run = next(length for length in range(1, 62) if last - length not in days)
    assert after(*offsets).current == run


@given(DAYS)
def test_longest_is_the_longest_run_and_never_falls(offsets: list[int]) -> None:
    days = set(offsets)
    runs = [next(length for length in range(1, 62) if day + length not in days) for day in days]
    longests = [after(*offsets[:count]).longest for count in range(1, len(offsets) + 1)]
    assert longests[-1] == max(runs)
    assert longests == sorted(longests)
