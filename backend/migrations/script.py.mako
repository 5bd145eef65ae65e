"""${message.capitalize()}.

Rows that exist: say what each gets in a new or changed column and where it comes from, or that none is touched.

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

${imports + "\n" if imports else ""}from migrations.steps.timeouts import set_timeouts

revision: str = ${repr(up_revision)}
down_revision: str | None = ${repr(down_revision)}
branch_labels: str | Sequence[str] | None = ${repr(branch_labels)}
depends_on: str | Sequence[str] | None = ${repr(depends_on)}


def upgrade() -> None:
    set_timeouts(lock="5s", statement="60s")
    ${upgrades if upgrades else ""}


def downgrade() -> None:
    set_timeouts(lock="5s", statement="60s")
    ${downgrades if downgrades else ""}
