"""One type for instants: what it refuses, and that it always prints Z."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, strategies as st
from pydantic import TypeAdapter, ValidationError

from src.clock import Day, Timestamp

INSTANT = TypeAdapter[datetime](Timestamp)
DAY = TypeAdapter[date](Day)


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("2024-01-15T10:30:00Z", "2024-01-15T10:30:00Z"),
        ("2024-01-15T10:30:00+05:00", "2024-01-15T05:30:00Z"),
        ("2024-01-15T10:30:00.123456-00:30", "2024-01-15T11:00:00.123456Z"),
    ],
)
def test_any_offset_is_converted(written: str, printed: str) -> None:
    assert INSTANT.dump_json(INSTANT.validate_python(written)).decode() == f'"{printed}"'


@pytest.mark.parametrize(
    "written",
    [
        "2024-01-15T10:30:00",
        "2024-01-15",
        "1700000000",
        1700000001,
        1.5,
        "-5",
        "1.7e9",
        "0001-01-01T00:00:00+14:00",
        "now",
        True,
    ],
)
def test_what_does_not_say_its_instant_is_refused(written: object) -> None:
    with pytest.raises(ValidationError):
        INSTANT.validate_python(written)


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)), st.integers(-23 * 60, 23 * 60))  # noqa: DTZ001 the zone comes from the offset
def test_instant_is_kept_and_ends_in_z(naive: datetime, offset_minutes: int) -> None:
    given_instant = naive.replace(tzinfo=timezone(timedelta(minutes=offset_minutes)))
    kept = INSTANT.validate_python(given_instant)
    assert kept == given_instant
    assert kept.tzinfo is UTC
    assert INSTANT.dump_json(kept).decode().endswith('Z"')


def test_day_is_printed_as_it_was_written() -> None:
    assert DAY.dump_json(DAY.validate_python("2024-02-29")).decode() == '"2024-02-29"'
    assert DAY.validate_python(date(2024, 2, 29)) == date(2024, 2, 29)


@pytest.mark.parametrize(
    "written",
    [
        "2024-01-15T00:00:00",
        "2024-01-15\n",
        "20240115",
        "2024-02-30",
        86400,
        "86400",
        datetime(2024, 1, 15, tzinfo=UTC),
    ],
    ids=repr,
)
def test_what_is_no_day_is_refused(written: object) -> None:
    with pytest.raises(ValidationError):
        DAY.validate_python(written)
