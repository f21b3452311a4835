"""Who may deliver: enrolled tablets and live invitations, known by a token that only they hold.

The public key alone is not enough to put a visit into the study (REQUIREMENTS, forged visits). Tokens are kept as
hashes; none is ever linked to a record.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from errors import NotAdmitted, SettingsError
from fieldwork.ending import refuse_late, refuse_new
from fieldwork.study import Study
from storage.admissions import (
    Invitation,
    InvitationKind,
    Tablet,
    add_invitation,
    enrol,
    forget_enrolments,
    invitation_of,
    open_enrolment,
    tablet_of,
)
from storage.coarse import MINUTE, rounded_down

NewToken = Callable[[int], str]
TOKEN = 18  # random bytes; 24 characters in a link, a QR code that a cheap phone can read
ENROLMENT = timedelta(minutes=15)  # how long a tablet's code works
# A visit that was sealed on the last day may still be on its way: it is taken this long afterwards.
GRACE = timedelta(days=14)


@dataclass(frozen=True)
class Admission:
    """Who stands behind a token. `group` and `site` are empty where they are not fixed. `is_spent`: used before."""

    kind: Literal["tablet", "single", "open"]
    token_hash: bytes
    group: str
    site: str
    is_spent: bool = False


def hash_of(token: str) -> bytes:
    """How a token is kept: SHA-256. A token has 144 random bits, so nothing slower is needed."""
    return hashlib.sha256(token.encode()).digest()


def admitted(study: Study, token: str, today: date) -> Admission:
    """Who may deliver with this token today. Raises NotAdmitted, alike for unknown, revoked and expired ones.

    Raises StudyOver first: a device may then let go of what nobody takes any more, whatever became of its token.
    """
    refuse_late(study.ending, today)
    hashed = hash_of(token)
    tablet = tablet_of(study.stores.office, hashed)
    if tablet and not tablet.revoked:
        return Admission("tablet", hashed, "", tablet.site)
    invitation = invitation_of(study.stores.office, hashed)
    # Who used an invitation before it was withdrawn may still send the same visit again.
    is_void = invitation is not None and invitation.withdrawn and not invitation.spent
    if invitation and not is_void and today <= invitation.until + GRACE:
        return Admission(invitation.kind, hashed, invitation.group, invitation.site, invitation.spent)
    raise NotAdmitted("This tablet or invitation is not, or no longer, known to the study.")


def may_start(study: Study, token: str, today: date) -> Admission:
    """Who may begin a visit with this token today. Raises NotAdmitted, StudyOver."""
    refuse_new(study.ending)
    admission = admitted(study, token, today)
    invitation = invitation_of(study.stores.office, admission.token_hash)
    if admission.is_spent or (invitation and (invitation.withdrawn or today > invitation.until)):
        raise NotAdmitted("This invitation was used already, or its last day has passed.")
    return admission


def new_enrolment(
    study: Study, name: str, site: str, now: datetime, new_token: NewToken = secrets.token_urlsafe
) -> str:
    """A code with which one tablet can be enrolled, once, within a quarter of an hour. Raises SettingsError, StudyOver.

    After the study's end too, for as long as a tablet may still bring what it sealed before.
    """
    refuse_late(study.ending, now.date())
    name = name.strip()
    if not 1 <= len(name) <= 40:
        raise SettingsError("A tablet's name has 1 to 40 characters, for example the label on its back.")
    code = new_token(TOKEN)
    forget_enrolments(study.stores.office, _naive(now))
    open_enrolment(study.stores.office, hash_of(code), name, site, _naive(rounded_down(now + ENROLMENT, MINUTE)))
    return code


def enrol_tablet(
    study: Study, code: str, now: datetime, new_token: NewToken = secrets.token_urlsafe
) -> tuple[str, Tablet]:
    """Swap an enrolment code for a tablet's token. Raises NotAdmitted for a code that is unknown, used or too old."""
    token = new_token(TOKEN)
    tablet = enrol(study.stores.office, hash_of(code), hash_of(token), _naive(now))
    if tablet is None:
        raise NotAdmitted("This enrolment code was used already, or is too old. Ask the coordinator for a new one.")
    return token, tablet


def invite(
    study: Study,
    kind: InvitationKind,
    until: date,
    group: str = "",
    site: str = "",
    language: str = "",
    pin: str = "",
    new_token: NewToken = secrets.token_urlsafe,
) -> str:
    """Make an invitation and return its token, which is not kept. `pin`: of the keyring, where its link carries it.

    Raises StudyOver.
    """
    refuse_new(study.ending)
    return _token(study, Invitation(b"", kind, group, site, language, until, pin=pin), new_token)


def _token(study: Study, invitation: Invitation, new_token: NewToken) -> str:
    token = new_token(TOKEN)
    add_invitation(study.stores.office, replace(invitation, token_hash=hash_of(token)))
    return token


def walk_in(study: Study, today: date) -> str:
    """A single invitation for whoever asks. Raises NotAdmitted unless the study turned the plain path on, StudyOver.

    On the plain path anyone who reaches the page can send a visit. Whoever does so from a page that seals gets a token
    in passing, so that deliveries have one rule: a visit that was begun before the study's end gets one too.
    """
    refuse_late(study.ending, today)
    if not study.settings.plain_path:
        raise NotAdmitted("To take part you need an invitation: a link or a code to scan, from the study's team.")
    return _token(study, Invitation(b"", "single", "", "", "", today), secrets.token_urlsafe)


def _naive(when: datetime) -> datetime:
    return when.astimezone(UTC).replace(tzinfo=None)
