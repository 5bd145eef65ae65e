"""The caller's own account."""

from fastapi import APIRouter

from src.api.deps import CurrentUser, ReaderDep, SessionDep
from src.api.idempotency import IdempotentRoute
from src.schemas.base import DataResponse
from src.schemas.user import UserRead, UserUpdate
from src.services import users

router = APIRouter(prefix="/users", tags=["users"], route_class=IdempotentRoute)


@router.get("/me")
async def get_me(session: ReaderDep, user: CurrentUser) -> DataResponse[UserRead]:
    """Get the caller's account."""
    return DataResponse[UserRead].of(await users.get(session, user.id))


@router.patch("/me")
async def update_me(session: SessionDep, user: CurrentUser, data: UserUpdate) -> DataResponse[UserRead]:
    """Change the name or the time zone."""
    return DataResponse[UserRead].of(await users.update(session, user.id, data))
