"""The second of two people was not made for it by the first, and what they confirm was proposed by somebody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from commands import opened_study
from errors import JournalBroken, NotPermitted, SettingsError
from fieldwork.approvals import propose_keys, refuse
from fieldwork.proposals import digest_of
from fieldwork.settled import Place, place_of
from fieldwork.staff.links import invite_staff, link_in, reset_staff
from fieldwork.staff.standing import change_role, disable, enable
from storage.approvals import Proposal, keep_proposal
from storage.journal import COMMAND_LINE, Act, read_journal, write_entry
from storage.journal_key import new_key_file
from storage.office import Office
from storage.staff import add_staff
from storage.stores import close_stores
from tests.approving import MARA, NADIA, OWEN, Here
from tests.conftest import TODAY as FOUNDED
from tests.conftest import Keys, new_instance

SUMMER = datetime(2027, 6, 1, 12, tzinfo=UTC)  # long after the first week


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Iterator[Here]:
    """An instance that has run for half a year, and Mara, Nadia and Owen with it."""
    settings = new_instance(tmp_path_factory.mktemp("old") / "instance", keys)
    study = opened_study(settings)
    for member in (MARA, NADIA, OWEN):
        write_entry(study.stores.office, member.name, Act.STAFF_JOINED, FOUNDED, detail="invitation")
        add_staff(study.stores.office, member.name, member.role, "phc")
    yield Here(settings, study)
    close_stores(study.stores)


def office_of(here: Here) -> Office:
    return here.study.stores.office


def made_by_mara(deed: str, office: Office, now: datetime) -> None:
    """Mara makes Owen somebody who could confirm what she proposes, by each way there is."""
    if deed == "reset":
        reset_staff(office, "Mara", "Owen", now)
    elif deed == "enabled":
        disable(office, "Nadia", "Owen", FOUNDED)
        enable(office, "Mara", "Owen", now.date())
    elif deed == "promoted":
        change_role(office, "Nadia", "Owen", "coordinator", FOUNDED)
        change_role(office, "Mara", "Owen", "administrator", now.date())
    else:
        write_entry(office, "Owen", Act.STAFF_JOINED, now.date(), detail="invitation")


@pytest.mark.parametrize("deed", ["joined", "reset", "enabled", "promoted"])
def test_whom_the_proposer_has_made_cannot_confirm_for_longer_than_a_proposal_waits(old: Here, deed: str) -> None:
    now = SUMMER + timedelta(days=30 * ["joined", "reset", "enabled", "promoted"].index(deed))
    found, today = propose(old, now), now.date()
    assert place_of(office_of(old), "Owen", today) is Place.SETTLED
    made_by_mara(deed, office_of(old), now)
    for days in (0, 7):
        with pytest.raises(SettingsError, match="less than a week"):
            old.confirm(OWEN, found, now + timedelta(days=days))
    assert old.state(found) == "waiting"
    assert place_of(office_of(old), "Owen", today + timedelta(days=8)) is Place.SETTLED
    assert old.confirm(NADIA, found, now).state == "confirmed"


def test_whoever_is_new_may_refuse(old: Here) -> None:
    found = propose(old, SUMMER + timedelta(days=300))
    write_entry(office_of(old), "Zoe", Act.STAFF_JOINED, SUMMER.date() + timedelta(days=300), detail="invitation")
    refuse(old.study, replace(NADIA, name="Zoe"), found.key, SUMMER + timedelta(days=300))
    assert old.state(found) == "refused"


def test_whoever_was_put_into_the_table_alone_never_confirms(old: Here) -> None:
    add_staff(office_of(old), "Nobody", "administrator", "phc")
    now = SUMMER + timedelta(days=400)
    found = propose(old, now)
    with pytest.raises(SettingsError, match="less than a week"):
        old.confirm(replace(NADIA, name="Nobody"), found, now)


def test_in_the_first_week_whoever_is_new_confirms_and_the_journal_says_so(here: Here) -> None:
    office = office_of(here)
    day = FOUNDED + timedelta(days=7)
    assert place_of(office, "Nobody yet", day) is Place.FIRST_WEEK
    assert place_of(office, "Nobody yet", day + timedelta(days=1)) is Place.NEW
    here.confirm(NADIA, here.proposed())
    told = [entry.reason for entry in read_journal(office) if entry.act == Act.PROPOSAL_CONFIRMED]
    assert told[-1] == "first week"


@pytest.mark.parametrize("proposer", ["Mara", "Nobody at all", COMMAND_LINE])
def test_what_was_put_into_the_table_alone_is_not_carried_out(here: Here, proposer: str) -> None:
    before, true = here.keys_now(), here.proposed()
    forged = replace(true, key=f"{len(proposer):032x}", proposer=proposer, payload=here.new_keys())
    forged = replace(forged, digest=digest_of(forged))
    keep_proposal(office_of(here), forged)
    with pytest.raises(SettingsError, match="does not say that anybody proposed"):
        here.confirm(NADIA, forged)
    assert (here.keys_now(), here.state(forged)) == (before, "overtaken")
    assert read_journal(office_of(here))[-1].reason == "nobody proposed it"


def test_an_entry_that_another_key_signed_vouches_for_nobody(here: Here) -> None:
    office = office_of(here)
    stranger = office.journal_key.with_name("stranger.key")  # type: ignore[union-attr]
    stranger.write_bytes(new_key_file())
    with pytest.raises(JournalBroken, match="signed by the key"):
        place_of(replace(office, journal_key=stranger), "Nadia", FOUNDED)
    stranger.unlink()


@pytest.mark.parametrize("deed", ["disabled", "demoted", "reset"])
def test_what_waits_in_somebodys_name_ends_with_their_right(old: Here, deed: str) -> None:
    office, now = office_of(old), SUMMER + timedelta(days=500)
    name = f"Tam {deed}"
    add_staff(office, name, "administrator", "phc")
    link = invite_staff(office, name, f"Guest of {name}", "administrator", now)
    assert link_in(office, link, now)
    theirs, others = propose(old, now, by=name), propose(old, now)
    end_right(deed, office, name, now)
    with pytest.raises(NotPermitted):
        link_in(office, link, now)
    with pytest.raises(NotPermitted):
        old.confirm(NADIA, theirs, now)
    assert (old.state(theirs), old.state(others)) == ("ended", "waiting")


def end_right(deed: str, office: Office, name: str, now: datetime) -> None:
    if deed == "disabled":
        disable(office, "Mara", name, now.date())
    elif deed == "demoted":
        change_role(office, "Mara", name, "coordinator", now.date())
    else:
        reset_staff(office, "Mara", name, now)


def test_the_word_of_somebody_who_is_then_shut_out_counts_no_more(here: Here) -> None:
    found = here.proposed(by=COMMAND_LINE)
    add_staff(office_of(here), "Tam", "administrator", "phc")
    here.confirm(replace(NADIA, name="Tam"), found)
    disable(office_of(here), "Mara", "Tam", FOUNDED)
    assert here.confirm(NADIA, found).state == "waiting"


def propose(here: Here, now: datetime, by: str = "Mara") -> Proposal:
    return propose_keys(here.study, by, here.new_keys(), now.date())
