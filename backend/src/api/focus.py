"""Focus sessions over HTTP."""

from fastapi import APIRouter

from src.api.deps import CurrentUser, Now, ReaderDep, SessionDep
from src.api.idempotency import IdempotentRoute
from src.errors import AlreadyCompleted, Archived, FocusRunning, NoFocusRunning, TaskNotFound, responses
from src.schemas.base import DataResponse
from src.schemas.focus import FocusSessionRead, FocusStart
from src.services import focus

router = APIRouter(prefix="/focus", tags=["focus"], route_class=IdempotentRoute)


@router.post("/start", status_code=201, responses=responses(TaskNotFound, Archived, AlreadyCompleted, FocusRunning))
async def start_focus(
    session: SessionDep, user: CurrentUser, now: Now, data: FocusStart
) -> DataResponse[FocusSessionRead]:
    """Start a focus session for a task. One runs at a time."""
    return DataResponse[FocusSessionRead].of(await focus.start(session, user.id, data, now=now))


@router.post("/stop", responses=responses(NoFocusRunning))
async def stop_focus(session: SessionDep, user: CurrentUser, now: Now) -> DataResponse[FocusSessionRead]:
    """Stop the running focus session and add its time to the task."""
    return DataResponse[FocusSessionRead].of(await focus.stop(session, user.id, now=now))


@router.get("/active")
async def get_active_focus(session: ReaderDep, user: CurrentUser) -> DataResponse[FocusSessionRead | None]:
    """Get the running focus session, or `null`."""
    return DataResponse[FocusSessionRead | None].of(await focus.active(session, user.id))
