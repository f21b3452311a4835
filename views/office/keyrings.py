"""The keys page: fingerprints of public keys, to be compared with the desk's. Changes nothing.

It shows as in use what the signed journal names, whatever else was put into the database.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask import render_template

from errors import JournalBroken
from fieldwork.enrolling import invitations_in
from fieldwork.keyrings import KnownKeyring, keyring_in_force, known_keyrings, lines_of, since_when
from views.field.common import study
from views.office.keys_words import PURPOSES, STATUSES, SUITES


def keys() -> str:
    """Every key of the keyring in use, and the other keyrings."""
    known = known_keyrings(study().stores.office)
    current = _in_use(known.keyrings)
    return render_template(
        "office/keys.html",
        current=current,
        earlier=[one for one in known.keyrings if current and one.number < current.number],
        unvouched=[one for one in known.keyrings if not current or one.number > current.number],
        lines=lines_of(current.keyring) if current else (),
        since=since_when([one for one in known.keyrings if current and one.number <= current.number]),
        outdated=invitations_in(study(), "outdated", date.today()),
        purposes=PURPOSES,
        suites=SUITES,
        statuses=STATUSES,
        has_journal=known.has_journal,
    )


def _in_use(known: Iterable[KnownKeyring]) -> KnownKeyring | None:
    try:
        data = keyring_in_force(study().stores.office).data
    except JournalBroken:  # then a running app stays with what it has
        ring = study().keyring
        data = ring.to_json() if ring else None
    return next((one for one in known if one.keyring.to_json() == data), None)
