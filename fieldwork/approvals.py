"""The rule of two people: one proposes, another confirms, and exactly that is done. Whoever proposed never confirms.

Each step stands in the journal before it happens. What is carried out is what was shown, by its digest; where the world
has changed meanwhile, nothing is. The kinds of proposals, and what each does, stand in fieldwork/proposals.py.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from errors import NotPermitted, SettingsError, StorageError
from fieldwork.destroying import Destruction, rows_of_destruction, rows_of_end
from fieldwork.hold import hold_asked, lift_asked
from fieldwork.instance import add_keys, keyring_for
from fieldwork.proposals import DEEDS, Kind, Rows, digest_of, rows_of_keys, rows_of_sheets, subject_of, written_rows
from fieldwork.roles import may
from fieldwork.settled import Place, place_of
from fieldwork.study import Study
from fieldwork.terms import Terms, written
from fieldwork.versions import Comparison, adopt, check_adoptable, packed_sheets, refusals_written
from privacy.keys import Keyring
from storage.approvals import (
    WAITING,
    Proposal,
    keep_proposal,
    let_go,
    open_proposals,
    overdue,
    proposal_of,
    put_back,
    settle,
    take_expired,
    take_to_confirm,
    take_to_refuse,
    take_to_withdraw,
)
from storage.journal import COMMAND_LINE, Act, Pen, write_entry
from storage.journal_vouched import is_written
from storage.members import administrators_of
from storage.office import Office, keyring_json
from storage.staff import StaffMember, staff_named

LASTS = timedelta(days=7)  # how long a proposal waits


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


def propose_hold(study: Study, actor: str, reason: str, today: date) -> Proposal:
    """Propose that from now on nothing is erased. Raises SettingsError where that cannot be proposed."""
    return _propose(study, Kind.HOLD, *hold_asked(study, reason), actor, today)


def propose_lift(study: Study, actor: str, reason: str, today: date) -> Proposal:
    """Propose that the legal hold ends, and what waits is erased. Raises SettingsError where none is on."""
    return _propose(study, Kind.LIFT, *lift_asked(study, reason), actor, today)


def propose_end(study: Study, actor: str, today: date) -> Proposal:
    """Propose that the study ends. Raises SettingsError where it has ended already."""
    return _propose_once(study, Kind.END, study.name.encode(), rows_of_end(study), actor, today)


def propose_destruction(study: Study, actor: str, wanted: Destruction, today: date) -> Proposal:
    """Propose that what the study keeps is destroyed, as this says. A command carries it out, once it is agreed."""
    return _propose_once(study, Kind.DESTROY, wanted.payload, rows_of_destruction(study, wanted, today), actor, today)


def propose_removal(study: Study, actor: str, name: str, today: date) -> Proposal:
    """Propose that an administrator goes, were it the last one. Raises NotPermitted for anybody who is none."""
    member = staff_named(study.stores.office, name)
    if member is None or member.disabled or member.role != "administrator":
        raise closed()
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


def waiting(study: Study, now: datetime) -> tuple[Proposal, ...]:
    """Every proposal that waits or is being decided, the oldest first; what has waited for too long ends here."""
    office = study.stores.office
    let_go(office, now)
    # While another one is being decided, or where the journal cannot be written, it ends another time.
    with suppress(SettingsError, StorageError):
        for key in overdue(office, now.date() - LASTS):
            _expire(study, key, now)
    return open_proposals(office)


def administrators(study: Study) -> int:
    """How many there are who could propose or confirm: who can sign in."""
    return len(administrators_of(study.stores.office))


def is_yours(proposal: Proposal, member: StaffMember) -> bool:
    """Whether this member could confirm it or refuse it now."""
    return proposal.state == WAITING and _may_decide(proposal, member)


def closed() -> NotPermitted:
    """The one refusal of a proposal, whatever became of it."""
    return NotPermitted("This proposal waits no longer, or it is not yours to decide. Nothing was changed.")


def _may_decide(proposal: Proposal, member: StaffMember) -> bool:
    did_their_part = member.name in (proposal.proposer, proposal.agreed)
    return not did_their_part and may(member.role, DEEDS[Kind(proposal.kind)].needs)


def confirm(study: Study, folder: Path, member: StaffMember, key: str, digest: str, now: datetime) -> Proposal:
    """Confirm what was shown under this digest; once enough have, it is carried out. `folder`: the study's sheets.

    Raises NotPermitted alike for what does not exist, is one's own, or waits no longer, and SettingsError where it
    can no longer be done, the member is too new, another proposal is being decided, or the database does not let this
    app do it.
    """
    office, today = study.stores.office, now.date()
    _decidable(office, member, key)
    place = place_of(office, member.name, today)
    if place is Place.NEW:
        raise SettingsError(
            "You have had your place on the staff for less than a week, or were reset or let in again in that time. "
            "Somebody else must confirm this. Nothing was changed."
        )
    if not take_to_confirm(office, key, digest, member.name, today - LASTS, now):
        raise closed()
    with _held(office, key):
        # Read only now: what is carried out is what is held.
        found = _known(office, key)
        _refuse_unwritten(study, found, member, today)
        _refuse_overtaken(study, found, member, today)
        reason = place.value if place is Place.FIRST_WEEK else ""
        _write(study, found, member.name, Act.PROPOSAL_CONFIRMED, today, reason)
        if found.needed > 1 and not found.agreed:
            put_back(office, key, agreed=member.name)
            return replace(found, agreed=member.name, state=WAITING)
        DEEDS[Kind(found.kind)].carry_out(study, folder, found.payload, member.name, today)
        settle(office, key, "confirmed")
        return replace(found, state="confirmed")


def refuse(study: Study, member: StaffMember, key: str, now: datetime) -> None:
    """Refuse somebody else's proposal, for good. Raises NotPermitted, as above."""
    office = study.stores.office
    found = _decidable(office, member, key)
    if not take_to_refuse(office, key, member.name, now.date() - LASTS, now):
        raise closed()
    _end(study, found, member.name, Act.PROPOSAL_REFUSED, "refused", now.date())


