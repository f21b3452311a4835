"""Withdraw with a receipt: erase the whole visit, leave tombstones that outlive backups. Never tells a known code."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date

from fieldwork.documents import CHOICES_THAT_STEER_RELEASES, heading
from fieldwork.keeping import RandomBytes, keep_all
from fieldwork.study import Study
from privacy.receipts import labels_of, read_receipt
from storage.engines import shorten_log
from storage.office import count_visit
from storage.tombstones import bury
from storage.vaults import erase, until_of


def withdraw(study: Study, typed: str, today: date) -> None:
    """Erase what this code stands for. Raises ReceiptError for a mistyped code; an unknown one is no error.

    The tombstones are written first, and for unknown codes too: a record that an offline tablet still holds
    must be refused when it comes, and the same work is done whether or not anything was here.
    """
    labels = labels_of(read_receipt(typed), study.name)
    bury(study.stores.office, study.tombstone_files, (labels.research_tag, labels.identity_tag))
    erased = erase(study.stores.research, labels.research_tag)
    erase(study.stores.identity, labels.identity_tag)
    if erased:
        count_visit(study.stores.office, "withdrawn", month=f"{today:%Y-%m}")
    # Else the log would hold for hours what of the staff's stood before and after these tombstones.
    shorten_log(study.stores.office.engine)


def change_choices(
    study: Study,
    typed: str,
    choices: Mapping[str, str],
    today: date,
    random_bytes: RandomBytes = secrets.token_bytes,
) -> None:
    """Add a change of optional choices to a visit; the earlier consent stays in its history.

    `choices` maps the ids of optional statements to "yes" or "no". Sealed like a visit and tagged like it, so
    that withdrawing takes it along, and no longer findable than the visit itself. Raises ReceiptError.
    """
    labels = labels_of(read_receipt(typed), study.name)
    until = until_of(study.stores.research, labels.research_tag)
    if until is None or not choices:
        return
    research = heading(study, "choices") | {
        "participant": labels.participant.hex(),
        "choices": {name: said for name, said in choices.items() if name in CHOICES_THAT_STEER_RELEASES},
        "date": today.isoformat(),
    }
    identity = heading(study, "choices", labels) | {
        "date": today.isoformat(),
        "statements": [[name, said] for name, said in sorted(choices.items())],
    }
    keep_all(study, labels, until, research, (identity,), {}, random_bytes)
