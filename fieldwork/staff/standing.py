"""Who is on the staff, in what state, and what an administrator changes of it. Sets nobody's password or factor.

Each act stands in the journal before it happens; one that is refused stands there as refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from fieldwork.roles import Role
from storage.journal import Act, write_entry
from storage.members import administrators_of, change_member, last_one
from storage.office import Office
from storage.passkeys import all_passkeys
from storage.sign_ins import end_every_sign_in, end_sign_ins_of
from storage.staff import StaffMember, everyone, staff_named
from storage.staff_links import all_links

State = Literal["active", "waiting", "disabled"]


@dataclass(frozen=True)
class Standing:
    """A member of staff as an administrator sees them. `waiting`: they must first set something to sign in with."""

    name: str
    role: str
    state: State
    passkeys: int
    has_password: bool
    last_used: date | None


@dataclass(frozen=True)
class Waiting:
    """A link that nobody has used yet. `is_over`: it is too old to be used."""

    name: str
    role: str
    kind: str
    until: datetime
    is_over: bool


def staff_now(office: Office) -> tuple[Standing, ...]:
    """Everyone on the staff, by name."""
    keys = all_passkeys(office)
    found = []
    for member in everyone(office):
        own = [one for one in keys if one.member == member.name]
        days = [one.last_used for one in own if one.last_used]
        state = _state(member, bool(own))
        has_password = member.password_phc is not None
        found.append(Standing(member.name, member.role, state, len(own), has_password, max(days, default=None)))
    return tuple(found)


def links_now(office: Office, now: datetime) -> tuple[Waiting, ...]:
    """Every link that nobody has used yet, by name."""
    return tuple(Waiting(one.name, one.role, one.kind, one.until, one.until <= now) for one in all_links(office))


def is_last(office: Office, name: str) -> bool:
    """Whether nobody else could look after the staff."""
    return set(administrators_of(office)) == {name}


def is_member(office: Office, name: str) -> bool:
    """Whether somebody of exactly this name is on the staff, disabled or not."""
    return staff_named(office, name) is not None


def refuse_last(office: Office, actor: str, name: str, today: date, may_be_last: bool) -> None:
    """Refuse, and write down, what would leave nobody to look after the staff. Raises NotPermitted."""
    if not may_be_last and is_last(office, name):
        write_entry(office, actor, Act.STAFF_CHANGE_REFUSED, today, detail=name, reason="the last administrator")
        raise last_one()


def change_role(office: Office, actor: str, name: str, role: Role, today: date, may_be_last: bool = False) -> None:
    """Give a member another role; all their sessions end. Raises NotPermitted for the last administrator."""
    member = staff_named(office, name)
    if member is None or member.role == role:
        return
    refuse_last(office, actor, name, today, may_be_last or role == "administrator")
    write_entry(office, actor, Act.STAFF_ROLE_CHANGED, today, detail=f"{name}, {role}")
    change_member(office, name, may_be_last, role=role)


def disable(office: Office, actor: str, name: str, today: date, may_be_last: bool = False) -> None:
    """Shut a member out at once. Raises NotPermitted for the last administrator."""
    member = staff_named(office, name)
    if member is None or member.disabled:
        return
    refuse_last(office, actor, name, today, may_be_last)
    write_entry(office, actor, Act.STAFF_DISABLED, today, detail=name)
    change_member(office, name, may_be_last, disabled=True)


def enable(office: Office, actor: str, name: str, today: date) -> None:
    """Let a member in again, with the factors that they had."""
    member = staff_named(office, name)
    if member is not None and member.disabled:
        write_entry(office, actor, Act.STAFF_ENABLED, today, detail=name)
        change_member(office, name, disabled=False, may_be_last=True)


def sign_out_member(office: Office, actor: str, name: str, today: date) -> None:
    """End every session of a member. They can sign in again, with what they have. A name of nobody changes nothing."""
    if is_member(office, name):
        write_entry(office, actor, Act.STAFF_SIGNED_OUT, today, detail=name)
        end_sign_ins_of(office, name)


def sign_out_everybody(office: Office, actor: str, today: date) -> None:
    """End every session of everybody."""
    write_entry(office, actor, Act.EVERYBODY_SIGNED_OUT, today)
    end_every_sign_in(office)


def _state(member: StaffMember, has_passkey: bool) -> State:
    if member.disabled:
        return "disabled"
    return "active" if has_passkey or member.password_phc is not None else "waiting"
