"""What was deleted, over HTTP."""

from uuid import UUID

from fastapi import APIRouter

from src.api.deps import CurrentUser, Now, Paging, ReaderDep, RulesDep, SessionDep
from src.api.idempotency import IdempotentRoute
from src.errors import LimitExceeded, NotFound, responses
from src.schemas.base import DataResponse, PaginatedResponse
from src.schemas.tombstone import Recovered, TombstoneRead
from src.services import recovery, tombstones

router = APIRouter(prefix="/tombstones", tags=["tombstones"], route_class=IdempotentRoute)


@router.get("")
async def list_tombstones(
    session: ReaderDep, user: CurrentUser, now: Now, page: Paging
) -> PaginatedResponse[TombstoneRead]:
    """List what the caller has deleted and can still recover, the last deletion first."""
    return PaginatedResponse[TombstoneRead].of(await tombstones.search(session, user.id, page, now=now))


@router.post("/{tombstone_id}/recover", responses=responses(NotFound, LimitExceeded))
async def recover_tombstone(
    session: SessionDep, user: CurrentUser, rules: RulesDep, now: Now, tombstone_id: UUID
) -> DataResponse[Recovered]:
    """Bring back what was deleted, exactly as it was."""
    return DataResponse[Recovered].of(await recovery.recover(session, user.id, tombstone_id, rules=rules, now=now))
