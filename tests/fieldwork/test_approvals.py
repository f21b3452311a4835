"""Two people: whoever proposes never confirms, exactly what was confirmed is done, and the journal shows each step."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text as sql
from sqlalchemy import update

from errors import EnvelopeError, JournalNotWritten, NotPermitted, SettingsError
from fieldwork.approvals import (
    LASTS,
    bring_keys,
    closed,
    confirm,
    is_yours,
    propose_keys,
    refuse,
    waiting,
    withdraw_proposal,
)
from fieldwork.instance import add_keys
from fieldwork.proposals import rows_of, rows_of_keys
from privacy.keys import PURPOSES, Keyring
from privacy.opening import new_private_key
from storage.approvals import HELD_FOR, proposals, take_to_confirm, take_to_withdraw
from storage.journal import COMMAND_LINE, read_journal
from storage.office import all_keyrings
from storage.staff import StaffMember
from tests.approving import IDRIS, MARA, NADIA, NOW, OWEN, STRANGER, TODAY, Here
from tests.conftest import STUDY, Keys

CLOSED = str(closed())


def test_another_persons_word_carries_out_exactly_what_was_proposed(here: Here) -> None:
    data = here.new_keys()
    found = propose_keys(here.study, "Mara", data, TODAY)
    assert here.keys_now() != data
    assert here.confirm(NADIA, found).state == "confirmed"
    assert here.keys_now() == data
    assert here.acts()[-3:] == [("proposed", "Mara"), ("proposal_confirmed", "Nadia"), ("keys_added", "Nadia")]
    assert found.digest in read_journal(here.study.stores.office)[-2].detail


def test_a_proposal_says_which_keys_go_and_come(here: Here) -> None:
    now, new = (Keyring.from_json(data) for data in (here.keys_now() or b"", here.new_keys()))
    told = rows_of(propose_keys(here.study, "Mara", new.to_json(), TODAY))
    assert told[:2] == (
        ("words", " ".join(now.words), " ".join(new.words)),
        ("fingerprint", now.fingerprint, new.fingerprint),
    )
    assert set(told[2:]) == {
        *((f"replaced {key.purpose}", "", key.short) for key in new.keys),
        *(("left out", "", f"{key.purpose} {key.short}") for key in now.keys),
        *((f"{key.purpose} {key.short}", "active", "") for key in now.keys),
        *((f"{key.purpose} {key.short}", "", "active") for key in new.keys),
    }


def test_a_rotation_says_which_kind_of_key_it_replaces_and_what_else_it_does(keys: Keys) -> None:
    def told(new: Keyring) -> dict[str, str]:
        rows = rows_of_keys(keys.keyring, new)
        return {what: after for what, _, after in rows if what.startswith("replaced") or what == "left out"}

    mine, theirs = (new_private_key(purpose, STUDY, os.urandom).public() for purpose in PURPOSES)
    assert told(keys.keyring.rotated(mine)) == {"replaced research": mine.short}
    assert told(keys.keyring.rotated(mine).rotated(theirs)) == {
        "replaced research": mine.short, "replaced identity": theirs.short,
    }  # fmt: skip
    old = keys.keyring.active("identity")
    planted = replace(keys.keyring.rotated(mine), keys=(keys.research.public(), theirs, mine))
    assert told(planted)["left out"] == f"identity {old.short}"
    altered = [replace(key, orders=bytes(32)) if key == old else key for key in keys.keyring.keys]
    assert told(replace(keys.keyring, keys=tuple(altered))) == {
        "replaced identity": old.short, "left out": f"identity {old.short}",
    }  # fmt: skip
    assert not rows_of_keys(None, keys.keyring)[2][0].startswith("replaced")


# Each of these may not confirm what Mara proposed. Idris has no right to, and nobody has the role of the last.
@pytest.mark.parametrize("member", [MARA, IDRIS, STRANGER], ids=lambda member: member.name)
def test_neither_the_proposer_nor_who_has_no_right_confirms_or_refuses(here: Here, member: StaffMember) -> None:
    found, before, entries = here.proposed(), here.keys_now(), None
    entries = here.acts()
    with pytest.raises(NotPermitted, match=CLOSED):
        here.confirm(member, found)
    with pytest.raises(NotPermitted, match=CLOSED):
        refuse(here.study, member, found.key, NOW)
    assert not is_yours(found, member)
    assert (here.state(found), here.keys_now(), here.acts()) == ("waiting", before, entries)


def test_of_many_who_confirm_at_once_one_does_and_the_proposer_never(here: Here) -> None:
    found = here.proposed()
    entries = len(here.acts())

    def press(member: StaffMember) -> str:
        try:
            return here.confirm(member, found).state
        except NotPermitted:
            return "too late"

    with ThreadPoolExecutor(9) as crowd:
        told = list(crowd.map(press, [MARA, NADIA, OWEN] * 3))
    assert told.count("confirmed") == 1
    assert {told[at] for at in (0, 3, 6)} == {"too late"}
    assert [act for act, _ in here.acts()[entries:]] == ["proposal_confirmed", "keys_added"]


def test_what_a_command_proposes_needs_two_different_administrators(here: Here) -> None:
    data = here.new_keys()
    found = bring_keys(here.study, data, TODAY)
    assert found
    assert found.proposer == COMMAND_LINE
    assert here.confirm(NADIA, found).state == "waiting"
    assert here.keys_now() != data
    with pytest.raises(NotPermitted, match=CLOSED):
        here.confirm(NADIA, found)
    assert here.confirm(MARA, found).state == "confirmed"
    assert here.keys_now() == data


def test_only_the_proposer_takes_a_proposal_back(here: Here) -> None:
    found = here.proposed()
    with pytest.raises(NotPermitted, match=CLOSED):
        withdraw_proposal(here.study, NADIA, found.key, NOW)
    withdraw_proposal(here.study, MARA, found.key, NOW)
    assert (here.state(found), here.acts()[-1]) == ("withdrawn", ("proposal_withdrawn", "Mara"))
    with pytest.raises(NotPermitted, match=CLOSED):
        here.confirm(NADIA, found)


def test_what_was_refused_stays_refused(here: Here) -> None:
    found = here.proposed()
    refuse(here.study, NADIA, found.key, NOW)
    assert (here.state(found), here.acts()[-1]) == ("refused", ("proposal_refused", "Nadia"))
    with pytest.raises(NotPermitted, match=CLOSED):
        here.confirm(OWEN, found)


def test_a_proposal_waits_for_seven_days_and_no_longer(here: Here) -> None:
    kept, late = here.proposed(), here.proposed(days_ago=1)
    with pytest.raises(NotPermitted, match=CLOSED):
        here.confirm(NADIA, late, NOW + LASTS)
    entries = len(here.acts())
    shown = {one.key for one in waiting(here.study, NOW + LASTS)}
    assert (kept.key in shown, late.key in shown, here.state(late)) == (True, False, "expired")
    assert ("proposal_expired", COMMAND_LINE) in here.acts()[entries:]


def test_who_dies_in_the_middle_leaves_what_is_seen_and_waits_again(here: Here) -> None:
    office, found = here.study.stores.office, here.proposed()
    # As a process that was killed leaves it.
    assert take_to_confirm(office, found.key, found.digest, "Nadia", TODAY - LASTS, NOW)
    shown = next(one for one in waiting(here.study, NOW) if one.key == found.key)
    assert (shown.state, is_yours(shown, OWEN)) == ("held", False)
    with pytest.raises(SettingsError, match="Another proposal"):
        here.confirm(NADIA, here.proposed())
    with pytest.raises(NotPermitted, match=CLOSED):
        here.confirm(OWEN, found)
    later = NOW + HELD_FOR
    again = next(one for one in waiting(here.study, later) if one.key == found.key)
    assert (again.state, again.until is None, is_yours(again, OWEN)) == ("waiting", False, True)
    assert here.confirm(OWEN, found, later).state == "confirmed"


def test_what_was_done_before_its_process_died_is_not_done_again(here: Here) -> None:
    office, found = here.study.stores.office, here.proposed()
    assert take_to_confirm(office, found.key, found.digest, "Nadia", TODAY - LASTS, NOW)
    add_keys(office, STUDY, found.payload, TODAY, "Nadia")
    rings = len(all_keyrings(office))
    with pytest.raises(SettingsError, match="no longer as it was"):
        here.confirm(OWEN, found, NOW + HELD_FOR)
    assert (here.state(found), len(all_keyrings(office))) == ("overtaken", rings)


def test_what_a_dead_process_held_ends_after_seven_days_too(here: Here) -> None:
    found = here.proposed()
    assert take_to_withdraw(here.study.stores.office, found.key, "Mara", NOW)
    later = NOW + LASTS + timedelta(days=1)
    assert found.key not in {one.key for one in waiting(here.study, later)}
    assert here.state(found) == "expired"


def test_what_is_too_old_goes_on_waiting_where_its_end_cannot_be_written(here: Here) -> None:
    found, office = here.proposed(days_ago=99), here.study.stores.office
    with office.engine.begin() as connection:
        connection.execute(sql("ALTER TABLE journal RENAME TO journal_away"))
    try:
        assert found.key in {one.key for one in waiting(here.study, NOW)}
    finally:
        with office.engine.begin() as connection:
            connection.execute(sql("ALTER TABLE journal_away RENAME TO journal"))
    assert found.key not in {one.key for one in waiting(here.study, NOW)}


def test_what_does_not_exist_is_refused_as_what_is_not_yours(here: Here) -> None:
    with pytest.raises(NotPermitted, match=CLOSED):
        confirm(here.study, here.folder, NADIA, "0" * 32, "0" * 64, NOW)
    found = here.proposed()
    with pytest.raises(NotPermitted, match=CLOSED):
        confirm(here.study, here.folder, NADIA, found.key, here.proposed().digest, NOW)


def test_other_keys_meanwhile_overtake_a_proposal(here: Here) -> None:
    first, second = here.proposed(), here.proposed()
    here.confirm(NADIA, first)
    entries, now = len(here.acts()), here.keys_now()
    with pytest.raises(SettingsError, match="no longer as it was"):
        here.confirm(NADIA, second)
    assert (here.keys_now(), here.state(second)) == (now, "overtaken")
    assert here.acts()[entries:] == [("proposal_overtaken", "Nadia")]


def test_bytes_that_were_changed_in_the_database_are_not_what_was_confirmed(here: Here) -> None:
    found, now = here.proposed(), here.keys_now()
    with here.study.stores.office.engine.begin() as connection:
        connection.execute(update(proposals).where(proposals.c.key == found.key).values(payload=here.new_keys()))
    with pytest.raises(SettingsError, match="no longer as it was"):
        here.confirm(NADIA, found)
    assert here.keys_now() == now


def test_what_cannot_be_written_down_neither_is_done_nor_is_lost(here: Here) -> None:
    found, now, office = here.proposed(), here.keys_now(), here.study.stores.office
    with office.engine.begin() as connection:
        connection.execute(sql("ALTER TABLE journal RENAME TO journal_away"))
    try:
        with pytest.raises(JournalNotWritten):
            here.confirm(NADIA, found)
    finally:
        with office.engine.begin() as connection:
            connection.execute(sql("ALTER TABLE journal_away RENAME TO journal"))
    assert (here.keys_now(), here.state(found)) == (now, "waiting")
    assert here.confirm(NADIA, found).state == "confirmed"


def test_a_private_key_is_never_taken_for_a_keyring(here: Here) -> None:
    with pytest.raises(EnvelopeError, match="This is a private key, not a public keyring"):
        propose_keys(here.study, "Mara", b'{"format":"amanah-key","version":1}', TODAY)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff" * 9, b'{"format":"amanah-keyring"}'])
def test_what_is_no_keyring_is_never_proposed(here: Here, data: bytes) -> None:
    with pytest.raises(EnvelopeError):
        propose_keys(here.study, "Mara", data, TODAY)


def test_the_keys_in_use_and_another_studys_are_not_proposed(here: Here, keys: Keys) -> None:
    with pytest.raises(SettingsError, match="already"):
        propose_keys(here.study, "Mara", here.keys_now() or b"", TODAY)
    with pytest.raises(SettingsError, match="belongs to the study"):
        propose_keys(here.study, "Mara", Keyring("other", keys.keyring.keys).to_json(), TODAY)
