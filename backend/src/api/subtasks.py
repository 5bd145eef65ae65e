"""Single subtasks over HTTP; their list belongs to the task."""

from uuid import UUID

from fastapi import APIRouter

from src.api.deps import CurrentUser, Now, RulesDep, SessionDep
from src.api.idempotency import IdempotentRoute
from src.errors import Archived, LimitExceeded, NotFound, responses
from src.schemas.base import DataResponse
from src.schemas.task import SubtaskRead, SubtaskUpdate
from src.services import subtasks

router = APIRouter(prefix="/subtasks", tags=["subtasks"], route_class=IdempotentRoute)


@router.patch("/{subtask_id}", responses=responses(NotFound, Archived, LimitExceeded))
async def update_subtask(
    session: SessionDep, user: CurrentUser, rules: RulesDep, now: Now, subtask_id: UUID, data: SubtaskUpdate
) -> DataResponse[SubtaskRead]:
    """Change the fields that are sent. Completing the last open subtask completes the task."""
    return DataResponse[SubtaskRead].of(await subtasks.update(session, user.id, subtask_id, data, rules=rules, now=now))


@router.delete("/{subtask_id}", status_code=204, responses=responses(NotFound, Archived))
async def delete_subtask(session: SessionDep, user: CurrentUser, subtask_id: UUID) -> None:
    """Delete a subtask; the others close the gap."""
    await subtasks.delete(session, user.id, subtask_id)
