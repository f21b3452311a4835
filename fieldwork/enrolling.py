"""What the coordinator does about tablets and invitations. Each act stands in the journal before it happens.

Tokens and codes are handed back once and kept nowhere. Of invitations staff are told how many were made and what became
of all of them together, never how many were used: whoever handed one out would learn who has taken part.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from errors import SettingsError
from fieldwork.admissions import invite, new_enrolment
from fieldwork.study import Study
from storage.admissions import (
    Invitation,
    InvitationKind,
    all_invitations,
    all_tablets,
    invitation_of,
    open_enrolments,
    revoke_tablet,
    withdraw_invitation,
)
from storage.journal import Act, write_entry

State = Literal["live", "outdated", "withdrawn", "ended"]  # outdated: its link holds to keys of before a rotation
NOT_OVER: tuple[State, ...] = ("live", "outdated")
TabletState = Literal["waiting", "enrolled", "revoked"]


@dataclass(frozen=True)
class KnownTablet:
    """A tablet as the coordinator sees it. `site` is empty for any."""

    name: str
    site: str
    state: TabletState


@dataclass(frozen=True)
class Wanted:
    """What invitations leave open (empty) or fix. `until` is their last day."""

    kind: InvitationKind
    group: str
    site: str
    language: str
    until: date


@dataclass(frozen=True)
class Batch:
    """Invitations that are alike. `number`: how many were made. `key` names them by one: the hash of its token."""

    wanted: Wanted
    state: State
    number: int
    key: bytes


def known_tablets(study: Study, now: datetime) -> tuple[KnownTablet, ...]:
    """Every tablet, also those whose code was not used yet, by name."""
    office = study.stores.office
    waiting = {name: site for name, site in open_enrolments(office, now.astimezone(UTC).replace(tzinfo=None))}
    found = {row.name: KnownTablet(row.name, row.site, _tablet_state(row.revoked)) for row in all_tablets(office)}
    found |= {name: KnownTablet(name, site, "waiting") for name, site in waiting.items()}
    return tuple(sorted(found.values(), key=lambda tablet: tablet.name))


def begin_enrolment(study: Study, actor: str, name: str, site: str, now: datetime) -> str:
    """A code with which this tablet can be enrolled. Raises SettingsError for a name that cannot be had."""
    name = name.strip()
    if any(tablet.name == name and not tablet.revoked for tablet in all_tablets(study.stores.office)):
        raise SettingsError(f"There is a tablet called {name} already.")
    write_entry(study.stores.office, actor, Act.TABLET_ENROLMENT_OPENED, now.date(), detail=name)
    return new_enrolment(study, name, site, now)


def revoke(study: Study, actor: str, name: str, today: date) -> None:
    """Take a tablet's right to deliver away. A name that no tablet has, or one revoked before, changes nothing."""
    if any(tablet.name == name and not tablet.revoked for tablet in all_tablets(study.stores.office)):
        write_entry(study.stores.office, actor, Act.TABLET_REVOKED, today, detail=name)
        revoke_tablet(study.stores.office, name)


def make_invitations(study: Study, actor: str, wanted: Wanted, number: int, today: date) -> tuple[str, ...]:
    """New invitations, by their tokens; an open one serves many, so there is only one of it."""
    count = number if wanted.kind == "single" else 1
    write_entry(study.stores.office, actor, Act.INVITATIONS_MADE, today, count, detail=_place(wanted))
    pin = study.keyring.pin if study.keyring else ""
    return tuple(invite(study, **vars(wanted), pin=pin) for _ in range(count))


def batches(study: Study, today: date) -> tuple[Batch, ...]:
    """Every invitation in numbers, those that are alike together, the last to end first.

    On the plain path, without what may have been given in passing: each of those is a visit that was just sent.
    """
    hides = study.settings.plain_path
    found = [one for one in all_invitations(study.stores.office) if not (hides and _may_be_a_walk_in(one, today))]
    numbers = Counter((_wanted(one), _state(study, one, today)) for one in found)
    keys = {(_wanted(one), _state(study, one, today)): one.token_hash for one in found}
    return tuple(Batch(wanted, state, number, keys[wanted, state]) for (wanted, state), number in numbers.items())


def invitations_in(study: Study, state: State, today: date) -> int:
    """How many invitations whose links hold to a keyring are in this state, used or not: staff may not tell which."""
    held = [one for one in all_invitations(study.stores.office) if one.pin]
    return sum(1 for one in held if _state(study, one, today) == state)


def withdraw_alike(study: Study, actor: str, key: bytes, today: date) -> int:
    """Withdraw the invitations that are like the one with this hash and not over, used or not; how many those were."""
    office = study.stores.office
    one = invitation_of(office, key)
    line = (_wanted(one), _state(study, one, today)) if one else None
    alike = [other for other in all_invitations(office) if (_wanted(other), _state(study, other, today)) == line]
    if one is None or line is None or line[1] not in NOT_OVER:
        return 0
    write_entry(office, actor, Act.INVITATION_WITHDRAWN, today, len(alike), detail=_place(_wanted(one)))
    return sum(withdraw_invitation(office, other.token_hash) for other in alike)


def _wanted(one: Invitation) -> Wanted:
    return Wanted(one.kind, one.group, one.site, one.language, one.until)


def _state(study: Study, one: Invitation, today: date) -> State:
    if one.withdrawn:
        return "withdrawn"
    if today > one.until:
        return "ended"
    return "live" if one.pin in ("", study.keyring.pin if study.keyring else "") else "outdated"


def _may_be_a_walk_in(one: Invitation, today: date) -> bool:
    """Whether this could be one of admissions.walk_in: for one person, open in all, of a day that has come."""
    return one.kind == "single" and not (one.group or one.site or one.language) and one.until <= today


def _tablet_state(revoked: bool) -> TabletState:
    return "revoked" if revoked else "enrolled"


def _place(wanted: Wanted) -> str:
    return f"{wanted.group or 'any'}/{wanted.site or 'any'}"
