"""An AI without a network: the same answer to the same question, good enough to try the product."""

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from src.integrations.ai import Action, Pieces, Question, Reply, TaskBrief
from src.schemas.enums import ActionType, TaskPriority

STEPS = (
    "Write down what done means for {0}",
    "Collect what {0} needs",
    "Take the smallest first step of {0}",
    "Do the main part of {0}",
    "Check the result of {0}",
    "Fix what the check of {0} has shown",
    "Tell whoever waits for {0}",
    "Tidy up after {0}",
    "Note what {0} has taught you",
    "Plan what follows from {0}",
)
MAX_NAME = 100

_URGENCY = {TaskPriority.HIGH: 0, TaskPriority.MEDIUM: 1, TaskPriority.LOW: 2}
_NEVER = datetime.max.replace(tzinfo=UTC)
_ITEM = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+(.+?)\s*$", re.MULTILINE)


class OfflineAI:
    """Implements AIProvider. A list in a task's description becomes its steps; a question is led to the next task."""

    async def suggest_subtasks(self, task: TaskBrief, *, at_most: int) -> Sequence[str]:
        listed = [item[:MAX_NAME] for item in _ITEM.findall(task.description)]
        steps = listed or [step.format(_quoted(task.title)) for step in STEPS]
        return list(dict.fromkeys(steps))[:at_most]

    async def chat(self, question: Question) -> Reply:
        if not question.tasks:
            return _make_a_task(question.message)
        return _next_of(question.tasks, question.now)

    @asynccontextmanager
    async def stream(self, question: Question) -> AsyncGenerator[Pieces]:
        yield _word_by_word(await self.chat(question))


async def _word_by_word(reply: Reply) -> Pieces:
    for word in re.findall(r"\S+\s*", reply.text):
        yield word
    yield reply


def _make_a_task(message: str) -> Reply:
    title = " ".join(message.split())[:MAX_NAME]
    text = f"I cannot see your tasks, so I only have what you write: {_quoted(title)}. Shall I make a task of it?"
    return Reply(text, [Action(ActionType.CREATE_TASK, f"Create the task {_quoted(title)}", data={"title": title})])


def _next_of(tasks: Sequence[TaskBrief], now: datetime) -> Reply:
    """The most urgent first: what is due first, then what matters most, then the order in which they came."""
    first = min(tasks, key=lambda task: (task.due_date or _NEVER, _URGENCY[task.priority]))
    name = _quoted(first.title)
    late = " It is overdue." if first.due_date is not None and first.due_date < now else ""
    count = "one open task" if len(tasks) == 1 else f"{len(tasks)} open tasks"
    text = (
        f"You have shared {count}. Begin with {name}.{late} Work on it for a while without a break, then tick it off."
    )
    actions = (
        Action(ActionType.START_FOCUS, f"Start a focus session for {name}", first.id),
        Action(ActionType.COMPLETE_TASK, f"Complete {name}", first.id),
    )
    return Reply(text, actions)


def _quoted(title: str) -> str:
    return f"“{title if len(title) <= MAX_NAME else title[: MAX_NAME - 1] + '…'}”"
