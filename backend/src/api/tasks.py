"""Tasks over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from src.api.deps import CurrentUser, Now, ReaderDep, RulesDep, SessionDep
from src.api.idempotency import IdempotentRoute
from src.errors import (
    AlreadyCompleted,
    Archived,
    Conflict,
    LimitExceeded,
    NotCompleted,
    SubtasksOpen,
    TaskNotFound,
    responses,
)
from src.schemas.base import DataResponse, PaginatedResponse
from src.schemas.task import (
    SubtaskCreate,
    SubtaskOrder,
    SubtaskRead,
    TaskCompletionResponse,
    TaskCreate,
    TaskDetail,
    TaskFilter,
    TaskRead,
    TaskUpdate,
    TaskVersion,
)
from src.schemas.tombstone import TombstoneReceipt
from src.services import completion, subtasks, tasks

router = APIRouter(prefix="/tasks", tags=["tasks"], route_class=IdempotentRoute)


@router.get("")
async def list_tasks(
    session: ReaderDep, user: CurrentUser, where: Annotated[TaskFilter, Query()]
) -> PaginatedResponse[TaskRead]:
    """List the caller's tasks, newest first."""
    return PaginatedResponse[TaskRead].of(await tasks.search(session, user.id, where))


@router.post("", status_code=201, responses=responses(LimitExceeded))
async def create_task(
    session: SessionDep, user: CurrentUser, rules: RulesDep, data: TaskCreate
) -> DataResponse[TaskRead]:
    """Create a task."""
    return DataResponse[TaskRead].of(await tasks.create(session, user.id, data, rules=rules))


@router.get("/{task_id}", responses=responses(TaskNotFound))
async def get_task(session: ReaderDep, user: CurrentUser, task_id: UUID) -> DataResponse[TaskDetail]:
    """Get a task with its subtasks."""
    return DataResponse[TaskDetail].of(await tasks.get(session, user.id, task_id))


@router.patch("/{task_id}", responses=responses(TaskNotFound, Conflict, Archived, LimitExceeded))
async def update_task(
    session: SessionDep, user: CurrentUser, rules: RulesDep, now: Now, task_id: UUID, data: TaskUpdate
) -> DataResponse[TaskDetail]:
    """Change the fields that are sent. An archived task takes `archived: false` first."""
    return DataResponse[TaskDetail].of(await tasks.update(session, user.id, task_id, data, rules=rules, now=now))


@router.delete("/{task_id}", responses=responses(TaskNotFound))
async def delete_task(
    session: SessionDep, user: CurrentUser, rules: RulesDep, now: Now, task_id: UUID
) -> DataResponse[TombstoneReceipt]:
    """Delete a task with all that belongs to it; its tombstone can bring it back."""
    return DataResponse[TombstoneReceipt].of(await tasks.delete(session, user.id, task_id, rules=rules, now=now))


@router.post(
    "/{task_id}/complete", responses=responses(TaskNotFound, Conflict, Archived, AlreadyCompleted, SubtasksOpen)
)
async def complete_task(
    session: SessionDep, user: CurrentUser, rules: RulesDep, now: Now, task_id: UUID, data: TaskVersion
) -> TaskCompletionResponse:
    """Complete a task whose subtasks are all completed."""
    completed = await completion.complete(session, user.id, task_id, data.version, rules=rules, now=now)
    return TaskCompletionResponse.of(completed)


@router.post("/{task_id}/force-complete", responses=responses(TaskNotFound, Conflict, Archived, AlreadyCompleted))
async def force_complete_task(
    session: SessionDep, user: CurrentUser, rules: RulesDep, now: Now, task_id: UUID, data: TaskVersion
) -> TaskCompletionResponse:
    """Complete a task and every open subtask of it, at the same instant."""
    completed = await completion.force(session, user.id, task_id, data.version, rules=rules, now=now)
    return TaskCompletionResponse.of(completed)


@router.post("/{task_id}/reopen", responses=responses(TaskNotFound, Conflict, Archived, NotCompleted, LimitExceeded))
async def reopen_task(
    session: SessionDep, user: CurrentUser, rules: RulesDep, task_id: UUID, data: TaskVersion
) -> DataResponse[TaskDetail]:
    """Open a completed task again. Its subtasks and the statistics stay as they are."""
    return DataResponse[TaskDetail].of(await completion.reopen(session, user.id, task_id, data.version, rules=rules))


@router.post("/{task_id}/subtasks", status_code=201, responses=responses(TaskNotFound, Archived, LimitExceeded))
async def create_subtask(
    session: SessionDep, user: CurrentUser, rules: RulesDep, now: Now, task_id: UUID, data: SubtaskCreate
) -> DataResponse[SubtaskRead]:
    """Append a subtask. It reopens a task that its last subtask had completed."""
    return DataResponse[SubtaskRead].of(await subtasks.create(session, user.id, task_id, data, rules=rules, now=now))


@router.put("/{task_id}/subtasks/reorder", responses=responses(TaskNotFound, Archived))
async def reorder_subtasks(
    session: SessionDep, user: CurrentUser, task_id: UUID, data: SubtaskOrder
) -> DataResponse[list[SubtaskRead]]:
    """Put all subtasks of a task into a new order."""
    return DataResponse[list[SubtaskRead]].of(await subtasks.reorder(session, user.id, task_id, data))
