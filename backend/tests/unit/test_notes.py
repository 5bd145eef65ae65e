"""How the words of a note become those of a task."""

import re

import pytest
from hypothesis import given, strategies as st

from src.schemas.note import NoteCreate
from src.schemas.task import TaskCreate
from src.services import notes
from src.services.notes import Draft


@pytest.mark.parametrize(
    ("content", "title", "expected"),
    [
        pytest.param("Buy milk", None, Draft("Buy milk", ""), id="one line"),
        pytest.param("Buy milk\nTwo litres\nCold", None, Draft("Buy milk", "Two litres\nCold"), id="lines"),
        pytest.param("Buy milk\r\n\r\nTwo litres", None, Draft("Buy milk", "Two litres"), id="windows"),
        pytest.param("\n \n  Buy milk  \n\n  - two\n", None, Draft("Buy milk", "  - two"), id="blank lines"),
        pytest.param("x" * 200, None, Draft("x" * 200, ""), id="longest title"),
        pytest.param("x" * 201 + "\nrest", None, Draft("x" * 200, "x\nrest"), id="line beyond the title"),
        pytest.param("Buy milk\nCold", "Shop", Draft("Shop", "Buy milk\nCold"), id="another title"),
        pytest.param("Buy milk\nCold", "Buy milk", Draft("Buy milk", "Cold"), id="same title"),
    ],
)
def test_draft(content: str, title: str | None, expected: Draft) -> None:
    assert notes.draft(content, title) == expected


CONTENTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=2000).filter(
    lambda text: bool(text.strip())
)


@given(CONTENTS)
def test_no_character_is_lost_but_blanks(content: str) -> None:
    draft = notes.draft(NoteCreate(content=content).content)
    wanted = TaskCreate(title=draft.title, description=draft.description)
    assert visible(wanted.title + wanted.description) == visible(content)


def visible(text: str) -> str:
    return re.sub(r"\s", "", text)
