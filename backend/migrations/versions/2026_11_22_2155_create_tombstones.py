"""Create tombstones.

Revision ID: 0009
Revises: 0008
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ENTITY_TYPE = sa.Enum("task", "note", name="tombstone_entity_type", create_constraint=True)


def upgrade() -> None:
    op.create_table(
        "tombstones",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("entity_type", ENTITY_TYPE, nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recoverable_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_tombstones_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tombstones")),
        sa.UniqueConstraint("entity_id", name=op.f("uq_tombstones_entity_id")),
    )
    op.create_index(op.f("ix_tombstones_recoverable_until"), "tombstones", ["recoverable_until"], unique=False)
    op.create_index(
        op.f("ix_tombstones_user_id_deleted_at_id"), "tombstones", ["user_id", "deleted_at", "id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_tombstones_user_id_deleted_at_id"), table_name="tombstones")
    op.drop_index(op.f("ix_tombstones_recoverable_until"), table_name="tombstones")
    op.drop_table("tombstones")
    if op.get_context().dialect.name == "postgresql":
        op.execute(f"DROP TYPE {ENTITY_TYPE.name}")
