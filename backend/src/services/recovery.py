"""Recovery: a deletion taken back, exactly, as if it had not happened."""

from datetime import datetime
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from src.db import fetch_one, locked
from src.errors import NotFound
from src.models.note import Note
from src.models.task import Task
from src.models.tombstone import Tombstone
from src.rules import Rules
from src.schemas.enums import TombstoneEntityType
from src.services import notes, snapshots, tasks, users

KINDS = {
    TombstoneEntityType.TASK: (Task, tasks.require_room),
    TombstoneEntityType.NOTE: (Note, notes.require_room),
}
"""By what a tombstone stands for: its model, and what asks whether there is room for one more."""


async def recover(
    session: AsyncSession, user_id: UUID, tombstone_id: UUID, *, rules: Rules, now: datetime
) -> Tombstone:
    """Put the row and its children back as they were; the tombstone is gone. Nothing is counted anew.

    Raises NotFound once the tombstone is used or has expired, LimitExceeded where the row would be one too many.
    """
    user = await users.lock(session, user_id)
    mine = select(Tombstone).where(Tombstone.id == tombstone_id, Tombstone.user_id == user_id)
    tombstone = await fetch_one(session, locked(mine.where(Tombstone.recoverable_until > now)), NotFound)
    rows = snapshots.read(tombstone.snapshot)
    model, require_room = KINDS[tombstone.entity_type]
    if model(**rows[model.__tablename__][0]).takes_room:
        await require_room(session, user, rules=rules)
    await snapshots.insert(session, rows)
    await session.delete(tombstone)
    await session.flush()
    return tombstone
