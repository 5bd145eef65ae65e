"""Notes: written down, changed, put away, or turned into a task."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from src.db import Page, fetch_one, fetch_page, locked, write_version
from src.errors import Archived, NotFound
from src.models.note import Note
from src.models.task import Task
from src.models.tombstone import Tombstone
from src.models.user import User
from src.rules import Rules
from src.schemas.note import NoteConvert, NoteCreate, NoteFilter, NoteUpdate
from src.schemas.task import TITLE_LENGTH, TaskCreate
from src.services import limits, perks, progress, tasks, tombstones, users


class Draft(NamedTuple):
    """The words of a task that a note becomes."""

    title: str
    description: str


async def get(session: AsyncSession, user_id: UUID, note_id: UUID) -> Note:
    """Raises NotFound for another user's note too."""
    return await fetch_one(session, _owned(user_id, note_id), NotFound)


async def search(session: AsyncSession, user_id: UUID, where: NoteFilter) -> Page[Note]:
    """The user's notes, newest first."""
    statement = select(Note).where(Note.user_id == user_id, Note.archived == where.archived)
    newest_first = statement.order_by(col(Note.created_at).desc(), col(Note.id).desc())
    return await fetch_page(session, newest_first, offset=where.offset, limit=where.limit)


async def create(session: AsyncSession, user_id: UUID, data: NoteCreate, *, rules: Rules) -> Note:
    """Raises LimitExceeded."""
    await require_room(session, await users.lock(session, user_id), rules=rules)
    note = Note(user_id=user_id, **data.model_dump())
    session.add(note)
    await session.flush()
    return await get(session, user_id, note.id)


async def update(session: AsyncSession, user_id: UUID, note_id: UUID, data: NoteUpdate, *, rules: Rules) -> Note:
    """Change what was sent; an archived note may be edited too. Raises Conflict for a stale version, LimitExceeded."""
    user = await users.lock(session, user_id)
    note = await get(session, user_id, note_id)
    changes = data.changes()
    if note.archived and changes.get("archived") is False:
        await require_room(session, user, rules=rules)
    note.sqlmodel_update(changes)
    await write_version(session, note, data.version)
    return await get(session, user_id, note_id)


async def delete(session: AsyncSession, user_id: UUID, note_id: UUID, *, rules: Rules, now: datetime) -> Tombstone:
    """Delete the note and leave a tombstone."""
    await users.lock(session, user_id)
    note = await _lock(session, user_id, note_id)
    return await tombstones.bury(session, user_id, note, rules=rules, now=now)


async def convert(
    session: AsyncSession, user_id: UUID, note_id: UUID, data: NoteConvert, *, rules: Rules, now: datetime
) -> Task:
    """Make a task of the note and archive the note. Raises Archived, and what `tasks.create` raises."""
    await users.lock(session, user_id)
    note = await _lock(session, user_id, note_id)
    if note.archived:
        raise Archived("An archived note cannot become a task. Unarchive it first.")
    wanted = TaskCreate(**draft(note.content, data.title)._asdict(), priority=data.priority)
    task = await tasks.create(session, user_id, wanted, rules=rules)
    note.archived = True
    await progress.count_conversion(session, note, now=now)
    await session.flush()
    return task


async def require_room(session: AsyncSession, user: User, *, rules: Rules) -> None:
    """Raise LimitExceeded unless the user, who is locked, may have one more note that is not archived."""
    kept = Note.user_id == user.id, col(Note.archived).is_(False)
    count = (await session.exec(select(func.count()).select_from(Note).where(*kept))).one()
    limit = (await perks.limits(session, user, rules)).max_notes
    limits.require_room(count, limit, name="max_notes", what="notes that are not archived")


def draft(content: str, title: str | None = None) -> Draft:
    """Split a note into title and description without losing a word.

    The title is the first line that is not blank, cut where a title ends; the description goes on from there. A title
    that is given takes nothing from the note, unless it is the first line.
    """
    line, _, rest = content.strip().partition("\n")
    line = line.rstrip()
    if title not in {None, line}:
        return Draft(str(title), content.strip())
    description = "\n".join(filter(None, (line[TITLE_LENGTH:].strip(), rest)))
    return Draft(line[:TITLE_LENGTH], description.strip("\r\n"))


async def _lock(session: AsyncSession, user_id: UUID, note_id: UUID) -> Note:
    return await fetch_one(session, locked(_owned(user_id, note_id)), NotFound)


def _owned(user_id: UUID, note_id: UUID) -> SelectOfScalar[Note]:
    return select(Note).where(Note.user_id == user_id, Note.id == note_id)
