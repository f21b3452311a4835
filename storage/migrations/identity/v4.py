"""Contact details and the link of the two vaults have rows and days of their own: the table of days comes.

What was kept before stands in one envelope with its consent record and has no such day: it goes with its tag's
withdrawal, as it was promised when it was given.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "4"
down_revision = "3"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "limits",
        sa.Column("id", sa.LargeBinary(16), primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sqlite_with_rowid=False,
    )
