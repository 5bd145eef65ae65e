"""The forms of a noun."""

import pytest

from plumb.resources.names import Noun, pascal, plural_of, snake

PLURALS = {
    "invoice": "invoices",
    "category": "categories",
    "survey": "surveys",
    "box": "boxes",
    "address": "addresses",
    "status": "statuses",
    "dish": "dishes",
    "search": "searches",
    "tax": "taxes",
    "shelf": "shelves",
    "knife": "knives",
    "proof": "proofs",
    "hero": "heroes",
    "photo": "photos",
    "analysis": "analyses",
    "person": "people",
    "child": "children",
    "human": "humans",
    "salesman": "salesmen",
    "sheep": "sheep",
    "order_line": "order_lines",
    "sales_person": "sales_people",
}


@pytest.mark.parametrize("singular", PLURALS)
def test_plural(singular: str) -> None:
    assert plural_of(singular) == PLURALS[singular]


@pytest.mark.parametrize(
    ("noun", "article"),
    [("goal", "a"), ("invoice", "an"), ("unit", "a"), ("user", "a"), ("hour", "an"), ("umbrella", "an"), ("euro", "a")],
)
def test_article(noun: str, article: str) -> None:
    assert Noun(noun, plural_of(noun)).article == article


def test_class_name_and_back() -> None:
    assert pascal("order_line") == "OrderLine"
    assert snake("OrderLine") == "order_line"
