"""Withdraw with a receipt: erase a whole visit, leave tombstones that outlive backups. Never tells a known code.

While a legal hold is on, the tombstones are left all the same, so that what was withdrawn is in no bundle and no
release from then on; it is erased when the hold is lifted (fieldwork/upkeep.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from fieldwork.hold import Hold, hold_in_force
from fieldwork.study import Study
from privacy.receipts import labels_of, read_receipt
from storage.engines import shorten_log
from storage.office import count_visit
from storage.tombstones import bury, grave_of, is_buried
from storage.vaults import erase, erase_records, until_of

Tags = Sequence[bytes]


def withdraw(study: Study, typed: str, today: date) -> Hold | None:
    """Erase what this code stands for, or leave it until the legal hold that is given back is lifted.

    Raises ReceiptError for a mistyped code; an unknown one is no error.
    """
    labels = labels_of(read_receipt(typed), study.name)
    return take_out(study, labels.research_tag, labels.identity_tag, today)


def take_out(study: Study, research_tag: bytes, identity_tag: bytes, today: date) -> Hold | None:
    """Erase what stands under these tags, which are all that a device tells of a code; or leave it, as above."""
    return take_out_all(study, (research_tag,), (identity_tag,), (), today)


def take_out_all(study: Study, research: Tags, identity: Tags, contact: Tags, today: date) -> Hold | None:
    """Erase what stands under these tags, and contact details by the ids of their records; or leave it, as above.

    The one way to what somebody asked to have erased. The tombstones are written first, and for unknown tags too: a
    record that an offline tablet still holds must be refused when it comes, and the same work is done whether or not
    anything was here.
    """
    office, known = study.stores.office, [tag for tag in research if _is_here(study, tag)]
    bury(office, study.tombstone_files, (*research, *identity, *map(grave_of, contact)))
    # Only now: whoever lifts a hold at this moment erases what is buried after their entry, so nothing falls between.
    hold = hold_in_force(office)
    if hold is None:
        _erase(study, research, identity, contact)
    for _tag in known:
        count_visit(office, "withdrawn", month=f"{today:%Y-%m}")
    # Else the log would hold for hours what of the staff's stood before and after these tombstones.
    shorten_log(office.engine)
    return hold


def _is_here(study: Study, tag: bytes) -> bool:
    """Whether answers stand under this tag that nobody has withdrawn yet."""
    return until_of(study.stores.research, tag) is not None and not is_buried(study.stores.office, tag)


def _erase(study: Study, research: Tags, identity: Tags, contact: Tags) -> None:
    for vault, tags in ((study.stores.research, research), (study.stores.identity, identity)):
        for tag in tags:
            erase(vault, tag)
    if contact:
        erase_records(study.stores.identity, contact)
