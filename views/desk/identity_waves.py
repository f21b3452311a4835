"""What a study that comes back adds to lists and letters: each person's own link of one open invitation."""

from __future__ import annotations

from flask_babel import gettext
from markupsafe import Markup

from forms.identity import ContactsForm
from release.invitations import LINK, invite
from release.mailing import PURPOSES
from release.people import Contactable
from views.desk.identity_common import Open
from views.qr import qr_svg

WAVE = "wave"


def purposes_of(desk: Open) -> list[str]:
    """The purposes that there are in this study: one that asks people once has no next wave."""
    return [purpose for purpose in PURPOSES if purpose != WAVE or desk.source.newest.waves > 1]


def link_field(purpose: str) -> list[tuple[str, str]]:
    """The field that an invitation adds to the contact details, with its words."""
    return [(LINK, gettext("Their own link to the next wave"))] if purpose == WAVE else []


def with_links(
    desk: Open, purpose: str, form: ContactsForm, people: tuple[Contactable, ...]
) -> tuple[Contactable, ...]:
    """The people with their links, where that is the purpose. Raises ReleaseError for what is no open invitation."""
    if purpose != WAVE:
        return people
    return invite(people, form.link.data or "", desk.opened, desk.source, desk.room.keys)


def code_of(purpose: str, person: Contactable) -> Markup | None:
    """The QR code of somebody's link in a letter that invites them: nobody types a capsule. In no other letter."""
    return qr_svg(person.contact[LINK]) if purpose == WAVE else None
