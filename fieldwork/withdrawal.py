"""Withdraw with a receipt: erase both records, leave tombstones that outlive backups. Never tells a known code."""

from __future__ import annotations

from datetime import date

from fieldwork.study import Study
from privacy.receipts import labels_of, read_receipt
from storage.engines import shorten_log
from storage.office import count_visit
from storage.tombstones import bury
from storage.vaults import erase


def withdraw(study: Study, typed: str, today: date) -> None:
    """Erase what this code stands for. Raises ReceiptError for a mistyped code; an unknown one is no error."""
    labels = labels_of(read_receipt(typed), study.name)
    take_out(study, labels.research_tag, labels.identity_tag, today)


def take_out(study: Study, research_tag: bytes, identity_tag: bytes, today: date) -> None:
    """Erase what stands under these tags: all that a device tells of the code that was typed there.

    The tombstones are written first, and for unknown tags too: a record that an offline tablet still holds
    must be refused when it comes, and the same work is done whether or not anything was here.
    """
    bury(study.stores.office, study.tombstone_files, (research_tag, identity_tag))
    erased = erase(study.stores.research, research_tag)
    erase(study.stores.identity, identity_tag)
    if erased:
        count_visit(study.stores.office, "withdrawn", month=f"{today:%Y-%m}")
    # Else the log would hold for hours what of the staff's stood before and after these tombstones.
    shorten_log(study.stores.office.engine)
