"""Withdraw with a receipt: erase both records, leave tombstones that outlive backups. Never tells a known code.

While a legal hold is on, the tombstones are left all the same, so that what was withdrawn is in no bundle and no
release from then on; it is erased when the hold is lifted (fieldwork/upkeep.py).
"""

from __future__ import annotations

from datetime import date

from fieldwork.hold import Hold, hold_in_force
from fieldwork.study import Study
from privacy.receipts import labels_of, read_receipt
from storage.engines import shorten_log
from storage.office import count_visit
from storage.tombstones import bury, is_buried
from storage.vaults import erase, until_of


def withdraw(study: Study, typed: str, today: date) -> Hold | None:
    """Erase what this code stands for, or leave it until the legal hold that is given back is lifted.

    Raises ReceiptError for a mistyped code; an unknown one is no error.
    """
    labels = labels_of(read_receipt(typed), study.name)
    return take_out(study, labels.research_tag, labels.identity_tag, today)


def take_out(study: Study, research_tag: bytes, identity_tag: bytes, today: date) -> Hold | None:
    """Erase what stands under these tags, now or, where a legal hold is on (it is given back), once that is lifted.

    They are all that a device tells of the code that was typed there.

    The tombstones are written first, and for unknown tags too: a record that an offline tablet still holds
    must be refused when it comes, and the same work is done whether or not anything was here.
    """
    office, vaults = study.stores.office, ((study.stores.research, research_tag), (study.stores.identity, identity_tag))
    is_first = not is_buried(office, research_tag)
    was_here = until_of(*vaults[0]) is not None
    bury(office, study.tombstone_files, (research_tag, identity_tag))
    # Only now: whoever lifts a hold at this moment erases what is buried after their entry, so nothing falls between.
    hold = hold_in_force(office)
    if hold is None:
        for vault, tag in vaults:
            erase(vault, tag)
    if is_first and was_here:
        count_visit(office, "withdrawn", month=f"{today:%Y-%m}")
    # Else the log would hold for hours what of the staff's stood before and after these tombstones.
    shorten_log(office.engine)
    return hold
