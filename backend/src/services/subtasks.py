"""Subtasks: the steps of a task, in an order without gaps. Every change locks the task first."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import case, col, select, update as sql_update
from sqlmodel.ext.asyncio.session import AsyncSession

from src.errors import FieldError, NotFound, ValidationFailed
from src.models.task import Subtask, Task
from src.rules import Rules
from src.schemas.task import SubtaskCreate, SubtaskOrder, SubtaskUpdate
from src.services import completion, limits, tasks, users


async def create(
    session: AsyncSession, user_id: UUID, task_id: UUID, data: SubtaskCreate, *, rules: Rules, now: datetime
) -> Subtask:
    """Append a subtask. Raises TaskNotFound, Archived, LimitExceeded."""
    user = await users.lock(session, user_id)
    task = await tasks.lock_open(session, user_id, task_id)
    limit = rules.limits(user.tier).max_subtasks
    limits.require_room(len(task.subtasks), limit, name="max_subtasks", what="subtasks of a task")
    subtask = Subtask(**data.model_dump(), task=task, order_index=len(task.subtasks))
    session.add(subtask)
    await completion.follow(session, user, task, rules=rules, now=now)
    await session.flush()
    return subtask


async def update(
    session: AsyncSession, user_id: UUID, subtask_id: UUID, data: SubtaskUpdate, *, rules: Rules, now: datetime
) -> Subtask:
    """Change what was sent; the task follows. Raises NotFound, Archived, LimitExceeded."""
    user = await users.lock(session, user_id)
    task, subtask = await _lock(session, user_id, subtask_id)
    changes = data.changes()
    completed = changes.pop("completed", subtask.completed)
    subtask.sqlmodel_update(changes)
    if completed != subtask.completed:
        subtask.completed_at = now if completed else None
        await completion.follow(session, user, task, rules=rules, now=now)
    await session.flush()
    return subtask


async def delete(session: AsyncSession, user_id: UUID, subtask_id: UUID) -> None:
    """Delete the subtask and close the gap it leaves. Raises NotFound, Archived."""
    task, subtask = await _lock(session, user_id, subtask_id)
    task.subtasks.remove(subtask)
    await session.flush()
    await _place(session, task.id, [left.id for left in task.subtasks])


async def reorder(session: AsyncSession, user_id: UUID, task_id: UUID, data: SubtaskOrder) -> Sequence[Subtask]:
    """All subtasks in the new order. Raises ValidationFailed unless the ids are exactly those of the task."""
    task = await tasks.lock_open(session, user_id, task_id)
    if sorted(data.subtask_ids) != sorted(subtask.id for subtask in task.subtasks):
        message = "expected the id of every subtask of the task exactly once"
        raise ValidationFailed(details=[FieldError(field="subtask_ids", message=message)])
    await _place(session, task_id, data.subtask_ids)
    return (await tasks.get(session, user_id, task_id)).subtasks


async def _lock(session: AsyncSession, user_id: UUID, subtask_id: UUID) -> tuple[Task, Subtask]:
    """The subtask and its task, the task locked: found by a first look without a lock, then read again under it."""
    owned = select(Subtask.task_id).join(Task).where(Subtask.id == subtask_id, Task.user_id == user_id)
    task_id = (await session.exec(owned)).one_or_none()
    if task_id is None:
        raise NotFound
    task = await tasks.lock_open(session, user_id, task_id)
    subtask = next((subtask for subtask in task.subtasks if subtask.id == subtask_id), None)
    if subtask is None:
        raise NotFound
    return task, subtask


async def _place(session: AsyncSession, task_id: UUID, ids: Sequence[UUID]) -> None:
    """Number the subtasks by their place in *ids*: first below zero, then up, so that no two ever share a number."""
    if not ids:
        return
    below_zero = case({id_: -1 - place for place, id_ in enumerate(ids)}, value=col(Subtask.id))
    for order_index in (below_zero, -1 - col(Subtask.order_index)):
        placing = sql_update(Subtask).where(col(Subtask.task_id) == task_id).values(order_index=order_index)
        await session.exec(placing.execution_options(synchronize_session=False))
