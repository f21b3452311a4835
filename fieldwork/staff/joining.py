"""The person of a one-time link sets what they sign in with, and is on the staff from then on. Acts for nobody else.

Link and factor go together: the link is used up in the transaction that keeps the factor.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from fieldwork.staff.links import works_no_more
from fieldwork.staff.names import folded
from fieldwork.staff.passkeys import Challenge, spend
from fieldwork.staff.passwords import check_password, hash_password
from fieldwork.staff.sessions import begin_session
from fieldwork.staff.signing_in import begin_half
from storage.journal import Act, head, write_entry
from storage.members import FirstFactor, settle_member
from storage.notices import count_notice
from storage.office import Office
from storage.passkeys import Passkey
from storage.staff import StaffMember, everyone, set_password
from storage.staff_links import StaffLink

# Until then the password alone sets the first app up; afterwards only a new link helps.
FINISHED_WITHIN = timedelta(hours=1)


def join_with_passkey(office: Office, link: StaffLink, passkey: Passkey, challenge: Challenge, now: datetime) -> str:
    """The token of a session of somebody who has made their first passkey. Raises NotPermitted."""
    spend(office, challenge, now)
    _settle(office, link, FirstFactor(passkey=passkey), now)
    return begin_session(office, link.name, now)


def join_with_password(office: Office, link: StaffLink, password: str, now: datetime) -> str:
    """The token of a half-session of somebody who has chosen a password, which opens only the setting up of a second
    factor, and within the hour. Raises NotPermitted, and PasswordRefused for a password that cannot be used."""
    check_password(password, link.name)
    hashed = hash_password(password, secrets.token_bytes(16))
    _settle(office, link, FirstFactor(password_phc=hashed, finish_before=now + FINISHED_WITHIN), now)
    return begin_half(office, link.name, now)


def choose_first_password(office: Office, member: StaffMember, wanted: str, now: datetime) -> None:
    """A password for a member who has none, and has an app for codes already: a password alone opens nothing.

    Raises PasswordRefused for a password that cannot be used.
    """
    check_password(wanted, member.name)
    write_entry(office, member.name, Act.PASSWORD_CHANGED, now.date())
    set_password(office, member.name, hash_password(wanted, secrets.token_bytes(16)))


def _settle(office: Office, link: StaffLink, factor: FirstFactor, now: datetime) -> None:
    if link.kind == "invitation" and link.folded in {folded(one.name) for one in everyone(office)}:
        raise works_no_more()
    told_before, _ = head(office)
    write_entry(office, link.name, Act.STAFF_JOINED, now.date(), detail=link.kind)
    if settle_member(office, link.token_hash, factor, now) is None:
        raise works_no_more()
    if link.kind == "invitation":
        # What happened before somebody came is none of their news.
        count_notice(office, link.name, read_up_to=told_before)
