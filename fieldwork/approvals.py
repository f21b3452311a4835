"""The rule of two people: one proposes, another confirms, and exactly that is done. Whoever proposed never confirms.

Each step stands in the journal before it happens. What is carried out is what was shown, by its digest; where the world
has changed meanwhile, nothing is. The kinds of proposals, and what each does, stand in fieldwork/proposals.py.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from threading import Lock

from sqlalchemy.exc import ProgrammingError

from errors import NotPermitted, SettingsError
from fieldwork.instance import add_keys, keyring_for
from fieldwork.proposals import DEEDS, Kind, Rows, digest_of, rows_of_keys, rows_of_sheets, written_rows
from fieldwork.roles import may
from fieldwork.study import Study
from fieldwork.terms import Terms, written
from fieldwork.versions import Comparison, adopt, check_adoptable, packed_sheets, refusals_written
from privacy.keys import Keyring
from storage.approvals import (
    WAITING,
    Proposal,
    keep_proposal,
    overdue,
    proposal_of,
    proposals_in,
    put_back,
    settle,
    take_expired,
    take_to_confirm,
    take_to_refuse,
    take_to_withdraw,
)
from storage.journal import COMMAND_LINE, Act, Pen, write_entry
from storage.office import Office, keyring_json
from storage.staff import StaffMember, everyone, staff_named

LASTS = timedelta(days=7)  # how long a proposal waits
CLOSED = "This proposal waits no longer, or it is not yours to decide. Nothing was changed."
OVERTAKEN = "What this would change is no longer as it was when it was proposed. Nothing was changed; propose it anew."
NO_RIGHT = "The database does not let this field app change that (docs/grants.md). Nothing was changed."
CARRYING = Lock()  # held while one proposal is carried out in this process


def propose_keys(study: Study, actor: str, data: bytes, today: date) -> Proposal:
    """Propose another public keyring. Raises EnvelopeError for a damaged file, SettingsError for another study's."""
    new, now = keyring_for(study.name, data), keyring_json(study.stores.office)
    if now == data:
        raise SettingsError("These are the keys that the study seals to already. There is nothing to propose.")
    rows = rows_of_keys(Keyring.from_json(now) if now else None, new)
    return _propose(study, Kind.KEYS, data, rows, actor, today)


def bring_keys(study: Study, data: bytes, today: date) -> Proposal | None:
    """What a command does with a keyring: the first one counts at once (None), any other waits for two people."""
    if keyring_json(study.stores.office) is None:
        add_keys(study.stores.office, study.name, data, today)
        return None
    return propose_keys(study, COMMAND_LINE, data, today)


def propose_retention(study: Study, actor: str, today: date) -> Proposal:
    """Propose the retention that the settings' file says. Raises SettingsError where it is the approved one."""
    if study.asked_retention is None:
        raise SettingsError("The settings say the retention that was approved. There is nothing to propose.")
    cut_off = study.instrument.cut_off_days
    rows = Terms(cut_off, study.settings.retention).changes(Terms(cut_off, study.asked_retention))
    return _propose(study, Kind.RETENTION, written(study.asked_retention).encode(), rows, actor, today)


def propose_removal(study: Study, actor: str, name: str, today: date) -> Proposal:
    """Propose that an administrator goes, were it the last one. Raises NotPermitted for anybody who is none."""
    member = staff_named(study.stores.office, name)
    if member is None or member.disabled or member.role != "administrator":
        raise NotPermitted(CLOSED)
    return _propose(study, Kind.REMOVAL, name.encode(), (("removal", name, ""),), actor, today)


def adopt_or_propose(
    study: Study, comparison: Comparison, folder: Path, today: date, actor: str, breaking_agreed: bool = False
) -> Proposal | str:
    """Adopt the compared sheets (their digest), or propose them where the cut-off or a retention would change.

    Raises SettingsError for what could not be adopted.
    """
    office = study.stores.office
    if not comparison.new_terms:
        return adopt(office, comparison, folder, today, actor, breaking_agreed)
    with refusals_written(Pen(office, actor, today), comparison):
        check_adoptable(comparison, breaking_agreed)
    return _propose(study, Kind.SHEETS, packed_sheets(comparison, folder), rows_of_sheets(comparison), actor, today)


def waiting(study: Study, today: date) -> tuple[Proposal, ...]:
    """Every proposal that waits, the oldest first; what has waited for too long ends here."""
    office = study.stores.office
    earliest = today - LASTS
    for key in overdue(office, earliest):
        if take_expired(office, key, earliest):
            _write(study, proposal_of(office, key), COMMAND_LINE, Act.PROPOSAL_EXPIRED, today)
            settle(office, key, "expired")
    return proposals_in(office)


