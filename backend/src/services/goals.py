"""Goals: what their owner may do with them."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from src.db import Page, fetch_one, fetch_page, locked, write_version
from src.errors import NotFound
from src.models.goal import Goal
from src.schemas.goal import GoalCreate, GoalFilter, GoalUpdate
from src.services import users


async def get(session: AsyncSession, user_id: UUID, goal_id: UUID) -> Goal:
    """Raises NotFound for another user's goal too."""
    return await fetch_one(session, _owned(user_id, goal_id), NotFound)


async def search(session: AsyncSession, user_id: UUID, where: GoalFilter) -> Page[Goal]:
    """The user's goals, newest first."""
    statement = select(Goal).filter_by(user_id=user_id, **where.filters())
    newest_first = statement.order_by(col(Goal.created_at).desc(), col(Goal.id).desc())
    return await fetch_page(session, newest_first, offset=where.offset, limit=where.limit)


async def create(session: AsyncSession, user_id: UUID, data: GoalCreate) -> Goal:
    owner = await users.get(session, user_id)
    goal = Goal(user_id=owner.id, **data.model_dump())
    session.add(goal)
    await session.flush()
    return await get(session, user_id, goal.id)


async def update(session: AsyncSession, user_id: UUID, goal_id: UUID, data: GoalUpdate) -> Goal:
    """Change what was sent. Raises Conflict for a stale version."""
    goal = await get(session, user_id, goal_id)
    goal.sqlmodel_update(data.changes())
    await write_version(session, goal, data.version)
    return await get(session, user_id, goal_id)


async def delete(session: AsyncSession, user_id: UUID, goal_id: UUID) -> None:
    """Delete the goal for good."""
    await session.delete(await fetch_one(session, locked(_owned(user_id, goal_id)), NotFound))
    await session.flush()


def _owned(user_id: UUID, goal_id: UUID) -> SelectOfScalar[Goal]:
    return select(Goal).where(Goal.user_id == user_id, Goal.id == goal_id)
