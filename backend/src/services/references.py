"""References: a row that a body names has to be there, and has to be the caller's."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from src.errors import FieldError, ValidationFailed
from src.models.base import Record


async def require(
    session: AsyncSession, user_id: UUID, values: Mapping[str, Any], references: Mapping[str, type[Record]]
) -> None:
    """Raise ValidationFailed with every field of *references* whose value is the id of no row of that table.

    A row of another user is like none; a table without owners, such as the users themselves, is open to all. What is
    found cannot be deleted before the transaction ends.
    """
    named = {field: table for field, table in references.items() if values.get(field) is not None}
    missing = [field for field, table in named.items() if not await _exists(session, user_id, table, values[field])]
    if missing:
        raise ValidationFailed(details=[FieldError(field=field, message="there is no such row") for field in missing])


async def _exists(session: AsyncSession, user_id: UUID, table: type[Record], row_id: UUID) -> bool:
    owner = {"user_id": user_id} if "user_id" in table.model_fields else {}
    found = select(table.id).filter_by(id=row_id, **owner).with_for_update(read=True, key_share=True)
    return (await session.exec(found)).one_or_none() is not None
