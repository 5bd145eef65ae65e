"""What the base of all tables does not let pass."""

from typing import Any, Optional
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship

from src.models.base import Record, related


@pytest.mark.parametrize(
    ("lazy", "made"),
    [("select", Relationship()), ("joined", related(lazy="joined")), ("selectin", related(lazy="selectin"))],
)
def test_relationship_that_no_plan_has_to_load_stops_the_import(lazy: str, made: Any) -> None:
    class Apart(Record, registry=registry()):
        metadata = sa.MetaData()

    class Node(Apart, table=True):
        __tablename__ = "nodes"

        parent_id: UUID | None = Field(default=None, foreign_key="nodes.id")
        parent: Optional["Node"] = made

    with pytest.raises(TypeError, match=f"Node.parent has lazy='{lazy}'"):
        sa.inspect(Node).registry.configure()
