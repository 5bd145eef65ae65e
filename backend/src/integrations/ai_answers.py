"""What a language model wrote, read as what it was asked for. It may write anything, so nothing is taken on trust."""

import json
from typing import Any, cast
from uuid import UUID

from src.errors import AIServiceError
from src.integrations.ai import Action, Reply
from src.integrations.texts import fitted
from src.schemas.enums import ActionType

OPEN, CLOSE = "<actions>", "</actions>"
MAX_CHARACTERS = 20_000
MAX_TITLE = 200

_ABOUT_A_TASK = frozenset(ActionType) - {ActionType.CREATE_TASK}


def titles(text: str) -> list[str]:
    """The JSON list of titles in *text*, whatever stands around it. Raises AIServiceError where there is none."""
    written = text[text.find("[") : text.rfind("]") + 1]
    try:
        given = _titles(_read(written))
    except ValueError as error:
        raise AIServiceError from error
    if not given:
        raise AIServiceError
    return given


class ReplyReader:
    """Reads a reply piece by piece: what may be shown at once, and at the end the actions behind the text."""

    def __init__(self) -> None:
        self._written = ""
        self._shown = ""

    def feed(self, piece: str) -> str:
        """What *piece* adds to the text. A beginning that may yet become the actions is held back."""
        self._written += piece
        if len(self._written) > MAX_CHARACTERS:
            raise AIServiceError
        return self._show(held_back=_beginning_of(OPEN, self._written))

    def rest(self) -> str:
        """What was held back and turned out to be text."""
        return self._show(held_back=0)

    def reply(self) -> Reply:
        """The whole. Raises AIServiceError for a reply without a text."""
        self.rest()
        if not self._shown:
            raise AIServiceError
        block = self._written.partition(OPEN)[2].partition(CLOSE)[0]
        return Reply(self._shown, _actions(block))

    def _show(self, *, held_back: int) -> str:
        text = self._written[: len(self._written) - held_back].partition(OPEN)[0].strip()
        fresh = text[len(self._shown) :]
        self._shown = text
        return fresh


def _beginning_of(mark: str, text: str) -> int:
    """How many characters at the end of *text* are a beginning of *mark*."""
    return next((length for length in range(len(mark) - 1, 0, -1) if text.endswith(mark[:length])), 0)


def _actions(block: str) -> list[Action]:
    """The usable ones. An unusable action is left out: the text is the answer, an action a convenience."""
    try:
        listed: Any = _read(block) if block.strip() else []
        return [action for item in list(listed) if (action := _action(item)) is not None]
    except (ValueError, TypeError):
        return []


def _action(item: Any) -> Action | None:
    try:
        kind = ActionType(item["type"])
        task_id = UUID(item["task_id"]) if kind in _ABOUT_A_TASK else None
        description = fitted(str(item["description"]), MAX_TITLE)
        data = _data(kind, item.get("data") or {})
    except (LookupError, TypeError, ValueError, AttributeError):
        return None
    return Action(kind, description, task_id, data) if description else None


def _data(kind: ActionType, given: Any) -> dict[str, object]:
    """What an action of *kind* needs. Raises LookupError or ValueError where it is missing."""
    if kind is ActionType.CREATE_TASK:
        return {"title": _titles([given["title"]])[0]}
    if kind is ActionType.ADD_SUBTASKS:
        first, *others = _titles(given["titles"])
        return {"titles": [first, *others]}
    return {}


def _titles(listed: Any) -> list[str]:
    """Fit for a subtask, without blanks and repetitions."""
    items = cast("list[Any]", listed) if isinstance(listed, list) else []
    return list(dict.fromkeys(title for title in map(_title, items) if title))


def _title(item: Any) -> str:
    """Bare or in an object, as long as a title may be; empty where there is none."""
    text = cast("dict[str, Any]", item).get("title") if isinstance(item, dict) else item
    return fitted(text, MAX_TITLE) if isinstance(text, str) else ""


def _read(text: str) -> Any:
    """The JSON in *text*. Raises ValueError, also where it is nested too deep to be read."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
