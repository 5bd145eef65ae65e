"""Decimals on the wire: text, with all their places."""

import re
from decimal import Decimal
from typing import Annotated, Any

import pytest
from hypothesis import given, strategies as st
from pydantic import BaseModel, ValidationError
from sqlalchemy.dialects import sqlite

from src.decimals import Exact, ExactNumeric


class Price(BaseModel):
    amount: Annotated[Decimal, Exact(12, 2)]


@pytest.mark.parametrize(
    ("sent", "answered"),
    [("0", "0.00"), ("1.5", "1.50"), ("-0", "0.00"), ("9999999999.99", "9999999999.99"), ("-12.50", "-12.50")],
)
def test_text_is_accepted_and_answered_with_all_places(sent: str, answered: str) -> None:
    price = Price.model_validate({"amount": sent})
    assert price.model_dump(mode="json") == {"amount": answered}
    assert price.model_dump() == {"amount": Decimal(answered)}
    assert isinstance(price.model_dump()["amount"], Decimal)


@pytest.mark.parametrize(
    "value",
    [
        1,
        1.5,
        True,
        None,
        "",
        "1.",
        ".5",
        "01",
        "1e2",
        "NaN",
        "Infinity",
        "1.234",
        "10000000000",
        "1,50",
        " 1",
        "1\n",
        "\u0661",
    ],
    ids=repr,
)
def test_anything_else_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        Price.model_validate({"amount": value})


@given(st.decimals(min_value="-9999999999.99", max_value="9999999999.99", places=2))
def test_every_decimal_of_the_column_fits_and_stays(amount: Decimal) -> None:
    text = Price(amount=amount).model_dump(mode="json")["amount"]
    assert Decimal(text) == amount
    assert re.fullmatch(r"-?[0-9]+\.[0-9]{2}", text)


@pytest.mark.parametrize(
    ("precision", "scale", "pattern"),
    [
        (12, 2, r"^-?(0|[1-9][0-9]{0,9})(\.[0-9]{1,2})?$"),
        (4, 0, "^-?(0|[1-9][0-9]{0,3})$"),
        (2, 2, r"^-?0(\.[0-9]{1,2})?$"),
    ],
)
def test_document_says_the_form(precision: int, scale: int, pattern: str) -> None:
    assert Exact(precision, scale).pattern == pattern


def test_sqlite_refuses_what_it_would_have_to_round() -> None:
    with pytest.raises(ValueError, match=r"0\.005 has more than 2 decimal places"):
        ExactNumeric(12, 2).process_bind_param(Decimal("0.005"), sqlite.dialect())


def test_more_digits_than_fit_in_64_bits_are_refused() -> None:
    with pytest.raises(ValueError, match="19 digits do not fit in 64 bits: at most 18"):
        ExactNumeric(19, 2)
