"""Tasks: what their owner may do with them. Every returned task is loaded to the plan its name promises."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from src.db import Page, fetch_one, fetch_page, locked, write_version
from src.errors import Archived, FieldError, TaskNotFound, ValidationFailed
from src.models.task import TASK_DETAIL, Task
from src.models.tombstone import Tombstone
from src.models.user import User
from src.rules import Rules
from src.schemas.task import TaskCreate, TaskFilter, TaskUpdate
from src.services import focus, limits, perks, tombstones, users


async def get(session: AsyncSession, user_id: UUID, task_id: UUID) -> Task:
    """A task with its subtasks. Raises TaskNotFound for another user's task too."""
    return await fetch_one(session, _owned(user_id, task_id).options(*TASK_DETAIL), TaskNotFound)


async def search(session: AsyncSession, user_id: UUID, where: TaskFilter) -> Page[Task]:
    """The user's tasks, newest first, without their subtasks."""
    statement = select(Task).where(Task.user_id == user_id, Task.archived == where.archived)
    if where.completed is not None:
        completed_at = col(Task.completed_at)
        statement = statement.where(completed_at.is_not(None) if where.completed else completed_at.is_(None))
    if where.priority is not None:
        statement = statement.where(Task.priority == where.priority)
    if where.due_before is not None:
        statement = statement.where(col(Task.due_date) < where.due_before)
    if where.due_after is not None:
        statement = statement.where(col(Task.due_date) > where.due_after)
    newest_first = statement.order_by(col(Task.created_at).desc(), col(Task.id).desc())
    return await fetch_page(session, newest_first, offset=where.offset, limit=where.limit)


async def create(session: AsyncSession, user_id: UUID, data: TaskCreate, *, rules: Rules) -> Task:
    """Raises LimitExceeded."""
    user = await users.lock(session, user_id)
    _check_description(data.description, rules.limits(user.tier).max_description)
    await require_room(session, user, rules=rules)
    task = Task(user_id=user_id, **data.model_dump())
    session.add(task)
    await session.flush()
    return await get(session, user_id, task.id)


async def update(
    session: AsyncSession, user_id: UUID, task_id: UUID, data: TaskUpdate, *, rules: Rules, now: datetime
) -> Task:
    """Change what was sent. Raises Conflict for a stale version, LimitExceeded, Archived unless it unarchives."""
    user = await users.lock(session, user_id)
    task = await get(session, user_id, task_id)
    changes = data.changes()
    if task.archived and changes.get("archived") is not False:
        raise Archived
    _check_description(changes.get("description", ""), rules.limits(user.tier).max_description)
    if task.archived and not task.completed:
        await require_room(session, user, rules=rules)
    if changes.get("archived"):
        await focus.release(session, task, now=now)
    task.sqlmodel_update(changes)
    await write_version(session, task, data.version)
    return await get(session, user_id, task_id)


async def delete(session: AsyncSession, user_id: UUID, task_id: UUID, *, rules: Rules, now: datetime) -> Tombstone:
    """Delete the task and all that belongs to it, and leave a tombstone."""
    await users.lock(session, user_id)
    await focus.leave(session, user_id, task_id, now=now)
    task = await lock(session, user_id, task_id)
    return await tombstones.bury(session, user_id, task, rules=rules, now=now)


async def require_room(session: AsyncSession, user: User, *, rules: Rules) -> None:
    """Raise LimitExceeded unless the user, who is locked, may have one more open task."""
    is_open = Task.user_id == user.id, col(Task.completed_at).is_(None), ~col(Task.archived)
    count = (await session.exec(select(func.count()).select_from(Task).where(*is_open))).one()
    limit = (await perks.limits(session, user, rules)).max_tasks
    limits.require_room(count, limit, name="max_tasks", what="open tasks")


async def lock(session: AsyncSession, user_id: UUID, task_id: UUID) -> Task:
    """The task with its subtasks, its row locked: nothing about the task or its subtasks changes meanwhile.

    Two statements, because PostgreSQL takes the snapshot before it waits for the lock: a joined subtask that another
    transaction added during the wait would be missing.
    """
    await fetch_one(session, locked(_owned(user_id, task_id), Task), TaskNotFound)
    return await get(session, user_id, task_id)


async def lock_open(session: AsyncSession, user_id: UUID, task_id: UUID) -> Task:
    """Like `lock`, for a change of its content. Raises Archived."""
    task = await lock(session, user_id, task_id)
    if task.archived:
        raise Archived
    return task


def _owned(user_id: UUID, task_id: UUID) -> SelectOfScalar[Task]:
    return select(Task).where(Task.user_id == user_id, Task.id == task_id)


def _check_description(description: str, limit: int) -> None:
    """The schema knows the highest limit of any tier; this one is the user's own."""
    if len(description) > limit:
        message = f"at most {limit} characters on your tier, got {len(description)}"
        raise ValidationFailed(details=[FieldError(field="description", message=message)])
