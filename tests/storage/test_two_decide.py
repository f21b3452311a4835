"""What two people decide, on each engine, by processes that know nothing of each other, and by the collector's role."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from sqlalchemy import event

from config import Settings
from errors import NotGranted, SettingsError
from fieldwork.approvals import adopt_or_propose, confirm, propose_keys
from fieldwork.instance import add_keys, add_study, open_study
from fieldwork.staff.joining import join_with_passkey, join_with_password
from fieldwork.staff.links import invite_staff, link_in, reset_staff, withdraw_staff_link
from fieldwork.staff.office_keys import office_keys
from fieldwork.staff.passkeys import Site, ask_to_add, new_challenge, new_passkey
from fieldwork.staff.standing import change_role, disable, enable
from fieldwork.study import Study
from fieldwork.versions import compare
from privacy.keys import Keyring
from privacy.opening import new_private_key
from storage.approvals import Proposal, proposal_of
from storage.journal import COMMAND_LINE, Act, write_entry
from storage.journal_check import verify_journal
from storage.office import all_keyrings, current_digest
from storage.passkeys import passkeys_of
from storage.staff import StaffMember, add_staff, everyone, staff_named
from storage.staff_links import all_links
from storage.stores import Addresses, Stores, close_stores
from tests.authenticator import Device
from tests.conftest import STUDY, Keys
from tests.storage.conftest import Both

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TODAY = NOW.date()
NADIA, OWEN = (StaffMember(name, "administrator", "") for name in ("Nadia", "Owen"))
KEYS = office_keys("the secret of this instance")
HERE = Site("study.example.org", "https://study.example.org")


def new_keys() -> bytes:
    made = (new_private_key(purpose, STUDY, secrets.token_bytes).public() for purpose in ("research", "identity"))
    return Keyring(STUDY, tuple(made)).to_json()


def begun(stores: Stores, settings: Settings, keys: Keys) -> None:
    """The study of the tests, in these stores."""
    write_entry(stores.office, COMMAND_LINE, Act.INIT, TODAY)
    add_study(stores.office, settings.study_folder, TODAY)
    add_keys(stores.office, STUDY, keys.keyring.to_json(), TODAY)


def contents(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def confirmed(study: Study, settings: Settings, member: StaffMember, found: Proposal) -> str:
    try:
        return confirm(study, settings.study_folder, member, found.key, found.digest, NOW).state
    except SettingsError as refusal:
        return str(refusal)


def test_of_two_proposals_that_two_processes_carry_out_at_once_one_is(
    addresses: Addresses, stores: Stores, settings: Settings, keys: Keys
) -> None:
    begun(stores, settings, keys)
    # Each with its own connections, as two processes have, perhaps on two machines.
    processes = [open_study(STUDY, settings.study_folder, addresses, ()) for _ in range(2)]
    found = [propose_keys(one, "Mara", new_keys(), TODAY) for one in processes]
    together, at_the_deed = Barrier(2), Barrier(2)

    def wait_for_the_other(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        # Both would have found the world as it was, and would be about to change it.
        if statement.lower().startswith("insert into keyrings"):
            with suppress(BrokenBarrierError):
                at_the_deed.wait(0.5)

    def press(at: int) -> str:
        event.listen(processes[at].stores.office.engine, "before_cursor_execute", wait_for_the_other)
        together.wait()
        return confirmed(processes[at], settings, (NADIA, OWEN)[at], found[at])

    with ThreadPoolExecutor(2) as people:
        told = sorted(people.map(press, (0, 1)))
    assert told[1] == "confirmed"
    assert told[0].startswith(("Another proposal", "What this would change"))
    assert len(all_keyrings(stores.office)) == 2
    assert verify_journal(stores.office)
    for one in processes:
        close_stores(one.stores)


@pytest.fixture
def collecting(both: Both, settings: Settings, keys: Keys) -> Iterator[Study]:
    """A study whose field app has the collector's role."""
    begun(both.owner, settings, keys)
    for member in (NADIA, OWEN):
        add_staff(both.owner.office, member.name, member.role, "phc")
    made = open_study(STUDY, settings.study_folder, both.addresses, ())
    yield made
    close_stores(made.stores)


def test_what_the_collector_may_not_carry_out_is_a_sentence_and_goes_on_waiting(
    collecting: Study, settings: Settings
) -> None:
    office, folder = collecting.stores.office, settings.study_folder
    found = propose_keys(collecting, "Nadia", new_keys(), TODAY)
    with pytest.raises(NotGranted, match="Nothing was changed"):
        confirm(collecting, folder, OWEN, found.key, found.digest, NOW)
    kept = proposal_of(office, found.key)
    assert kept
    assert (kept.state, len(all_keyrings(office))) == ("waiting", 1)


def test_a_version_that_the_collector_may_not_adopt_leaves_the_sheets_as_they_were(
    collecting: Study, settings: Settings, tmp_path: Path
) -> None:
    office, folder, other = collecting.stores.office, settings.study_folder, tmp_path / "other"
    version, before = current_digest(office, STUDY), contents(folder)
    shutil.copytree(folder, other)
    told = other / "study.toml"
    told.write_text(told.read_text("utf-8").replace("1.0-draft", "9"), "utf-8")
    with pytest.raises(NotGranted, match="Nothing was changed"):
        adopt_or_propose(collecting, compare(office, STUDY, folder, other), folder, TODAY, "Nadia", True)
    assert (contents(folder), current_digest(office, STUDY)) == (before, version)


def test_with_the_collectors_role_people_join_and_staff_change(collecting: Study) -> None:
    office = collecting.stores.office
    link = link_in(office, invite_staff(office, "Nadia", "Mara", "administrator", NOW), NOW)
    challenge, device = new_challenge("add", "Mara", NOW), Device(HERE.origin, HERE.rp_id)
    made = new_passkey(KEYS, HERE, challenge, device.make(ask_to_add(office, HERE, challenge)), "Key")
    assert join_with_passkey(office, link, made, challenge, NOW)
    assert len(passkeys_of(office, "Mara")) == 1
    change_role(office, "Nadia", "Mara", "coordinator", TODAY)
    disable(office, "Nadia", "Mara", TODAY)
    enable(office, "Nadia", "Mara", TODAY)
    link = link_in(office, reset_staff(office, "Nadia", "Mara", NOW), NOW)
    assert passkeys_of(office, "Mara") == ()
    assert join_with_password(office, link, "violet harbour seven kettles", NOW)
    mara = staff_named(office, "Mara")
    assert mara
    assert (mara.role, mara.disabled, mara.password_phc is None) == ("coordinator", False, False)
    invite_staff(office, "Nadia", "Idris", "coordinator", NOW)
    withdraw_staff_link(office, "Nadia", "Idris", NOW)
    assert all_links(office) == ()
    assert [one.name for one in everyone(office)] == ["Mara", "Nadia", "Owen"]
