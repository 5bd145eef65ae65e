"""The types a field can have. Each says once what it is in a table, on the wire, in Zod, and which values prove it."""

from collections.abc import Callable

from plumb.resources.field import Context, Field
from plumb.resources.kinds_of_choices import enumeration, reference
from plumb.resources.kinds_of_numbers import decimal, integer
from plumb.resources.kinds_of_text import line, text


def boolean(context: Context, *arguments: str) -> Field:
    """True or false; false unless it is sent."""
    context.takes_nothing("bool", arguments)
    return Field(
        **context.names(),
        stored="bool",
        answered="bool",
        alias=None,
        default=None if context.nullable else "False",
        left_out=None if context.nullable else False,
        filtered="bool",
        sa="sa.Boolean()",
        zod="z.boolean()",
        valid=True,
        changed=False,
        accepted={"true": (True, True), "false": (False, False)},
        refused={"a number": 1, "a text": "true"},
    )


def day(context: Context, *arguments: str) -> Field:
    """A day of the calendar."""
    context.takes_nothing("date", arguments)
    return Field(
        **context.names(),
        stored="Day",
        answered="Day",
        sa="sa.Date()",
        zod="z.iso.date()",
        valid="2025-02-01",
        changed="2025-06-30",
        accepted={"of a leap year": ("2024-02-29", "2024-02-29")},
        refused={"not of the calendar": "2025-02-30", "with a time": "2025-02-01T00:00:00Z", "a number": 86400},
    )


def instant(context: Context, *arguments: str) -> Field:
    """An instant, in UTC."""
    context.takes_nothing("datetime", arguments)
    return Field(
        **context.names(),
        stored="Timestamp",
        answered="Timestamp",
        sa="sa.DateTime(timezone=True)",
        zod="instant",
        valid="2025-02-01T10:00:00Z",
        changed="2025-06-30T08:15:00Z",
        accepted={"with an offset": ("2025-02-01T12:00:00+02:00", "2025-02-01T10:00:00Z")},
        refused={"without an offset": "2025-02-01T10:00:00", "a number": 1700000000},
    )


def identifier(context: Context, *arguments: str) -> Field:
    """A UUID that means something to the client."""
    context.takes_nothing("uuid", arguments)
    first = "6f1c2a7e-00aa-4000-8000-000000000001"
    return Field(
        **context.names(),
        stored="UUID",
        answered="UUID",
        sa="sa.Uuid()",
        zod="id",
        valid=first,
        changed="6f1c2a7e-00aa-4000-8000-000000000002",
        accepted={"in upper case": (first.upper(), first)},
        refused={"no UUID": "6f1c2a7e", "a number": 1},
    )


Kind = Callable[..., Field]
KINDS: dict[str, Kind] = {
    "str": line,
    "text": text,
    "int": integer,
    "Decimal": decimal,
    "bool": boolean,
    "date": day,
    "datetime": instant,
    "enum": enumeration,
    "uuid": identifier,
    "ref": reference,
}
