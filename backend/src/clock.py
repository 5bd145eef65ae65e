"""Time: the only module that asks the system clock, and the only definition of an instant."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator


def utc_now() -> datetime:
    """The current instant. Services never call it: they are given `now` as a value."""
    return datetime.now(UTC)


def next_day(instant: datetime) -> datetime:
    """The first instant of the UTC day after that of *instant*."""
    return (instant + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def month_of(instant: datetime) -> datetime:
    """The first instant of the UTC month of *instant*."""
    return instant.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(instant: datetime) -> datetime:
    """The first instant of the UTC month after that of *instant*."""
    return month_of(month_of(instant) + timedelta(days=31))


def to_utc(value: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError where UTC would leave the years 1 to 9999."""
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the instant is outside the years 1 to 9999 in UTC") from error


def _written_out(value: object) -> object:
    """Refuse Unix times, which pydantic would accept: 1700000000, or "1.7e9", says neither its unit nor its zone."""
    if isinstance(value, datetime) or (isinstance(value, str) and re.match(r"[0-9]{4}-", value)):
        return value
    raise ValueError("expected an RFC 3339 date-time with an offset, for example 2024-01-15T10:30:00Z")


Timestamp = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(to_utc)]
"""A UTC instant: ISO 8601 with a `Z` suffix in JSON; `timestamptz` in PostgreSQL, aware again when read from SQLite."""


def _day_written_out(value: object) -> object:
    """Refuse Unix times and instants, of which pydantic would take the day."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError("expected an RFC 3339 full-date, for example 2024-01-15")


Day = Annotated[date, BeforeValidator(_day_written_out)]
"""A day of the calendar, `2024-01-15` in JSON; whose day it is, a time zone beside it has to say."""
