"""Focus sessions: at most one runs per user, for an open task. Every change locks the user first."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from src.db import fetch_one, locked
from src.errors import AlreadyCompleted, Archived, FocusRunning, NoFocusRunning, TaskNotFound
from src.models.focus import FocusSession
from src.models.task import Task
from src.schemas.focus import FocusStart
from src.services import users


async def active(session: AsyncSession, user_id: UUID) -> FocusSession | None:
    """The session that runs."""
    return (await session.exec(_running(user_id))).one_or_none()


async def start(session: AsyncSession, user_id: UUID, data: FocusStart, *, now: datetime) -> FocusSession:
    """Raises TaskNotFound, Archived, AlreadyCompleted; FocusRunning, which the unique index decides."""
    await users.lock(session, user_id)
    owned = select(Task).where(Task.user_id == user_id, Task.id == data.task_id)
    task = await fetch_one(session, locked(owned, Task), TaskNotFound)
    if task.archived:
        raise Archived
    if task.completed:
        raise AlreadyCompleted
    running = FocusSession(user_id=user_id, task_id=task.id, started_at=now)
    try:
        async with session.begin_nested():
            session.add(running)
    except IntegrityError as error:
        raise FocusRunning from error
    return running


async def stop(session: AsyncSession, user_id: UUID, *, now: datetime) -> FocusSession:
    """End the session and add its time to the task, whose version stays: nobody's edit is overwritten by a sum.

    Raises NoFocusRunning.
    """
    await users.lock(session, user_id)
    running = await fetch_one(session, _running(user_id), NoFocusRunning)
    seconds = await _end(session, running, now)
    spent = update(Task).where(col(Task.id) == running.task_id)
    spent = spent.values(focus_time_seconds=col(Task.focus_time_seconds) + seconds)
    await session.exec(spent.execution_options(synchronize_session=False))
    return running


async def leave(session: AsyncSession, user_id: UUID, task_id: UUID, *, now: datetime) -> None:
    """Stop the session if it runs for this task, which is about to be deleted. The user is locked."""
    running = await active(session, user_id)
    if running is not None and running.task_id == task_id:
        await stop(session, user_id, now=now)


async def release(session: AsyncSession, task: Task, *, now: datetime) -> None:
    """End the session that runs for *task*, which is about to be closed. Adds its time; the caller flushes the task."""
    running = await active(session, task.user_id)
    if running is not None and running.task_id == task.id:
        task.focus_time_seconds += await _end(session, running, now)


async def _end(session: AsyncSession, running: FocusSession, now: datetime) -> int:
    """End a session and return its seconds. A clock that was set back makes it short, never negative."""
    running.ended_at = max(now, running.started_at)
    await session.flush()
    return running.duration_seconds or 0


def _running(user_id: UUID) -> SelectOfScalar[FocusSession]:
    return select(FocusSession).where(FocusSession.user_id == user_id, col(FocusSession.ended_at).is_(None))
