"""Tombstones are hashes, as tags are; an invitation knows which keyring it holds to.

Invitations from before hold to none. A keyring has a key that orders are signed with. Keyrings of the first form have
none, only the private key could tell it, and no later Amanah reads them: they go, and the study seals to nobody until
the desk's new keys are added. What is sealed already opens as it did, with the files of the keys.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from storage.migrations.tags_of_4 import hash_tags

revision = "4"
down_revision = "3"
FIRST_FORM = 1
keyrings = sa.table("keyrings", sa.column("number", sa.Integer), sa.column("keyring", sa.LargeBinary))


def upgrade() -> None:
    """Hash the tombstones, add the column, and take out the keyrings that nobody reads."""
    hash_tags("tombstones")
    op.add_column("invitations", sa.Column("pin", sa.String, nullable=False, server_default=""))
    # WITHOUT ROWID cannot be read back from SQLite: a table that is written anew is told so again.
    with op.batch_alter_table("invitations", table_kwargs={"sqlite_with_rowid": False}) as invitations:
        invitations.alter_column("pin", server_default=None)
    kept = op.get_bind().execute(sa.select(keyrings)).all()
    unread = [row.number for row in kept if json.loads(row.keyring)["version"] == FIRST_FORM]
    op.execute(sa.delete(keyrings).where(keyrings.c.number.in_(unread)))