def administrators(study: Study) -> int:
    """How many there are who could propose or confirm."""
    return sum(one.role == "administrator" and not one.disabled for one in everyone(study.stores.office))


def is_yours(proposal: Proposal, member: StaffMember) -> bool:
    """Whether this member could confirm it or refuse it."""
    did_their_part = member.name in (proposal.proposer, proposal.agreed)
    return not did_their_part and may(member.role, DEEDS[Kind(proposal.kind)].needs)


def confirm(study: Study, folder: Path, member: StaffMember, key: str, digest: str, today: date) -> Proposal:
    """Confirm what was shown under this digest; once enough have, it is carried out. `folder`: the study's sheets.

    Raises NotPermitted alike for what does not exist, is one's own, or waits no longer, and SettingsError where it
    can no longer be done.
    """
    office = study.stores.office
    found = _decidable(office, member, key)
    if not take_to_confirm(office, key, digest, member.name, today - LASTS):
        raise NotPermitted(CLOSED)
    with CARRYING, _held(office, key):
        # Read again: what is carried out is what is held.
        found = proposal_of(office, key) or found
        _refuse_overtaken(study, found, member, today)
        _write(study, found, member.name, Act.PROPOSAL_CONFIRMED, today)
        if found.needed > 1 and not found.agreed:
            put_back(office, key, agreed=member.name)
            return replace(found, agreed=member.name, state=WAITING)
        _carry_out(study, folder, found, member.name, today)
        settle(office, key, "confirmed")
        return replace(found, state="confirmed")


def refuse(study: Study, member: StaffMember, key: str, today: date) -> None:
    """Refuse somebody else's proposal, for good. Raises NotPermitted, as above."""
    office = study.stores.office
    found = _decidable(office, member, key)
    if not take_to_refuse(office, key, member.name, today - LASTS):
        raise NotPermitted(CLOSED)
    _end(study, found, member.name, Act.PROPOSAL_REFUSED, "refused", today)


def withdraw_proposal(study: Study, member: StaffMember, key: str, today: date) -> None:
    """Take one's own proposal back. Raises NotPermitted for anybody else's, and for what waits no longer."""
    office = study.stores.office
    found = proposal_of(office, key)
    if found is None or not take_to_withdraw(office, key, member.name):
        raise NotPermitted(CLOSED)
    _end(study, found, member.name, Act.PROPOSAL_WITHDRAWN, "withdrawn", today)


def _propose(study: Study, kind: Kind, payload: bytes, rows: Rows, actor: str, today: date) -> Proposal:
    # A command has nobody's name: two of the staff then confirm.
    needed = 2 if actor == COMMAND_LINE else 1
    base = DEEDS[kind].world(study, payload)
    made = Proposal(secrets.token_hex(16), kind, payload, base, written_rows(rows), actor, today, needed, "")
    made = replace(made, digest=digest_of(made))
    _write(study, made, actor, Act.PROPOSED, today)
    keep_proposal(study.stores.office, made)
    return made


def _carry_out(study: Study, folder: Path, found: Proposal, actor: str, today: date) -> None:
    try:
        DEEDS[Kind(found.kind)].carry_out(study, folder, found.payload, actor, today)
    except ProgrammingError:
        # The collector's role on PostgreSQL (storage/grants.py) may not write keys, versions and terms.
        raise SettingsError(NO_RIGHT) from None


def _decidable(office: Office, member: StaffMember, key: str) -> Proposal:
    found = proposal_of(office, key)
    if found is None or not is_yours(found, member):
        raise NotPermitted(CLOSED)
    return found


def _refuse_overtaken(study: Study, found: Proposal, member: StaffMember, today: date) -> None:
    # Bytes that were changed in the database are no longer what somebody read, either.
    if found.digest == digest_of(found) and found.base == DEEDS[Kind(found.kind)].world(study, found.payload):
        return
    _write(study, found, member.name, Act.PROPOSAL_REFUSED, today, "overtaken")
    settle(study.stores.office, found.key, "overtaken")
    raise SettingsError(OVERTAKEN)


def _end(study: Study, found: Proposal, actor: str, act: Act, state: str, today: date) -> None:
    with _held(study.stores.office, found.key):
        _write(study, found, actor, act, today)
        settle(study.stores.office, found.key, state)


def _write(study: Study, found: Proposal | None, actor: str, act: Act, today: date, reason: str = "") -> None:
    if found is not None:
        write_entry(study.stores.office, actor, act, today, reason=reason, detail=f"{found.kind} {found.digest}")


@contextmanager
def _held(office: Office, key: str) -> Iterator[None]:
    """What was not settled, whatever the cause, waits again."""
    try:
        yield
    except BaseException:
        put_back(office, key)
        raise
