"""Goals over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from src.api.deps import CurrentUser, ReaderDep, SessionDep
from src.api.idempotency import IdempotentRoute
from src.errors import Conflict, NotFound, responses
from src.schemas.base import DataResponse, PaginatedResponse
from src.schemas.goal import GoalCreate, GoalFilter, GoalRead, GoalUpdate
from src.services import goals

router = APIRouter(prefix="/goals", tags=["goals"], route_class=IdempotentRoute)


@router.get("")
async def list_goals(
    session: ReaderDep, user: CurrentUser, where: Annotated[GoalFilter, Query()]
) -> PaginatedResponse[GoalRead]:
    """List the caller's goals, newest first."""
    return PaginatedResponse[GoalRead].of(await goals.search(session, user.id, where))


@router.post("", status_code=201)
async def create_goal(session: SessionDep, user: CurrentUser, data: GoalCreate) -> DataResponse[GoalRead]:
    """Create a goal."""
    return DataResponse[GoalRead].of(await goals.create(session, user.id, data))


@router.get("/{goal_id}", responses=responses(NotFound))
async def get_goal(session: ReaderDep, user: CurrentUser, goal_id: UUID) -> DataResponse[GoalRead]:
    """Get a goal."""
    return DataResponse[GoalRead].of(await goals.get(session, user.id, goal_id))


@router.patch("/{goal_id}", responses=responses(NotFound, Conflict))
async def update_goal(
    session: SessionDep, user: CurrentUser, goal_id: UUID, data: GoalUpdate
) -> DataResponse[GoalRead]:
    """Change the fields that are sent."""
    return DataResponse[GoalRead].of(await goals.update(session, user.id, goal_id, data))


@router.delete("/{goal_id}", status_code=204, responses=responses(NotFound))
async def delete_goal(session: SessionDep, user: CurrentUser, goal_id: UUID) -> None:
    """Delete a goal for good."""
    await goals.delete(session, user.id, goal_id)
