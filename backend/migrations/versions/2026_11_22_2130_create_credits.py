"""Create the credit ledger and its reservations.

Revision ID: 0006
Revises: 0005
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CREDIT_OPERATION = sa.Enum("grant", "consume", "expire", "carryover", name="credit_operation", create_constraint=True)
CREDIT_TYPE = sa.Enum("kickstart", "daily", "subscription", "purchased", name="credit_type", create_constraint=True)


def upgrade() -> None:
    _create_entries()
    _create_reservations()


def downgrade() -> None:
    op.drop_table("credit_reservations")
    op.drop_table("credit_entries")
    if op.get_context().dialect.name == "postgresql":
        for enum in (CREDIT_OPERATION, CREDIT_TYPE):
            op.execute(f"DROP TYPE {enum.name}")


def _create_entries() -> None:
    op.create_table(
        "credit_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("operation", CREDIT_OPERATION, nullable=False),
        sa.Column("credit_type", CREDIT_TYPE, nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("balance_after", sa.Integer(), nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(length=255), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("period", sa.String(length=10), nullable=True),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_credit_entries_amount")),
        sa.CheckConstraint("balance_after >= 0", name=op.f("ck_credit_entries_balance_after")),
        sa.CheckConstraint("(amount > 0) = (remaining IS NOT NULL)", name=op.f("ck_credit_entries_lot")),
        sa.CheckConstraint("remaining BETWEEN 0 AND amount", name=op.f("ck_credit_entries_remaining")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_credit_entries_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_entries")),
        sa.UniqueConstraint("user_id", "sequence", name=op.f("uq_credit_entries_user_id_sequence")),
        sa.UniqueConstraint(
            "user_id",
            "credit_type",
            "operation",
            "period",
            name=op.f("uq_credit_entries_user_id_credit_type_operation_period"),
        ),
    )
    live = sa.text("remaining > 0")
    op.create_index(
        "ix_credit_entries_live", "credit_entries", ["user_id", "expires_at"], postgresql_where=live, sqlite_where=live
    )


def _create_reservations() -> None:
    op.create_table(
        "credit_reservations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("first_sequence", sa.BigInteger(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_credit_reservations_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_reservations")),
    )
    op.create_index(op.f("ix_credit_reservations_created_at"), "credit_reservations", ["created_at"])
    op.create_index(op.f("ix_credit_reservations_user_id"), "credit_reservations", ["user_id"])
