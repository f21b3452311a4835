"""The keys page: fingerprints of public keys, to be compared with the desk's. Changes nothing.

It shows as in use what the signed journal names, whatever else was put into the database.
"""

from __future__ import annotations

from flask import render_template

from fieldwork.keyrings import keyring_in_force, known_keyrings, lines_of
from views.field.common import study


def keys() -> str:
    """Every key of the keyring in use, and the other keyrings."""
    office = study().stores.office
    known, data = known_keyrings(office), keyring_in_force(office).data
    current = next((one for one in known if one.keyring.to_json() == data), None)
    return render_template(
        "office/keys.html",
        current=current,
        earlier=[one for one in known if current and one.number < current.number],
        unvouched=[one for one in known if not current or one.number > current.number],
        lines=lines_of(current.keyring) if current else (),
    )
