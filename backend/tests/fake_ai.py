"""An AI in the hands of a test: it answers what it is told to, fails when it is told to, and waits to be let go."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from src.errors import AIServiceError
from src.integrations.ai import Pieces, Question, Reply, TaskBrief


@dataclass
class FakeAI:
    """Implements AIProvider."""

    titles: Sequence[str] = ("First step", "Second step")
    reply: Reply = field(default_factory=lambda: Reply("Begin with the smallest step."))
    error: AIServiceError | None = None
    fails_after: int | None = None
    """After how many pieces a stream raises `error`; None is at once."""
    unfinished: bool = False
    """Whether a stream ends without its answer."""
    gate: asyncio.Event | None = None
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the connection to the AI is closed again."""
    tasks: list[TaskBrief] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    async def suggest_subtasks(self, task: TaskBrief, *, at_most: int) -> Sequence[str]:
        self.tasks.append(task)
        await self._work()
        return list(self.titles)[:at_most]

    async def chat(self, question: Question) -> Reply:
        self.questions.append(question)
        await self._work()
        return self.reply

    @asynccontextmanager
    async def stream(self, question: Question) -> AsyncGenerator[Pieces]:
        self.questions.append(question)
        if self.fails_after is None:
            await self._work(wait=False)
        try:
            yield self._pieces()
        finally:
            self.left.set()

    async def _pieces(self) -> Pieces:
        for place, word in enumerate(self.reply.text.split(" ")):
            if self.error and place == self.fails_after:
                raise self.error
            yield word if place == 0 else f" {word}"
            if place == 0:
                await self._wait()
        if not self.unfinished:
            yield self.reply

    async def _work(self, *, wait: bool = True) -> None:
        if wait:
            await self._wait()
        if self.error:
            raise self.error

    async def _wait(self) -> None:
        self.asked.set()
        if self.gate is not None:
            await self.gate.wait()
