"""What is made of whatever a language model writes."""

import json
from typing import Any
from uuid import UUID

import pytest

from src.errors import AIServiceError
from src.integrations.ai import Action
from src.integrations.ai_answers import MAX_CHARACTERS, ReplyReader, titles
from src.schemas.enums import ActionType

TASK_ID = UUID("8a7d3c1e-2f4b-4c59-9d0a-6e1b5f7a9c30")
COMPLETE = {"type": "complete_task", "task_id": str(TASK_ID), "description": "Done"}


def read(text: str, size: int) -> tuple[str, ReplyReader]:
    """Return what was shown while *text* came in pieces of *size*, and the reader."""
    reader = ReplyReader()
    shown = [reader.feed(text[at : at + size]) for at in range(0, len(text), size)]
    return "".join([*shown, reader.rest()]), reader


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Begin now.", "Begin now."),
        ("  Begin  now.\n\n", "Begin  now."),
        ("1 < 2 and 3 <actio", "1 < 2 and 3 <actio"),
        (f"Begin.\n\n<actions>{json.dumps([COMPLETE])}</actions> ignored", "Begin."),
        (f"Begin.<actions>{json.dumps([COMPLETE])}", "Begin."),
    ],
)
def test_text_is_shown_whole_and_without_its_actions_however_it_is_cut(size: int, text: str, expected: str) -> None:
    shown, reader = read(text, size)
    assert shown == reader.reply().text == expected
    assert [action.type for action in reader.reply().actions] == ["complete_task"] * ("<actions>" in text)


def test_what_may_become_the_actions_is_held_back() -> None:
    reader = ReplyReader()
    assert [reader.feed(piece) for piece in ("Begin ", "<", "act", "ive")] == ["Begin", "", "", " <active"]


@pytest.mark.parametrize("text", ["", "  \n", f"<actions>{json.dumps([COMPLETE])}</actions>"])
def test_reply_without_a_text_is_an_error(text: str) -> None:
    with pytest.raises(AIServiceError):
        read(text, 5)[1].reply()


def test_reply_without_an_end_is_an_error() -> None:
    reader = ReplyReader()
    reader.feed("x" * MAX_CHARACTERS)
    with pytest.raises(AIServiceError):
        reader.feed("x")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({**COMPLETE, "data": {"x": 1}}, Action(ActionType.COMPLETE_TASK, "Done", TASK_ID)),
        ({**COMPLETE, "type": "start_focus"}, Action(ActionType.START_FOCUS, "Done", TASK_ID)),
        (
            {"type": "create_task", "task_id": str(TASK_ID), "description": "Make it", "data": {"title": " Tea "}},
            Action(ActionType.CREATE_TASK, "Make it", None, {"title": "Tea"}),
        ),
        (
            {"type": "create_task", "description": "Make \0 it \ud83d", "data": {"title": "\udc00Tea"}},
            Action(ActionType.CREATE_TASK, "Make  it", None, {"title": "Tea"}),
        ),
        (
            {**COMPLETE, "type": "add_subtasks", "data": {"titles": ["A", "", 3, "A", "B"]}},
            Action(ActionType.ADD_SUBTASKS, "Done", TASK_ID, {"titles": ["A", "B"]}),
        ),
    ],
)
def test_usable_action(given: dict[str, Any], expected: Action) -> None:
    assert read(f"Begin.<actions>{json.dumps([given])}</actions>", 7)[1].reply().actions == [expected]


@pytest.mark.parametrize(
    "given",
    [
        {**COMPLETE, "type": "delete_everything"},
        {**COMPLETE, "task_id": "the first one"},
        {**COMPLETE, "task_id": None},
        {**COMPLETE, "description": " "},
        {**COMPLETE, "type": "add_subtasks", "data": {"titles": []}},
        {**COMPLETE, "type": "add_subtasks", "data": {"titles": "Tea"}},
        {"type": "create_task", "description": "Make it", "data": {"title": " "}},
        {"type": "create_task", "description": "Make it"},
        {"type": "create_task", "description": "Make it", "data": "title"},
        "complete_task",
        7,
    ],
)
def test_unusable_action_is_left_out_and_the_others_stay(given: Any) -> None:
    reply = read(f"Begin.<actions>{json.dumps([given, COMPLETE])}</actions>", 7)[1].reply()
    assert reply.actions == [Action(ActionType.COMPLETE_TASK, "Done", TASK_ID)]


DEEP = "[" * 9_000 + "]" * 9_000


@pytest.mark.parametrize("block", ["{", "7", "null", '{"type": "complete_task"}', DEEP], ids=lambda block: block[:30])
def test_block_that_is_no_list_is_left_out(block: str) -> None:
    assert read(f"Begin.<actions>{block}</actions>", 7)[1].reply().actions == []


def test_titles_are_cut_to_what_a_subtask_can_hold() -> None:
    assert titles(json.dumps(["x" * 300, "a\0b", "half \ud83d"])) == ["x" * 200, "ab", "half"]


@pytest.mark.parametrize(
    "text",
    [
        '["A", "B"]',
        '[{"title": "A"}, {"title": " B ", "minutes": 5}, {"name": "C"}, 7, "\\u0000", {"title": "\\u0000 "}]',
        'Here they are:\n```json\n{"suggested_subtasks": [{"title": "A"}, {"title": "B"}]}\n```',
    ],
)
def test_titles_are_found_bare_and_in_objects(text: str) -> None:
    assert titles(text) == ["A", "B"]


@pytest.mark.parametrize(
    "text",
    ["", "A, B", "[]", "[7]", '[{"name": "A"}]', "[", '["A"', "] [", "A]", DEEP, "[" * 200_000],
    ids=lambda text: text[-30:],
)
def test_answer_without_titles_is_an_error(text: str) -> None:
    with pytest.raises(AIServiceError):
        titles(text)
