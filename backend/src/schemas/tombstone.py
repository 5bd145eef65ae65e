"""Deletion and recovery on the wire."""

from uuid import UUID

from pydantic import Field

from src.clock import Timestamp
from src.schemas.base import Schema
from src.schemas.enums import TombstoneEntityType


class TombstoneReceipt(Schema):
    """What a deletion answers."""

    tombstone_id: UUID = Field(validation_alias="id")
    recoverable_until: Timestamp


class TombstoneRead(Schema):
    id: UUID
    entity_type: TombstoneEntityType
    entity_id: UUID
    deleted_at: Timestamp
    recoverable_until: Timestamp


class Recovered(Schema):
    """What is back, under its old id."""

    entity_type: TombstoneEntityType
    entity_id: UUID
