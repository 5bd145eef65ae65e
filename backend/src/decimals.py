"""Decimals: exact on both databases and on the wire, never a binary float on the way."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema
from sqlalchemy import TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

MAX_PRECISION = 18
"""As many digits as always fit in 64 bits."""


class ExactNumeric(TypeDecorator[Decimal]):
    """`numeric` in PostgreSQL. SQLite has only binary floats: a column there counts the least unit, 1250 for 12.50.

    It compares, orders, adds up and takes part in CHECKs; a product or quotient of two columns has another scale there.
    """

    impl = sa.Numeric
    cache_ok = True

    def __init__(self, precision: int, scale: int) -> None:
        if precision > MAX_PRECISION:
            raise ValueError(f"{precision} digits do not fit in 64 bits: at most {MAX_PRECISION}")
        super().__init__(precision, scale)
        self.precision, self.scale = precision, scale

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        counted = dialect.name == "sqlite"
        return dialect.type_descriptor(sa.BigInteger() if counted else sa.Numeric(self.precision, self.scale))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        counted = value.scaleb(self.scale)
        if counted != counted.to_integral_value():
            raise ValueError(f"{value} has more than {self.scale} decimal places")
        return int(counted)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None or dialect.name != "sqlite":
            return value
        return Decimal(value).scaleb(-self.scale)


def exact(precision: int, scale: int) -> Any:
    """A column type for decimals of *precision* digits, *scale* of them behind the point."""
    return ExactNumeric(precision, scale)


@dataclass(frozen=True, slots=True)
class Exact:
    """`Annotated[Decimal, Exact(12, 2)]`: text such as `"12.50"` on the wire, always with all its decimal places.

    A JSON number is refused: most parsers make a binary float of it.
    """

    precision: int
    scale: int

    @property
    def pattern(self) -> str:
        whole = f"(0|[1-9][0-9]{{0,{self.precision - self.scale - 1}}})" if self.precision > self.scale else "0"
        return f"^-?{whole}" + (rf"(\.[0-9]{{1,{self.scale}}})?$" if self.scale else "$")

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        written = core_schema.plain_serializer_function_ser_schema(str, when_used="json")
        return core_schema.no_info_before_validator_function(self.read, handler(source), serialization=written)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        del schema, handler
        about = f"A decimal number with at most {self.scale} decimal places, as text."
        return {"type": "string", "pattern": self.pattern, "description": about}

    def read(self, value: object) -> Decimal:
        """The decimal with all its places. Raises ValueError for anything but such text, or a Decimal of our own."""
        text = format(value, "f") if isinstance(value, Decimal) else value
        if not isinstance(text, str) or not re.fullmatch(self.pattern.rstrip("$"), text):
            raise ValueError(f'expected text such as "{Decimal(150).scaleb(-self.scale):f}"')
        return Decimal(text).quantize(Decimal(1).scaleb(-self.scale)) + 0  # No negative zero.
