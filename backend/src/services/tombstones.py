"""Tombstones: what a deletion leaves behind, for as long as it can be taken back."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from src.db import Page, delete_some, fetch_page
from src.models.base import Record
from src.models.note import Note
from src.models.task import Task
from src.models.tombstone import LISTED_TOMBSTONE, Tombstone
from src.rules import Rules
from src.schemas.base import PageQuery
from src.schemas.enums import TombstoneEntityType
from src.services import snapshots

ENTITY_TYPES: dict[type[Record], TombstoneEntityType] = {
    Task: TombstoneEntityType.TASK,
    Note: TombstoneEntityType.NOTE,
}


async def bury(session: AsyncSession, user_id: UUID, row: Record, *, rules: Rules, now: datetime) -> Tombstone:
    """Delete *row* with all that goes with it, and put a tombstone in its place. Its caller has locked the row."""
    model = type(row)
    tombstone = Tombstone(
        user_id=user_id,
        entity_type=ENTITY_TYPES[model],
        entity_id=row.id,
        deleted_at=now,
        recoverable_until=now + timedelta(seconds=rules.tombstone_ttl_seconds),
        snapshot=await snapshots.take(session, row),
    )
    await session.exec(delete(model).where(col(model.id) == row.id))
    session.add(tombstone)
    await session.flush()
    return tombstone


async def search(session: AsyncSession, user_id: UUID, page: PageQuery, *, now: datetime) -> Page[Tombstone]:
    """What the user can still recover, the last deletion first."""
    living = select(Tombstone).where(Tombstone.user_id == user_id, Tombstone.recoverable_until > now)
    newest_first = living.order_by(col(Tombstone.deleted_at).desc(), col(Tombstone.id).desc())
    return await fetch_page(session, newest_first.options(*LISTED_TOMBSTONE), offset=page.offset, limit=page.limit)


async def sweep(session: AsyncSession, *, now: datetime, limit: int) -> int:
    """Delete at most *limit* tombstones that have expired and return how many they were."""
    return await delete_some(session, Tombstone, col(Tombstone.recoverable_until) <= now, limit=limit)
