"""Create tasks and their subtasks.

Revision ID: 0002
Revises: 0001
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TASK_PRIORITY = sa.Enum("low", "medium", "high", name="task_priority", create_constraint=True)
COMPLETED_BY = sa.Enum("manual", "auto", "force", name="completed_by", create_constraint=True)
SUBTASK_SOURCE = sa.Enum("user", "ai", name="subtask_source", create_constraint=True)


def upgrade() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=2000), nullable=False),
        sa.Column("priority", TASK_PRIORITY, nullable=False),
        sa.Column("due_date", sa.DateTime(timezone=True), nullable=True),
        sa.Column("estimated_duration", sa.Integer(), nullable=True),
        sa.Column("focus_time_seconds", sa.Integer(), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_by", COMPLETED_BY, nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_tasks_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    is_open = sa.text("completed_at IS NULL AND NOT archived")
    op.create_index("ix_tasks_open", "tasks", ["user_id"], postgresql_where=is_open, sqlite_where=is_open)
    op.create_index(op.f("ix_tasks_user_id_created_at_id"), "tasks", ["user_id", "created_at", "id"], unique=False)
    op.create_table(
        "subtasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("order_index", sa.Integer(), nullable=False),
        sa.Column("source", SUBTASK_SOURCE, nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_subtasks_task_id_tasks"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subtasks")),
        sa.UniqueConstraint("task_id", "order_index", name=op.f("uq_subtasks_task_id_order_index")),
    )


def downgrade() -> None:
    op.drop_table("subtasks")
    op.drop_index(op.f("ix_tasks_user_id_created_at_id"), table_name="tasks")
    op.drop_index("ix_tasks_open", table_name="tasks")
    op.drop_table("tasks")
    if op.get_context().dialect.name == "postgresql":
        for enum in (TASK_PRIORITY, COMPLETED_BY, SUBTASK_SOURCE):
            op.execute(f"DROP TYPE {enum.name}")
