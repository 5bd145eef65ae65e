"""Achievements over HTTP."""

from fastapi import APIRouter

from src.api.deps import CurrentUser, Now, ReaderDep, RulesDep
from src.schemas.achievement import AchievementOverview, AchievementRead, EffectiveLimitsRead, StatsRead
from src.schemas.base import DataResponse
from src.services import achievements, perks, progress

router = APIRouter(prefix="/achievements", tags=["achievements"])


@router.get("")
async def list_achievements(session: ReaderDep, _: CurrentUser) -> DataResponse[list[AchievementRead]]:
    """List every achievement there is."""
    return DataResponse[list[AchievementRead]].of(await achievements.catalogue(session))


@router.get("/me")
async def get_my_achievements(
    session: ReaderDep, user: CurrentUser, rules: RulesDep, now: Now
) -> DataResponse[AchievementOverview]:
    """Get the caller's statistics, unlocked achievements, progress and limits."""
    return DataResponse[AchievementOverview].of(await achievements.overview(session, user.id, rules=rules, now=now))


@router.get("/me/stats")
async def get_my_stats(session: ReaderDep, user: CurrentUser, now: Now) -> DataResponse[StatsRead]:
    """Get the caller's statistics."""
    return DataResponse[StatsRead].of(await progress.get(session, user.id, now=now))


@router.get("/me/limits")
async def get_my_limits(session: ReaderDep, user: CurrentUser, rules: RulesDep) -> DataResponse[EffectiveLimitsRead]:
    """Get the caller's limits: those of the tier and what unlocked achievements add to them."""
    return DataResponse[EffectiveLimitsRead].of(await perks.get(session, user.id, rules=rules))
