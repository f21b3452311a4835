"""What changes a member of staff as a whole, each in one transaction. Never leaves the office without an administrator.

Whoever loses a right loses their sessions in the same moment (requirement 7), and so does what waits in their name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from errors import NotPermitted, SettingsError
from storage.approvals import end_proposals_of
from storage.coarse import MINUTE, rounded_down
from storage.office import Office
from storage.passkeys import Passkey, forget_passkeys, passkeys
from storage.sign_ins import half_sign_ins, sign_ins
from storage.staff import recovery_codes, staff
from storage.staff_links import StaffLink, drop_link, forget_links, insert_link, take_link, void_links_of


@dataclass(frozen=True)
class FirstFactor:
    """What somebody has set to sign in with: a passkey, or the hash of a password that a second factor will go with.

    `finish_before`: when the password is worth nothing any more, unless there is a second factor by then.
    """

    passkey: Passkey | None = None
    password_phc: str | None = None
    finish_before: datetime | None = None


def last_one() -> NotPermitted:
    """The refusal where no administrator would be left."""
    return NotPermitted("Somebody must be left who can look after the staff. Make another administrator first.")


def change_member(office: Office, name: str, may_be_last: bool = False, **kept: Any) -> None:
    """Give a member another `role`, or shut or open their door (`disabled`). Raises NotPermitted for the last
    administrator."""
    with _leaving_an_administrator(office, may_be_last) as connection:
        connection.execute(update(staff).where(staff.c.name == name).values(kept))
        _end_what_they_began(connection, name)


def strip_member(office: Office, link: StaffLink, may_be_last: bool = False) -> None:
    """Take every factor of a member away and put the link in their place. Raises NotPermitted, as above."""
    name = link.name
    with _leaving_an_administrator(office, may_be_last) as connection:
        bare = update(staff).where(staff.c.name == name).values(password_phc=None, totp=None, totp_step=0)
        connection.execute(bare)
        connection.execute(delete(recovery_codes).where(recovery_codes.c.name == name))
        forget_passkeys(connection, name)
        _end_what_they_began(connection, name)
        drop_link(connection, link.folded)
        insert_link(connection, link)


def settle_member(office: Office, token_hash: bytes, factor: FirstFactor, now: datetime) -> StaffLink | None:
    """Use a link up and give its person this factor, both or neither; None where the link no longer works."""
    try:
        with office.engine.begin() as connection:
            link = take_link(connection, token_hash, now)
            if link is not None:
                _settle(connection, link, factor)
            return link
    except IntegrityError:
        return None


def keep_link(office: Office, link: StaffLink, now: datetime) -> None:
    """Keep a new link, and forget those that are over. Raises SettingsError where one waits for this name already."""
    try:
        with office.engine.begin() as connection:
            forget_links(connection, now)
            insert_link(connection, link)
    except IntegrityError:
        raise SettingsError("Somebody on the staff, or invited to it, has this name already. Choose another.") from None


def withdraw_link(office: Office, folded: str, name: str) -> bool:
    """Make a link void, and forget what its person's device was told; False where none waited."""
    with office.engine.begin() as connection:
        is_gone = drop_link(connection, folded)
        if is_gone and connection.scalar(select(staff.c.name).where(staff.c.name == name)) is None:
            forget_passkeys(connection, name)
        return is_gone


def administrators(connection: Connection) -> tuple[str, ...]:
    """The administrators who can sign in, by name."""
    has_factor = or_(
        staff.c.password_phc.is_not(None), select(passkeys.c.member).where(passkeys.c.member == staff.c.name).exists()
    )
    asked = select(staff.c.name).where(staff.c.role == "administrator", staff.c.disabled.is_(False), has_factor)
    return tuple(connection.scalars(asked.order_by(staff.c.name)))


def administrators_of(office: Office) -> tuple[str, ...]:
    """The administrators who can sign in, by name."""
    with office.engine.connect() as connection:
        return administrators(connection)


@contextmanager
def _leaving_an_administrator(office: Office, may_be_last: bool) -> Iterator[Connection]:
    with office.engine.begin() as connection:
        # Touching them all first makes whoever changes another administrator wait: two who disable each other at the
        # same moment would else both see one left.
        connection.execute(update(staff).where(staff.c.role == "administrator").values(role=staff.c.role))
        before = administrators(connection)
        yield connection
        if before and not may_be_last and not administrators(connection):
            raise last_one()


def _settle(connection: Connection, link: StaffLink, factor: FirstFactor) -> None:
    until = factor.finish_before and rounded_down(factor.finish_before, MINUTE).replace(tzinfo=None)
    kept = {"password_phc": factor.password_phc, "totp": None, "totp_step": 0, "finish_before": until}
    if link.kind == "reset":
        connection.execute(update(staff).where(staff.c.name == link.name).values(kept))
    else:
        # Whoever had this name before has left nothing that opens anything.
        connection.execute(delete(recovery_codes).where(recovery_codes.c.name == link.name))
        connection.execute(delete(passkeys).where(passkeys.c.member == link.name))
        connection.execute(insert(staff).values(name=link.name, role=link.role, disabled=False, **kept))
    if factor.passkey:
        connection.execute(insert(passkeys).values(vars(factor.passkey)))


def _end_what_they_began(connection: Connection, name: str) -> None:
    """Their sessions, the links that they handed out, what they proposed, and their word where two must confirm."""
    void_links_of(connection, name)
    end_proposals_of(connection, name)
    for table in (sign_ins, half_sign_ins):
        connection.execute(delete(table).where(table.c.name == name))
