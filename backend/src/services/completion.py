"""Completion: the one way in which a task becomes done, by hand, by its last subtask or by force, and the way back.

`manual` and `force` are the word of the owner and stand whatever happens to the subtasks. `auto` is what the subtasks
say: an open one ends it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from src.db import write_version
from src.errors import AlreadyCompleted, NotCompleted, SubtasksOpen
from src.models.achievement import UserAchievement
from src.models.task import Task
from src.models.user import User
from src.rules import Rules
from src.schemas.enums import CompletedBy
from src.services import focus, progress, tasks, users


@dataclass(frozen=True, slots=True)
class Completion:
    """A completed task and what its completion brought."""

    task: Task
    unlocked_achievements: Sequence[UserAchievement]
    streak: int


async def complete(
    session: AsyncSession, user_id: UUID, task_id: UUID, version: int, *, rules: Rules, now: datetime
) -> Completion:
    """Raises TaskNotFound, Archived, AlreadyCompleted, SubtasksOpen, and Conflict for a stale version."""
    task = await _lock_uncompleted(session, user_id, task_id)
    if not _all_completed(task):
        raise SubtasksOpen
    return await _completed(session, task, CompletedBy.MANUAL, version, rules=rules, now=now)


async def force(
    session: AsyncSession, user_id: UUID, task_id: UUID, version: int, *, rules: Rules, now: datetime
) -> Completion:
    """Complete the open subtasks too, at the same instant. Raises like `complete`, but for SubtasksOpen."""
    task = await _lock_uncompleted(session, user_id, task_id)
    for subtask in task.subtasks:
        subtask.completed_at = subtask.completed_at or now
    return await _completed(session, task, CompletedBy.FORCE, version, rules=rules, now=now)


async def reopen(session: AsyncSession, user_id: UUID, task_id: UUID, version: int, *, rules: Rules) -> Task:
    """Raises TaskNotFound, Archived, NotCompleted, LimitExceeded, and Conflict for a stale version."""
    user = await users.lock(session, user_id)
    task = await tasks.lock_open(session, user_id, task_id)
    if not task.completed:
        raise NotCompleted
    await _reopen(session, user, task, version, rules=rules)
    return await tasks.get(session, user_id, task_id)


async def follow(session: AsyncSession, user: User, task: Task, *, rules: Rules, now: datetime) -> None:
    """Do to *task* what a subtask that was just completed, opened or added means for it. Raises LimitExceeded.

    Both are locked, and the subtasks are as they will be.
    """
    completed = _all_completed(task)
    if completed and not task.completed:
        await _complete(session, task, CompletedBy.AUTO, task.version, rules=rules, now=now)
    elif not completed and task.completed_by is CompletedBy.AUTO:
        await _reopen(session, user, task, task.version, rules=rules)


async def _completed(
    session: AsyncSession, task: Task, by: CompletedBy, version: int, *, rules: Rules, now: datetime
) -> Completion:
    unlocked = await _complete(session, task, by, version, rules=rules, now=now)
    stats = await progress.get(session, task.user_id, now=now)
    return Completion(await tasks.get(session, task.user_id, task.id), unlocked, stats.current_streak)


async def _complete(
    session: AsyncSession, task: Task, by: CompletedBy, version: int, *, rules: Rules, now: datetime
) -> Sequence[UserAchievement]:
    """Every completion goes through here. Returns what it unlocked."""
    await focus.release(session, task, now=now)
    task.completed_at, task.completed_by = now, by
    counts = progress.claim(task, now=now)
    await write_version(session, task, version)
    return await progress.record_completion(session, task, rules=rules, now=now) if counts else ()


async def _reopen(session: AsyncSession, user: User, task: Task, version: int, *, rules: Rules) -> None:
    await tasks.require_room(session, user, rules=rules)
    task.completed_at = task.completed_by = None
    await write_version(session, task, version)


async def _lock_uncompleted(session: AsyncSession, user_id: UUID, task_id: UUID) -> Task:
    await users.lock(session, user_id)
    task = await tasks.lock_open(session, user_id, task_id)
    if task.completed:
        raise AlreadyCompleted
    return task


def _all_completed(task: Task) -> bool:
    return all(subtask.completed for subtask in task.subtasks)
