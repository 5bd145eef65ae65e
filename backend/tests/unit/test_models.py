"""What the base of all tables does not let pass."""

from typing import Any, Optional
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, Relationship

from src import clock
from src.models.base import Record, related
from src.models.goal import Goal


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


def test_row_that_was_never_changed_was_updated_when_it_was_created() -> None:
    goal = Goal(user_id=UUID(int=1), title="Write")
    assert goal.updated_at == goal.created_at
    known = Goal(user_id=UUID(int=1), title="Write", created_at=clock.utc_now(), updated_at=goal.created_at)
    assert known.updated_at == goal.created_at < known.created_at
