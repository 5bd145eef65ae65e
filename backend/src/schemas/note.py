"""Notes on the wire."""

import re
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from src.clock import Timestamp
from src.schemas.base import Flag, Input, PageQuery, Patch, Schema, Version, omittable
from src.schemas.enums import TaskPriority
from src.schemas.task import Title

VISIBLE = r"[^\s\x1c-\x1f\x85\ufeff]"
"""Of the characters written out, some are blanks in this dialect of regular expressions, some in JSON Schema's."""


def _not_blank(value: str) -> str:
    if not re.search(VISIBLE, value):
        raise ValueError("expected at least one visible character")
    return value


Content = Annotated[
    str,
    Field(
        min_length=1,
        max_length=2000,
        description="Kept as it is; not only blanks.",
        json_schema_extra={"pattern": VISIBLE},
    ),
    AfterValidator(_not_blank),
]


class NoteCreate(Input):
    content: Content


class NoteUpdate(Patch):
    content: Content = omittable()
    archived: Flag = omittable()
    version: Version


class NoteConvert(Input):
    title: Title | None = Field(default=None, description="Instead of the first line of the note.")
    priority: TaskPriority = TaskPriority.MEDIUM


class NoteFilter(PageQuery):
    """Which notes a listing holds."""

    archived: bool = False


class NoteRead(Schema):
    id: UUID
    user_id: UUID
    content: str
    archived: bool
    version: int
    created_at: Timestamp
    updated_at: Timestamp
