"""Which rows of a vault may still be used: none that was withdrawn, also where it is not erased yet. Erases nothing.

A row may outlive its withdrawal: while a legal hold is on, or for a moment between the tombstone and the erasure.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from privacy.envelope import Envelope
from storage.office import Office, tombstones
from storage.vaults import Vault, limits, rows, tags

_contact = select(limits.c.id).where(limits.c.kind == "contact")


def rows_in_use(vault: Vault, office: Office) -> Iterator[tuple[bytes, Envelope]]:
    """Every envelope with its id, in id order, but for those that were withdrawn."""
    withdrawn = withdrawn_ids(vault, office)
    return ((record_id, envelope) for record_id, envelope in rows(vault) if record_id not in withdrawn)


def withdrawn_ids(vault: Vault, office: Office) -> frozenset[bytes]:
    """The ids of the rows here that were withdrawn: by their tags or, of contact details, by their own ids."""
    # The two lists stand in two databases, so they are laid beside each other here.
    with office.engine.connect() as connection:
        buried = {bytes(tag) for tag in connection.scalars(select(tombstones.c.tag))}
    with vault.engine.connect() as connection:
        found = connection.execute(select(tags.c.tag, tags.c.id))
        by_tag = {bytes(row.id) for row in found if bytes(row.tag) in buried}
        by_id = {bytes(one) for one in connection.scalars(_contact)} & buried if limits in vault.tables else set()
    return frozenset(by_tag | by_id)
