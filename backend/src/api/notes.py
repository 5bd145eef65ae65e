"""Notes over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Query

from src.api.deps import CurrentUser, Now, ReaderDep, RulesDep, SessionDep
from src.api.idempotency import IdempotentRoute
from src.errors import Archived, Conflict, LimitExceeded, NotFound, responses
from src.schemas.base import DataResponse, PaginatedResponse
from src.schemas.note import NoteConvert, NoteCreate, NoteFilter, NoteRead, NoteUpdate
from src.schemas.task import TaskDetail
from src.schemas.tombstone import TombstoneReceipt
from src.services import notes

Convert = Annotated[NoteConvert, Body(default_factory=NoteConvert)]
"""A conversion has nothing that must be said, so its body may be left out."""

router = APIRouter(prefix="/notes", tags=["notes"], route_class=IdempotentRoute)


@router.get("")
async def list_notes(
    session: ReaderDep, user: CurrentUser, where: Annotated[NoteFilter, Query()]
) -> PaginatedResponse[NoteRead]:
    """List the caller's notes, newest first."""
    return PaginatedResponse[NoteRead].of(await notes.search(session, user.id, where))


@router.post("", status_code=201, responses=responses(LimitExceeded))
async def create_note(
    session: SessionDep, user: CurrentUser, rules: RulesDep, data: NoteCreate
) -> DataResponse[NoteRead]:
    """Create a note."""
    return DataResponse[NoteRead].of(await notes.create(session, user.id, data, rules=rules))


@router.get("/{note_id}", responses=responses(NotFound))
async def get_note(session: ReaderDep, user: CurrentUser, note_id: UUID) -> DataResponse[NoteRead]:
    """Get a note."""
    return DataResponse[NoteRead].of(await notes.get(session, user.id, note_id))


@router.patch("/{note_id}", responses=responses(NotFound, Conflict, LimitExceeded))
async def update_note(
    session: SessionDep, user: CurrentUser, rules: RulesDep, note_id: UUID, data: NoteUpdate
) -> DataResponse[NoteRead]:
    """Change the fields that are sent, also of an archived note."""
    return DataResponse[NoteRead].of(await notes.update(session, user.id, note_id, data, rules=rules))


@router.delete("/{note_id}", responses=responses(NotFound))
async def delete_note(
    session: SessionDep, user: CurrentUser, rules: RulesDep, now: Now, note_id: UUID
) -> DataResponse[TombstoneReceipt]:
    """Delete a note; its tombstone can bring it back."""
    return DataResponse[TombstoneReceipt].of(await notes.delete(session, user.id, note_id, rules=rules, now=now))


@router.post("/{note_id}/convert", status_code=201, responses=responses(NotFound, Archived, LimitExceeded))
async def convert_note(
    session: SessionDep, user: CurrentUser, rules: RulesDep, now: Now, note_id: UUID, data: Convert
) -> DataResponse[TaskDetail]:
    """Make a task of a note: the first line is its title, the rest its description. The note is archived."""
    return DataResponse[TaskDetail].of(await notes.convert(session, user.id, note_id, data, rules=rules, now=now))
