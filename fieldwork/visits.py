"""Finish a visit: seal what was said into four envelopes, keep them apart, hand out the receipt, forget the rest.

Writes no plaintext anywhere. What links the two vaults is the receipt, which is not kept, and until the cut-off one
sealed document that only the custodians can open.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import date
from typing import Literal

from sqlalchemy.exc import SQLAlchemyError

from errors import StoreAway
from fieldwork.documents import FinishedVisit as FinishedVisit
from fieldwork.documents import Mode as Mode
from fieldwork.documents import identity_documents, research_document
from fieldwork.keeping import RandomBytes, keep_all, limits_of
from fieldwork.study import Study
from privacy.receipts import Receipt as Receipt
from privacy.receipts import cut_off, labels_of, new_receipt
from storage.office import count_visit


def finish_visit(
    study: Study, visit: FinishedVisit, today: date, random_bytes: RandomBytes = secrets.token_bytes
) -> Receipt:
    """Seal and store one visit; return its receipt. Raises SettingsError, StorageError; then nothing is kept."""
    receipt = new_receipt(random_bytes)
    labels = labels_of(receipt, study.name)
    until = last_day(study, today)
    research = research_document(study, visit, labels, today)
    keep_all(
        study, labels, until, research, identity_documents(study, visit, labels, today),
        limits_of(study, today, until), random_bytes,
    )  # fmt: skip
    said, known = str(visit.answers.get("site", "")), {choice.code for choice in study.instrument.sites}
    # A tally is not sealed: words that somebody typed never get into it.
    site = said if said in known else ""
    # The visit is safe by now, and its receipt matters more than a count.
    with suppress(SQLAlchemyError, StoreAway):
        count_visit(study.stores.office, "finished", visit.group, site, f"{today:%Y-%m}")
    return receipt


def last_day(study: Study, today: date) -> date:
    """The last day on which a receipt handed out today works."""
    return cut_off(today, study.instrument.cut_off_days)


def count_outcome(study: Study, outcome: Literal["refused", "not_eligible"], group: str) -> None:
    """Count a visit that ended without answers. The count has no time and no place (study consent, section 2)."""
    count_visit(study.stores.office, outcome, group)
