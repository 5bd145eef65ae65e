"""Credits over HTTP: what is left, and how it came to be."""

from typing import Annotated

from fastapi import APIRouter, Query

from src.api.deps import CurrentUser, Now, ReaderDep, RulesDep, SessionDep
from src.schemas.base import DataResponse, PaginatedResponse
from src.schemas.credit import BalanceRead, CreditEntryRead, CreditFilter
from src.services import credits

router = APIRouter(prefix="/credits", tags=["credits"])


@router.get("/balance")
async def get_credit_balance(
    session: SessionDep, user: CurrentUser, rules: RulesDep, now: Now
) -> DataResponse[BalanceRead]:
    """Get what the caller can spend, by type. The first look of a UTC day gives the daily credits."""
    return DataResponse[BalanceRead].of(await credits.balance(session, user.id, rules=rules, now=now))


@router.get("/history")
async def list_credit_history(
    session: ReaderDep, user: CurrentUser, where: Annotated[CreditFilter, Query()]
) -> PaginatedResponse[CreditEntryRead]:
    """List the caller's ledger, newest first."""
    return PaginatedResponse[CreditEntryRead].of(await credits.search(session, user.id, where))
