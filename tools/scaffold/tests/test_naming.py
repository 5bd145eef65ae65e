"""A project is named right, and a name that would break a file is refused."""

import pytest

from parts.draft import PartsError
from scaffold.naming import Names, renamed


def names(name: str = "Order Desk", description: str = 'Orders, "live"', author: str = "Ada & Bob") -> Names:
    return Names(name, description, author)


@pytest.mark.parametrize(
    ("name", "slug", "api"),
    [
        ("Order Desk", "order-desk", "Order Desk API"),
        ("Orders API", "orders-api", "Orders API"),
        ("my-api", "my-api", "my-api"),
        ("A.b_C 9", "a-b-c-9", "A.b_C 9 API"),
    ],
)
def test_slug_and_title(name: str, slug: str, api: str) -> None:
    assert (names(name).slug, names(name).api) == (slug, api)


@pytest.mark.parametrize("name", ["", "x", "9 lives", 'a"b', "Müller", "a\nb", "trailing-", "x" * 51, "{{ a }}"])
def test_name_that_cannot_be_written_everywhere_is_refused(name: str) -> None:
    with pytest.raises(PartsError, match=r"^project_name: "):
        names(name)


@pytest.mark.parametrize("line", ["", "two\nlines", "x" * 201])
def test_description_and_author_are_one_line(line: str) -> None:
    with pytest.raises(PartsError, match=r"^description: "):
        names(description=line)
    with pytest.raises(PartsError, match=r"^author: "):
        names(author=line)


def test_every_name_of_the_repository_is_replaced() -> None:
    text = (
        'title="Perpetua API" sqlite:///./perpetua.db "perpetua-api" perpetua-contract\n'
        'name = "plumb-backend"\ndescription = "A reference FastAPI backend to copy from"\nThe Plumb authors'
    )
    assert renamed(text, names()) == (
        'title="Order Desk API" sqlite:///./order-desk.db "order-desk-api" order-desk-contract\n'
        'name = "order-desk"\ndescription = "Orders, \\"live\\""\nAda & Bob'
    )


def test_tool_keeps_its_name() -> None:
    assert renamed("plumb check tools/plumb", names()) == "plumb check tools/plumb"
