"""What version 4 keeps in the place of a tag: a hash of it, so that no copy of a store is a key to withdrawals.

What a receipt leads to was kept as a tag until then; from then on it is a proof, which is sent and never kept.
"""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from alembic import op

BEFORE_A_PROOF = b"amanah tag 1"


def hash_tags(table: str) -> None:
    """Put the hash in the place of every tag of this table, in the order of the hashes, which tells nothing."""
    kept = sa.table(table, sa.column("tag", sa.LargeBinary))
    connection = op.get_bind()
    found = {bytes(tag) for tag in connection.scalars(sa.select(kept.c.tag))}
    hashed = sorted((hashlib.sha256(BEFORE_A_PROOF + tag).digest()[:16], tag) for tag in found)
    change = sa.update(kept).where(kept.c.tag == sa.bindparam("was")).values(tag=sa.bindparam("becomes"))
    if hashed:
        connection.execute(change, [{"was": tag, "becomes": new} for new, tag in hashed])
