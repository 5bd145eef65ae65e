"""Create statistics and achievements.

Revision ID: 0004
Revises: 0003
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ACHIEVEMENT_CATEGORY = sa.Enum(
    "tasks", "streaks", "focus", "notes", name="achievement_category", create_constraint=True
)
PERK_TYPE = sa.Enum("max_tasks", "max_notes", "daily_credits", name="perk_type", create_constraint=True)

CATALOGUE = (
    ("tasks_5", "Task Starter", "Five tasks done.", "tasks", 5, "max_tasks", 15),
    ("tasks_25", "Task Master", "Twenty-five tasks done.", "tasks", 25, "max_tasks", 25),
    ("tasks_100", "Centurion", "A hundred tasks done.", "tasks", 100, "max_tasks", 50),
    ("streak_7", "Week Warrior", "A task done on seven days in a row.", "streaks", 7, "daily_credits", 2),
    ("streak_30", "Monthly Master", "A task done on thirty days in a row.", "streaks", 30, "daily_credits", 5),
    ("focus_10", "Focus Initiate", "Ten tasks done with focus.", "focus", 10, "max_notes", 5),
    ("notes_10", "Note Taker", "Ten notes turned into tasks.", "notes", 10, "max_notes", 5),
)
COLUMNS = ("id", "name", "message", "category", "threshold", "perk_type", "perk_value")


def upgrade() -> None:
    _create_user_stats()
    _create_achievements()


def _create_user_stats() -> None:
    op.create_table(
        "user_stats",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("lifetime_tasks_completed", sa.Integer(), nullable=False),
        sa.Column("current_streak", sa.Integer(), nullable=False),
        sa.Column("longest_streak", sa.Integer(), nullable=False),
        sa.Column("last_completed_on", sa.Date(), nullable=True),
        sa.Column("focus_completions", sa.Integer(), nullable=False),
        sa.Column("notes_converted", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_stats_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_stats")),
        sa.UniqueConstraint("user_id", name=op.f("uq_user_stats_user_id")),
    )


def _create_achievements() -> None:
    definitions = op.create_table(
        "achievement_definitions",
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(length=50), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("category", ACHIEVEMENT_CATEGORY, nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("perk_type", PERK_TYPE, nullable=True),
        sa.Column("perk_value", sa.Integer(), nullable=True),
        sa.CheckConstraint("threshold > 0", name=op.f("ck_achievement_definitions_threshold")),
        sa.CheckConstraint("(perk_type IS NULL) = (perk_value IS NULL)", name=op.f("ck_achievement_definitions_perk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_achievement_definitions")),
    )
    now = datetime.now(UTC)
    rows = [dict(zip(COLUMNS, row, strict=True), created_at=now, updated_at=now) for row in CATALOGUE]
    op.bulk_insert(definitions, rows)
    op.create_table(
        "user_achievements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("achievement_id", sa.String(length=50), nullable=False),
        sa.ForeignKeyConstraint(
            ["achievement_id"],
            ["achievement_definitions.id"],
            name=op.f("fk_user_achievements_achievement_id_achievement_definitions"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_achievements_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_achievements")),
        sa.UniqueConstraint("user_id", "achievement_id", name=op.f("uq_user_achievements_user_id_achievement_id")),
    )


def downgrade() -> None:
    op.drop_table("user_achievements")
    op.drop_table("achievement_definitions")
    op.drop_table("user_stats")
    if op.get_context().dialect.name == "postgresql":
        for enum in (ACHIEVEMENT_CATEGORY, PERK_TYPE):
            op.execute(f"DROP TYPE {enum.name}")
