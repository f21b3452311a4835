"""What a member is told of their own sign-in, on the page that they meet first; and the button by which they know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, redirect, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from fieldwork.staff.notices import MOST, Change, notices_for, say_known
from forms.staff import KnownForm
from views.field.common import study

SENTENCES: Mapping[str, LazyString] = {
    "staff_joined": _("A one-time link was used to set how you sign in."),
    "password_changed": _("Your password was changed."),
    "second_factor_set": _("An app for codes was connected, and recovery codes were made."),
    "recovery_codes_made": _("New recovery codes were made."),
    "recovery_code_used": _("A recovery code was used in your name."),
    "passkey_added": _("A passkey was added."),
    "passkey_removed": _("A passkey was removed."),
    "passkey_refused": _("A passkey of yours was refused: a copy of it may be in use. Remove it."),
    "staff_reset": _("%(actor)s ended every way in which you signed in, and made a link for new ones."),
    "staff_role_changed": _("%(actor)s gave you another role."),
    "staff_disabled": _("%(actor)s disabled your sign-in."),
    "staff_enabled": _("%(actor)s let you sign in again."),
    "staff_signed_out": _("%(actor)s ended every session of yours."),
    "everybody_signed_out": _("%(actor)s ended every session of everybody."),
}


def notices_shown() -> dict[str, Any]:
    """What the start page tells its reader."""
    found = notices_for(study().stores.office, g.member.name)
    changes = [(one.day, in_words(one)) for one in found.changes or ()]
    return {"notices": found, "changes": changes, "most_told": MOST}


def in_words(change: Change) -> str:
    """What changed, to whom it concerns."""
    return str(SENTENCES[change.act]) % {"actor": change.actor}


def read_notices() -> Any:
    """The reader knows of what the page told them."""
    form = KnownForm()
    if form.validate_on_submit():
        office = study().stores.office
        say_known(office, g.member.name, form.failed.data, form.halves.data, form.read_up_to.data)
    return redirect(url_for("office.home"), 303)
