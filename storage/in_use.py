"""Which rows of a vault may still be used: none that was withdrawn, also where it is not erased yet. Erases nothing.

A row may outlive its withdrawal: while a legal hold is on, or for a moment between the tombstone and the erasure.
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from sqlalchemy import select

from privacy.envelope import Envelope
from storage.office import Office, tombstones
from storage.tombstones import grave_of
from storage.vaults import Vault, count, limits, rows, tags

_contact = select(limits.c.id).where(limits.c.kind == "contact")


def rows_in_use(vault: Vault, office: Office) -> Iterator[tuple[bytes, Envelope]]:
    """Every envelope with its id, in id order, but for those that were withdrawn."""
    withdrawn = withdrawn_ids(vault, office)
    return ((record_id, envelope) for record_id, envelope in rows(vault) if record_id not in withdrawn)


def count_in_use(vault: Vault, office: Office) -> int:
    """How many those are."""
    return count(vault) - len(withdrawn_ids(vault, office))


def withdrawn_ids(vault: Vault, office: Office) -> frozenset[bytes]:
    """The ids of the rows here that were withdrawn: by their tags or, of contact details, by their own ids."""
    # The two lists stand in two databases, so they are laid beside each other here.
    with office.engine.connect() as connection:
        buried = {bytes(tag) for tag in connection.scalars(select(tombstones.c.tag))}
    with vault.engine.connect() as connection:
        found = connection.execute(select(tags.c.tag, tags.c.id))
        by_tag = {bytes(row.id) for row in found if bytes(row.tag) in buried}
    return frozenset(by_tag | forgotten_ids(vault, buried))


def withdrawn_tags(vault: Vault, buried: Set[bytes]) -> frozenset[bytes]:
    """The tags here that were withdrawn. Asks the vault once, however many tombstones there are."""
    with vault.engine.connect() as connection:
        return frozenset(bytes(tag) for tag in connection.scalars(select(tags.c.tag).distinct())) & buried


def forgotten_ids(vault: Vault, buried: Set[bytes]) -> frozenset[bytes]:
    """The ids of contact details here that were forgotten by an order."""
    if limits not in vault.tables:
        return frozenset()
    with vault.engine.connect() as connection:
        here = [bytes(one) for one in connection.scalars(_contact)]
    return frozenset(one for one in here if grave_of(one) in buried)