def withdraw_proposal(study: Study, member: StaffMember, key: str, now: datetime) -> None:
    """Take one's own proposal back. Raises NotPermitted for anybody else's, and for what waits no longer."""
    office = study.stores.office
    found = _known(office, key)
    if not take_to_withdraw(office, key, member.name, now):
        raise closed()
    _end(study, found, member.name, Act.PROPOSAL_WITHDRAWN, "withdrawn", now.date())


def _propose(study: Study, kind: Kind, payload: bytes, rows: Rows, actor: str, today: date) -> Proposal:
    # A command has nobody's name: two of the staff then confirm.
    needed = 2 if actor == COMMAND_LINE else 1
    base = DEEDS[kind].world(study, payload)
    made = Proposal(secrets.token_hex(16), kind, payload, base, written_rows(rows), actor, today, needed, "")
    made = replace(made, digest=digest_of(made))
    _write(study, made, actor, Act.PROPOSED, today)
    keep_proposal(study.stores.office, made)
    return made


def _propose_once(study: Study, kind: Kind, payload: bytes, rows: Rows, actor: str, today: date) -> Proposal:
    """Propose it, unless exactly that waits already: a command is run again to see how far it is."""
    alike = (one for one in open_proposals(study.stores.office) if (one.kind, one.payload) == (kind, payload))
    return next(alike, None) or _propose(study, kind, payload, rows, actor, today)


def _known(office: Office, key: str) -> Proposal:
    found = proposal_of(office, key)
    if found is None:
        raise closed()
    return found


def _decidable(office: Office, member: StaffMember, key: str) -> Proposal:
    found = _known(office, key)
    if not _may_decide(found, member):
        raise closed()
    return found


def _expire(study: Study, key: str, now: datetime) -> None:
    office = study.stores.office
    if take_expired(office, key, now.date() - LASTS, now):
        _end(study, _known(office, key), COMMAND_LINE, Act.PROPOSAL_EXPIRED, "expired", now.date())


def _refuse_unwritten(study: Study, found: Proposal, member: StaffMember, today: date) -> None:
    # Whoever can write to the database can put a proposal there, in anybody's name; not into the journal.
    if is_written(study.stores.office, found.proposer, Act.PROPOSED, _detail(found)):
        return
    _write(study, found, member.name, Act.PROPOSAL_REFUSED, today, "nobody proposed it")
    settle(study.stores.office, found.key, "overtaken")
    raise SettingsError("The journal does not say that anybody proposed this. Nothing was changed; propose it anew.")


def _refuse_overtaken(study: Study, found: Proposal, member: StaffMember, today: date) -> None:
    # Bytes that were changed in the database are no longer what somebody read, either.
    if found.digest == digest_of(found) and found.base == DEEDS[Kind(found.kind)].world(study, found.payload):
        return
    _write(study, found, member.name, Act.PROPOSAL_OVERTAKEN, today)
    settle(study.stores.office, found.key, "overtaken")
    raise SettingsError(
        "What this would change is no longer as it was when it was proposed. Nothing was changed; propose it anew."
    )


def _end(study: Study, found: Proposal, actor: str, act: Act, state: str, today: date) -> None:
    with _held(study.stores.office, found.key):
        _write(study, found, actor, act, today)
        settle(study.stores.office, found.key, state)


def _write(study: Study, found: Proposal, actor: str, act: Act, today: date, reason: str = "") -> None:
    write_entry(study.stores.office, actor, act, today, reason=reason, detail=_detail(found))


def _detail(found: Proposal) -> str:
    return f"{found.kind} {found.digest} {subject_of(found)}".rstrip()


@contextmanager
def _held(office: Office, key: str) -> Iterator[None]:
    """What was not settled, whatever the cause, waits again."""
    try:
        yield
    except BaseException:
        put_back(office, key)
        raise
