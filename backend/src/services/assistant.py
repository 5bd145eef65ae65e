"""The assistant: what an AI is asked for a user, what it costs, and how much of its answer is passed on.

The credit is taken in a first transaction. The AI works while no transaction is open and no connection held. The last
transaction, which is also that of the idempotent answer, settles; a failure gives the credit back.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from src.db import Database
from src.errors import AIServiceError, AIServiceUnavailableError
from src.integrations.ai import Action, AIProvider, Pieces, Question, Reply, TaskBrief
from src.models.task import Task
from src.rules import Rules
from src.schemas.ai import ChatContext, ChatRequest
from src.schemas.task import TaskFilter
from src.services import credits, idempotency, tasks, users
from src.services.credits import Reservation


@dataclass(frozen=True, slots=True)
class Suggestion:
    title: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    suggested_subtasks: Sequence[Suggestion]
    credits_used: int
    credits_remaining: int


@dataclass(frozen=True, slots=True)
class ChatAnswer:
    response: str
    suggested_actions: Sequence[Action]
    credits_used: int
    credits_remaining: int


class Conversation:
    """A chat that is being streamed: first the pieces of the text, then the whole answer."""

    def __init__(
        self, pieces: Pieces, question: Question, taken: Reservation, undo: Callable[[], Awaitable[None]]
    ) -> None:
        self.ended = False
        """Whether it was paid for or given back: set it when the transaction that settles has committed."""
        self._pieces, self._question, self._taken, self._undo = pieces, question, taken, undo
        self._reply: Reply | None = None

    async def texts(self) -> AsyncIterator[str]:
        async for piece in self._pieces:
            if isinstance(piece, Reply):
                self._reply = piece
            else:
                yield piece

    def answer(self) -> ChatAnswer:
        """Raises AIServiceError for a stream without an answer at its end."""
        if self._reply is None:
            raise AIServiceError
        return _answer(self._reply, self._question, self._taken)

    async def settle(self, session: AsyncSession) -> None:
        await _settle(session, self._taken)

    async def give_up(self) -> None:
        """Give everything back, unless it has ended."""
        if not self.ended:
            await self._undo()
            self.ended = True


async def suggest_subtasks(
    database: Database,
    session: AsyncSession,
    ai: AIProvider,
    user_id: UUID,
    task_id: UUID,
    *,
    rules: Rules,
    now: datetime,
) -> Suggestions:
    """Steps towards a task, as many as the tier allows; none is created. *session* is the last transaction.

    Raises TaskNotFound, InsufficientCredits, AIServiceError, AIServiceUnavailableError.
    """
    async with database.transaction() as first:
        user = await users.lock(first, user_id)
        task = _brief(await tasks.get(first, user_id, task_id))
        taken = await _take(first, user_id, rules.ai_subtasks_cost, "generate-subtasks", rules, now)
    at_most = rules.limits(user.tier).max_suggestions
    async with _given_back_on_failure(database, taken, rules, now):
        titles = list(await ai.suggest_subtasks(task, at_most=at_most))[:at_most]
    await _settle(session, taken)
    return Suggestions([Suggestion(title) for title in titles], taken.amount, taken.credits_remaining)


async def chat(
    database: Database,
    session: AsyncSession,
    ai: AIProvider,
    user_id: UUID,
    data: ChatRequest,
    *,
    rules: Rules,
    now: datetime,
) -> ChatAnswer:
    """An answer and what could be done next. *session* is the last transaction.

    Raises InsufficientCredits, AIServiceError, AIServiceUnavailableError.
    """
    question, taken = await _ask(database, user_id, data, rules, now)
    async with _given_back_on_failure(database, taken, rules, now):
        reply = await ai.chat(question)
    await _settle(session, taken)
    return _answer(reply, question, taken)


@asynccontextmanager
async def conversation(
    database: Database, ai: AIProvider, user_id: UUID, data: ChatRequest, lease_id: UUID, *, rules: Rules, now: datetime
) -> AsyncGenerator[Conversation]:
    """Like `chat`, but the answer is still to come. One that is left before it is settled gives everything back.

    Raises InsufficientCredits, AIServiceError, AIServiceUnavailableError, all before the answer has started.
    """
    question, taken = await _ask(database, user_id, data, rules, now)

    async def undo() -> None:
        async with database.transaction() as session:
            await credits.give_back(session, taken.id, rules=rules, now=now)
            await idempotency.release(session, lease_id)

    async with AsyncExitStack() as stack:
        async with _given_back_on_failure(database, taken, rules, now):
            pieces = await stack.enter_async_context(ai.stream(question))
        talk = Conversation(pieces, question, taken, undo)
        try:
            yield talk
        finally:
            await talk.give_up()


async def _ask(
    database: Database, user_id: UUID, data: ChatRequest, rules: Rules, now: datetime
) -> tuple[Question, Reservation]:
    context = data.context or ChatContext()
    shown: Sequence[Task] = ()
    async with database.transaction() as session:
        taken = await _take(session, user_id, rules.ai_chat_cost, "chat", rules, now)
        if context.include_tasks:
            where = TaskFilter(completed=False, limit=context.task_limit)
            shown = (await tasks.search(session, user_id, where)).items
    return Question(data.message, [_brief(task) for task in shown], now), taken


async def _take(
    session: AsyncSession, user_id: UUID, cost: int, purpose: str, rules: Rules, now: datetime
) -> Reservation:
    return await credits.reserve(session, user_id, cost, reference=f"ai:{purpose}", rules=rules, now=now)


async def _settle(session: AsyncSession, taken: Reservation) -> None:
    """Raises AIServiceUnavailableError where the AI took so long that the credits were given back."""
    if not await credits.settle(session, taken.id):
        raise AIServiceUnavailableError


@asynccontextmanager
async def _given_back_on_failure(
    database: Database, taken: Reservation, rules: Rules, now: datetime
) -> AsyncGenerator[None]:
    try:
        yield
    except BaseException:
        async with database.transaction() as session:
            await credits.give_back(session, taken.id, rules=rules, now=now)
        raise


def _brief(task: Task) -> TaskBrief:
    return TaskBrief(task.id, task.title, task.description, task.priority, task.due_date)


def _answer(reply: Reply, question: Question, taken: Reservation) -> ChatAnswer:
    """Actions on tasks that the AI was not shown are made up and left out."""
    shown = {None, *(task.id for task in question.tasks)}
    actions = [action for action in reply.actions if action.task_id in shown]
    return ChatAnswer(reply.text, actions, taken.amount, taken.credits_remaining)
