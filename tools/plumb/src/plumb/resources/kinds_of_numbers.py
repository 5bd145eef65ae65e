"""Fields of numbers: whole ones and exact decimals."""

from plumb.resources.field import Context, Field
from plumb.resources.names import pascal

MAX_DIGITS = 18
"""As many as always fit in 64 bits, in which SQLite holds a decimal."""


def integer(context: Context, *arguments: str) -> Field:
    """A whole number of 32 bits."""
    context.takes_nothing("int", arguments)
    low, high = -(2**31), 2**31 - 1
    return Field(
        **context.names(),
        stored="int",
        alias=f"Annotated[int, Strict(), Field(ge={low}, le={high})]",
        answered="int",
        sa="sa.Integer()",
        zod="z.int()",
        valid=12,
        changed=34,
        accepted={"of the least value": (low, low), "of the greatest value": (high, high)},
        refused={
            "too small": low - 1,
            "too great": high + 1,
            "a fraction": 1.5,
            "a text": "1",
            "a boolean": True,
        },
    )


def decimal(context: Context, precision: str = "12", scale: str = "2", *more: str) -> Field:
    """An exact decimal number: `Decimal(12,2)` has 12 digits, 2 of them behind the point."""
    digits = context.number("Decimal", precision, more, at_least=1, at_most=MAX_DIGITS)
    places = context.number("Decimal", scale, more, at_least=0, at_most=digits)
    greatest = _decimal(10**digits - 1, places)
    too_fine = f"{_decimal(1, places)}1" if places else "1.0"
    return Field(
        **context.names(),
        stored="Decimal",
        options=(f"sa_type=exact({digits}, {places})",),
        alias=f"Annotated[Decimal, Exact({digits}, {places})]",
        answered=pascal(context.name),
        sa=f'sa.Numeric(precision={digits}, scale={places}).with_variant(sa.BigInteger(), "sqlite")',
        zod="z.string()",
        valid=_decimal(1250 % 10**digits or 1, places),
        changed=_decimal(999 % 10**digits, places),
        accepted={
            "without decimal places": ("0", _decimal(0, places)),
            "of the greatest value": (greatest, greatest),
            "of the least value": (f"-{greatest}", f"-{greatest}"),
        },
        refused={
            "with too many places": too_fine,
            "too great": str(10 ** (digits - places)),
            "a number": 1.5,
            "no number": "ten",
            "not finite": "NaN",
            "with an exponent": "1e0",
        },
    )


def _decimal(units: int, places: int) -> str:
    digits = str(units).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits
