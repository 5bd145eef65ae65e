"""What a language model wrote, read as what it was asked for. It may write anything, so nothing is taken on trust."""

import json
import re
from typing import Any
from uuid import UUID

from src.errors import AIServiceError
from src.integrations.ai import Action, Reply
from src.schemas.enums import ActionType

OPEN, CLOSE = "<actions>", "</actions>"
MAX_CHARACTERS = 20_000
MAX_TITLE = 200

_JSON = re.compile(r"\[.*\]", re.DOTALL)
_ABOUT_A_TASK = frozenset(ActionType) - {ActionType.CREATE_TASK}


def titles(text: str) -> list[str]:
    """The JSON list of strings in *text*, whatever stands around it. Raises AIServiceError where there is none."""
    found = _JSON.search(text)
    try:
        listed = json.loads(found[0]) if found else None
    except ValueError as error:
        raise AIServiceError from error
    given = _titles(listed)
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
        listed: Any = json.loads(block) if block.strip() else []
        return [action for item in list(listed) if (action := _action(item)) is not None]
    except (ValueError, TypeError):
        return []


def _action(item: Any) -> Action | None:
    try:
        kind = ActionType(item["type"])
        task_id = UUID(item["task_id"]) if kind in _ABOUT_A_TASK else None
        description = str(item["description"]).strip()[:MAX_TITLE]
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
    """Trimmed, cut to the length a title may have, without blanks and repetitions."""
    texts = [item.strip()[:MAX_TITLE].strip() for item in listed or () if isinstance(item, str)]
    return list(dict.fromkeys(text.replace("\0", "") for text in texts if text))
