"""Tags are hashes of what a receipt leads to; contact details and the link have rows and days of their own.

What was kept before stands in one envelope with its consent record and has no such day: it goes with its tag's
withdrawal, as it was promised when it was given.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.migrations.tags_of_4 import hash_tags

revision = "4"
down_revision = "3"


def upgrade() -> None:
    """Hash the tags and make the table."""
    hash_tags("tags")
    op.create_table(
        "limits",
        sa.Column("id", sa.LargeBinary(16), primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sqlite_with_rowid=False,
    )
