"""The deeds about the staff themselves, and those that two people decide: a part of tests/house/deeds.py."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from errors import NotPermitted, SettingsError
from fieldwork.approvals import confirm, propose_keys, propose_removal, refuse, waiting, withdraw_proposal
from fieldwork.proposals import DEEDS as CARRIED_OUT
from fieldwork.proposals import Kind
from fieldwork.staff.factors import hash_of_code, show_factor
from fieldwork.staff.joining import join_with_password
from fieldwork.staff.links import invite_staff, link_in, reset_staff, withdraw_staff_link
from fieldwork.staff.office_keys import office_keys
from fieldwork.staff.passkeys import (
    Site,
    ask_to_add,
    ask_to_prove,
    keep_passkey,
    new_challenge,
    new_passkey,
    recognise,
    remove_own,
)
from fieldwork.staff.standing import change_role, disable, enable, sign_out_everybody, sign_out_member
from fieldwork.study import Study
from privacy.keys import Keyring
from privacy.opening import new_private_key
from storage.approvals import Proposal
from storage.journal import Act
from storage.passkeys import passkeys_of
from storage.staff import StaffMember, set_recovery_codes, staff_named
from tests.authenticator import Device
from tests.conftest import STUDY, TODAY, counted_bytes
from tests.staff import employ

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HERE = Site("study.example.org", "https://study.example.org")
NADIA = StaffMember("Nadia", "administrator", "")
Deed = tuple[Act, Callable[[Study], object]]
STAFF_KEYS = office_keys("the secret of the tests")
DEVICE = Device(HERE.origin, HERE.rp_id, credential_id=b"the device of Mara")


def prepare(study: Study) -> None:
    """What these deeds are about: a device, a link that waits, what three people proposed."""
    office = study.stores.office
    employ(office, "Idris", "coordinator")
    DEVICE.count = 7
    add_passkey(study, DEVICE)
    set_recovery_codes(office, "Mara", [hash_of_code("a code of Mara")])
    invite_staff(office, "Mara", "Noor", "coordinator", NOW, lambda _: "the link of Noor")
    for proposer in ("to confirm", "to refuse", "to take back", "too late"):
        propose_keys(study, proposer, new_keys(proposer), TODAY)


def new_keys(seed: str) -> bytes:
    random_bytes = counted_bytes(seed)
    made = (new_private_key(purpose, STUDY, random_bytes).public() for purpose in ("research", "identity"))
    return Keyring(STUDY, tuple(made)).to_json()


def add_passkey(study: Study, device: Device) -> None:
    office, challenge = study.stores.office, new_challenge("add", "Mara", NOW)
    answer = device.make(ask_to_add(office, HERE, challenge))
    made = new_passkey(STAFF_KEYS, HERE, challenge, answer, device.credential_id.hex())
    keep_passkey(office, made, challenge, NOW)


def show_a_copied_device(study: Study) -> None:
    challenge = new_challenge("sign in", "", NOW)
    DEVICE.count = 1
    with suppress(NotPermitted):
        recognise(study.stores.office, STAFF_KEYS, HERE, challenge, DEVICE.prove(ask_to_prove(HERE, challenge)), NOW)


def shut_the_last_one_out(study: Study) -> None:
    with suppress(NotPermitted):
        disable(study.stores.office, "Mara", "Mara", TODAY)


def proposed_by(study: Study, proposer: str) -> Proposal:
    return next(one for one in waiting(study, NOW) if one.proposer == proposer)


def join(study: Study) -> None:
    office = study.stores.office
    join_with_password(office, link_in(office, "the link of Noor", NOW), "violet harbour seven kettles", NOW)


def confirm_keys(study: Study) -> None:
    found = proposed_by(study, "to confirm")
    confirm(study, Path(), NADIA, found.key, found.digest, NOW)


def confirm_too_late(study: Study) -> None:
    found = proposed_by(study, "too late")
    with suppress(SettingsError):
        confirm(study, Path(), NADIA, found.key, found.digest, NOW)


def carry_out(kind: Kind, payload: bytes, study: Study) -> None:
    CARRIED_OUT[kind].carry_out(study, Path(), payload, "Nadia", TODAY)


def take_a_passkey_away(study: Study) -> None:
    office = study.stores.office
    remove_own(office, "Mara", passkeys_of(office, "Mara")[0].credential_id, True, NOW)


def use_a_recovery_code(study: Study) -> None:
    mara = staff_named(study.stores.office, "Mara")
    assert mara
    assert show_factor(study.stores.office, office_keys("the secret of the tests"), mara, "a code of Mara", NOW)


# In this order: a later one stands on what an earlier one did.
STAFF_DEEDS: tuple[Deed, ...] = (
    (Act.STAFF_INVITED, lambda s: invite_staff(s.stores.office, "Mara", "Zara", "coordinator", NOW)),
    (Act.STAFF_INVITATION_WITHDRAWN, lambda s: withdraw_staff_link(s.stores.office, "Mara", "Zara", NOW)),
    (Act.STAFF_JOINED, join),
    (Act.STAFF_SIGNED_OUT, lambda s: sign_out_member(s.stores.office, "Mara", "Noor", TODAY)),
    (Act.STAFF_ROLE_CHANGED, lambda s: change_role(s.stores.office, "Mara", "Noor", "administrator", TODAY)),
    (Act.STAFF_DISABLED, lambda s: disable(s.stores.office, "Mara", "Noor", TODAY)),
    (Act.STAFF_ENABLED, lambda s: enable(s.stores.office, "Mara", "Noor", TODAY)),
    (Act.STAFF_RESET, lambda s: reset_staff(s.stores.office, "Mara", "Noor", NOW)),
    (Act.STAFF_REMOVED, partial(carry_out, Kind.REMOVAL, b"Noor")),
    (Act.PASSKEY_ADDED, lambda s: add_passkey(s, Device(HERE.origin, HERE.rp_id))),
    (Act.PASSKEY_REMOVED, take_a_passkey_away),
    (Act.RECOVERY_CODE_USED, use_a_recovery_code),
    (Act.EVERYBODY_SIGNED_OUT, lambda s: sign_out_everybody(s.stores.office, "Mara", TODAY)),
    (Act.PROPOSED, lambda s: propose_removal(s, "Mara", "Mara", TODAY)),
    (Act.PROPOSAL_REFUSED, lambda s: refuse(s, NADIA, proposed_by(s, "to refuse").key, NOW)),
    (
        Act.PROPOSAL_WITHDRAWN,
        lambda s: withdraw_proposal(
            s, StaffMember("to take back", "administrator", ""), proposed_by(s, "to take back").key, NOW
        ),
    ),
    (Act.PROPOSAL_CONFIRMED, confirm_keys),
    (Act.PROPOSAL_OVERTAKEN, confirm_too_late),
    (Act.RETENTION_CHANGED, partial(carry_out, Kind.RETENTION, json.dumps({"backup_days": 9}).encode())),
)
# These change nothing but the journal.
STAFF_WRITTEN_ONLY: tuple[Deed, ...] = (
    (Act.PASSKEY_REFUSED, show_a_copied_device),
    (Act.STAFF_CHANGE_REFUSED, shut_the_last_one_out),
)
