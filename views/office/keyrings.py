"""The keys page: fingerprints of public keys, to be compared with the desk's. Changes nothing."""

from __future__ import annotations

from flask import render_template

from fieldwork.keyrings import known_keyrings, lines_of
from views.field.common import study
from views.office.keys_words import PURPOSES, STATUSES, SUITES


def keys() -> str:
    """Every key of the keyring in use, and the keyrings before it."""
    known = known_keyrings(study().stores.office)
    current, *earlier = known.keyrings or (None,)
    return render_template(
        "office/keys.html",
        current=current,
        earlier=earlier,
        lines=lines_of(current.keyring) if current else (),
        purposes=PURPOSES,
        suites=SUITES,
        statuses=STATUSES,
        has_journal=known.has_journal,
    )
