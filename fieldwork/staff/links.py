"""One-time links by which somebody sets their own factors: to join the staff, or after they lost every factor.

Nobody sets a password or a factor for another (rule R5): an administrator hands out a link and sees nothing more. A
link's token is handed back once, is kept as a hash, works once and for three days.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from errors import NotPermitted, SettingsError
from fieldwork.roles import Role
from fieldwork.staff.names import folded, name_from
from fieldwork.staff.standing import refuse_last
from storage.journal import Act, write_entry
from storage.members import keep_link, strip_member, withdraw_link
from storage.office import Office
from storage.staff import everyone, staff_named
from storage.staff_links import StaffLink, all_links, link_of

NewToken = Callable[[int], str]
TOKEN = 32  # random bytes
LASTS = timedelta(hours=72)


def invite_staff(
    office: Office, actor: str, typed: str, role: Role, now: datetime, new_token: NewToken = secrets.token_urlsafe
) -> str:
    """The token of a link by which this person can join. Raises SettingsError for a name that cannot be had."""
    name = name_from(typed)
    waiting = {one.folded for one in all_links(office) if one.kind == "reset" or one.until > now}
    taken = {folded(one.name) for one in everyone(office)} | waiting
    if folded(name) in taken:
        raise SettingsError("Somebody on the staff, or invited to it, has this name already. Choose another.")
    token = new_token(TOKEN)
    write_entry(office, actor, Act.STAFF_INVITED, now.date(), detail=f"{name}, {role}")
    keep_link(office, _link(token, name, role, now, actor), now)
    return token


def invite_again(office: Office, actor: str, typed: str, role: Role, now: datetime) -> str:
    """Invite somebody, also where their invitation still waits: that one is void then, as it may be lost.

    Raises SettingsError for a name that cannot be had.
    """
    sought = folded(name_from(typed))
    for one in all_links(office):
        if one.folded == sought and one.kind == "invitation":
            withdraw_staff_link(office, actor, one.name, now)
    return invite_staff(office, actor, typed, role, now)


def reset_staff(
    office: Office,
    actor: str,
    name: str,
    now: datetime,
    may_be_last: bool = False,
    new_token: NewToken = secrets.token_urlsafe,
) -> str:
    """Take every factor and session of a member away at once; the token of a link by which they set new ones.

    They end now and not when the link is used: whoever asks for this has lost them, perhaps to somebody else.
    Raises NotPermitted for oneself, and where no administrator would be left.
    """
    member = staff_named(office, name)
    if member is None or member.disabled or name == actor:
        # One's own are changed on one's own page, with a factor at hand.
        raise NotPermitted("There is nobody else of this name whose factors could be reset.")
    refuse_last(office, actor, name, now.date(), may_be_last)
    token = new_token(TOKEN)
    link = StaffLink(_hash(token), folded(name), name, member.role, "reset", now + LASTS, actor)
    write_entry(office, actor, Act.STAFF_RESET, now.date(), detail=name)
    strip_member(office, link, may_be_last)
    return token


def withdraw_staff_link(office: Office, actor: str, name: str, now: datetime) -> None:
    """Make the link of this name void. A name that no link waits for changes nothing."""
    if any(one.name == name for one in all_links(office)):
        write_entry(office, actor, Act.STAFF_INVITATION_WITHDRAWN, now.date(), detail=name)
        withdraw_link(office, folded(name), name)


def works_no_more() -> NotPermitted:
    """The one refusal of a link, whatever became of it."""
    return NotPermitted("This link was used, withdrawn, or is too old. Please ask an administrator for a new one.")


def link_in(office: Office, token: str, now: datetime) -> StaffLink:
    """The link of this token. Raises NotPermitted, alike for one that is unknown, used, withdrawn or too old."""
    found = link_of(office, _hash(token.strip()), now)
    if found is None or (found.kind == "reset" and _is_gone(office, found.name)):
        raise works_no_more()
    return found


def link_at(root: str, token: str) -> str:
    """A link that carries this token behind the #, where no server and no log is sent it."""
    return f"{root.rstrip('/')}/office/join#{token}"


def _is_gone(office: Office, name: str) -> bool:
    member = staff_named(office, name)
    return member is None or member.disabled


def _link(token: str, name: str, role: str, now: datetime, actor: str) -> StaffLink:
    return StaffLink(_hash(token), folded(name), name, role, "invitation", now + LASTS, actor)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
