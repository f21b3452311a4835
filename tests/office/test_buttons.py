"""A button pressed elsewhere: without the token of one's own session it does nothing, and with it it does (R10)."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from itertools import count
from typing import Any

import pytest
from flask.testing import FlaskClient

from fieldwork.admissions import enrol_tablet, new_enrolment
from fieldwork.approvals import propose_keys
from fieldwork.drafts import draft_folder, mark_of_draft
from fieldwork.enrolling import Wanted, batches, make_invitations
from fieldwork.staff.links import invite_staff
from fieldwork.staff.passkeys import Site, ask_to_add, keep_passkey, new_challenge, new_passkey
from fieldwork.staff.sessions import begin_session, hash_of
from fieldwork.staff.totp import code_at, from_base32, seal_secret
from storage.journal import Act, write_entry
from storage.members import change_member
from storage.notices import count_notice
from storage.staff import add_staff
from tests.authenticator import Device
from tests.conftest import TODAY, Keys
from tests.everybody import House, ask, everybody, new_keys
from tests.staff import PASSWORD, SECRET, csrf_in, employ, open_session
from views.field.doors import DOORS

HERE = Site("localhost", "http://localhost")
NEW_PASSWORD = "violet harbour seven kettles"  # noqa: S105 (of nobody)
NUMBERS = count(1)
Typed = dict[str, Any]


@dataclass(frozen=True)
class Pressing:
    """Somebody of their own for each button, and their browser."""

    house: House
    name: str
    client: FlaskClient

    @property
    def office(self) -> Any:
        return self.house.study.stores.office

    @property
    def token(self) -> str:
        """The token of their own forms."""
        page = self.client.get("/office")
        return csrf_in(page.text if page.status_code == 200 else self.client.get("/office/sign-in").text)

    def another(self, role: str = "coordinator", **more: Any) -> str:
        name = f"{self.name}'s colleague {next(NUMBERS)}"
        add_staff(self.office, name, role, None)
        if more:
            change_member(self.office, name, may_be_last=True, **more)
        return name

    def invited(self) -> str:
        return invite_staff(self.office, "Mara", f"{self.name}'s guest", "coordinator", datetime.now(UTC))

    def half(self) -> None:
        """They have shown their password, and no more."""
        self.client.get("/office/sign-out")
        with self.client.session_transaction() as kept:
            kept.clear()
        sent = {"name": self.name, "password": PASSWORD, "csrf_token": self.token}
        assert self.client.post("/office/sign-in", data=sent).status_code == 303

    def device(self) -> Device:
        """A passkey of theirs."""
        device, challenge = Device(HERE.origin, HERE.rp_id), new_challenge("add", self.name, datetime.now(UTC))
        keys = self.client.application.extensions["amanah_office_keys"]
        made = new_passkey(keys, HERE, challenge, device.make(ask_to_add(self.office, HERE, challenge)), "Key")
        keep_passkey(self.office, made, challenge, datetime.now(UTC))
        return device

    def asked(self, path: str, **typed: str) -> str:
        return self.client.post(path, data=typed | {"csrf_token": self.token}).text


def proposal(p: Pressing, by: str) -> Typed:
    found = propose_keys(p.house.study, by, new_keys(f"{p.name} {by}"), date.today())
    return {"key": found.key, "digest": found.digest}


def code(p: Pressing) -> Typed:
    p.half()
    return {"code": code_at(SECRET, datetime.now(UTC))}


def offered(p: Pressing, path: str) -> Typed:
    shown = re.search("<code>([A-Z2-7 ]+)</code>", p.client.get(path).text)
    assert shown
    return {"code": code_at(from_base32(shown[1].replace(" ", "")), datetime.now(UTC))}


def set_up(p: Pressing) -> Typed:
    p = Pressing(p.house, f"{p.name} without codes", p.client)
    employ(p.office, p.name)
    p.half()
    return offered(p, "/office/sign-in/set-up")


def first_password(p: Pressing) -> Typed:
    name = f"{p.name} without a password"
    sealed = seal_secret(p.house.app.extensions["amanah_office_keys"], name, SECRET, bytes(12))
    add_staff(p.office, name, "coordinator", None, sealed)
    open_session(p.client, p.house.study, name)
    return {"new_password": NEW_PASSWORD}


def proof(p: Pressing, path: str) -> Typed:
    device = p.device()
    return {"proof": device.prove(p.asked(path))}


def join_passkey(p: Pressing) -> Typed:
    token, device = p.invited(), Device(HERE.origin, HERE.rp_id)
    answer = device.make(p.asked("/office/join/challenge", token=token))
    return {"token": token, "label": "Key", "answer": answer}


def add_passkey(p: Pressing) -> Typed:
    answer = Device(HERE.origin, HERE.rp_id).make(p.asked("/office/own/passkeys/challenge"))
    return {"label": "Key", "answer": answer}


def tablet(p: Pressing) -> Typed:
    enrol_tablet(p.house.study, new_enrolment(p.house.study, p.name, "1", datetime.now(UTC)), datetime.now(UTC))
    return {"name": p.name}


def invitations(p: Pressing) -> Typed:
    until = (date.today() + timedelta(days=9)).isoformat()
    return {"kind": "single", "number": "2", "group": "", "site": "", "language": "", "until": until}


def batch(p: Pressing) -> Typed:
    until = date.today() + timedelta(days=9)
    make_invitations(p.house.study, "Idris", Wanted("single", "", "", "", until), 2, date.today())
    return {"key": batches(p.house.study, date.today())[0].key.hex()}


def another_session(p: Pressing) -> Typed:
    return {"key": hash_of(begin_session(p.office, p.name, datetime.now(UTC))).hex()}


def signed_in_somebody(p: Pressing) -> Typed:
    name = p.another()
    begin_session(p.office, name, datetime.now(UTC))
    return {"name": name}


def told_of_something(p: Pressing) -> Typed:
    count_notice(p.office, p.name, failed=1)
    return {"failed": "1", "halves": "0", "read_up_to": "0"}


def draft(p: Pressing) -> Typed:
    folder = p.house.app.extensions["amanah_settings"].study_folder
    shutil.rmtree(draft_folder(folder), ignore_errors=True)
    shutil.copytree(folder, draft_folder(folder))
    return {"version": "9", "agreed": "y", "breaking": "y", "read": mark_of_draft(folder)}


def nothing(p: Pressing) -> Typed:
    return {}


# Every button of the staff's pages, with what makes it do what it says.
DOES: dict[str, Callable[[Pressing], Typed]] = {
    "sign_in": lambda p: {"name": p.name, "password": PASSWORD},
    "code": code,
    "set_up": set_up,
    "sign_in_passkey": lambda p: proof(p, "/office/sign-in/passkey/challenge"),
    "join_challenge": lambda p: {"token": p.invited()},
    "join_passkey": join_passkey,
    "join_password": lambda p: {"token": p.invited(), "new_password": NEW_PASSWORD},
    "sign_out": nothing,
    "bundle": nothing,
    "identity_bundle": nothing,
    "enrol_tablet": lambda p: {"name": p.name, "site": "1"},
    "revoke_tablet": tablet,
    "make_invitations": invitations,
    "withdraw_invitations": batch,
    "make_checkpoint": nothing,
    "bring_keyring": lambda p: {"file": (BytesIO(new_keys(f"{p.name} {next(NUMBERS)}")), "keyring.json")},
    "take_back": lambda p: proposal(p, p.name),
    "confirm_proposal": lambda p: proposal(p, "Nadia"),
    "refuse_proposal": lambda p: proposal(p, "Nadia"),
    "again": lambda p: {"code_again": code_at(SECRET, datetime.now(UTC))},
    "again_passkey": lambda p: proof(p, "/office/again/passkey/challenge"),
    "end_session": another_session,
    "end_other_sessions": another_session,
    "app": lambda p: offered(p, "/office/own/app"),
    "recovery": nothing,
    "password": lambda p: {"password": PASSWORD, "new_password": NEW_PASSWORD},
    "first_password": first_password,
    "passkey_challenge": nothing,
    "add_passkey": add_passkey,
    "remove_passkey": lambda p: {"key": p.device().credential_id.hex()},
    "staff": lambda p: {"name": f"{p.name}'s guest", "role": "coordinator"},
    "change_role": lambda p: {"name": p.another(), "role": "administrator"},
    "disable_member": lambda p: {"name": p.another()},
    "enable_member": lambda p: {"name": p.another(disabled=True)},
    "sign_out_member": signed_in_somebody,
    "read_notices": told_of_something,
    "reset_member": lambda p: {"name": p.another()},
    "propose_going": lambda p: {"name": p.another("administrator")},
    "withdraw_staff_link": lambda p: {"name": p.invited() and f"{p.name}'s guest"},
    "drop_draft": draft,
}
# With the token these keep nothing, or what they do is seen in tests of their own.
KEEPS_NOTHING: dict[str, Callable[[Pressing], Typed]] = {
    "join": lambda p: {"token": p.invited()},
    "sign_in_challenge": nothing,
    "again_challenge": nothing,
    "check": nothing,
    "bring_retention": nothing,  # tests/office/test_approvals_page.py
    "bring_hold": lambda p: {"reason": "an order of a court"},  # tests/office/test_hold_page.py
    "bring_lift": lambda p: {"reason": "an order of a court"},  # tests/office/test_hold_page.py
    "look_at_order": nothing,  # tests/office/test_orders_page.py
    "carry_out_order": nothing,  # tests/office/test_orders_page.py
    "classes": draft,  # tests/office/test_own_forms.py
    "name_draft": draft,  # tests/office/test_drafts.py
    "adopt_draft": draft,  # tests/office/test_drafts.py
    "save_bundle": nothing,  # tests/office/test_long_work.py
    "stay": nothing,  # tests/browser/test_staying.py
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> House:
    return everybody(tmp_path_factory.mktemp("buttons") / "instance", keys)


@pytest.fixture
def pressing(house: House) -> Iterator[Pressing]:
    name = f"Amal {next(NUMBERS)}"
    employ(house.study.stores.office, name, "administrator", house.app.extensions["amanah_office_keys"])
    # Who confirms must have had their place for a week, or be there as long as the instance is.
    write_entry(house.study.stores.office, name, Act.STAFF_JOINED, TODAY, detail="invitation")
    yield Pressing(house, name, house.enter(name, name))
    folder = house.app.extensions["amanah_settings"].study_folder
    shutil.rmtree(draft_folder(folder), ignore_errors=True)


def test_every_button_stands_in_one_of_the_tables(house: House) -> None:
    found = [
        one.endpoint.removeprefix("office.")
        for one in house.rules
        if "POST" in (one.methods or ()) and DOORS.get(one.endpoint) in (None, "sign-in")
    ]
    assert sorted(found) == sorted([*DOES, *KEEPS_NOTHING])


@pytest.mark.parametrize("endpoint", [*DOES, *KEEPS_NOTHING])
def test_no_button_works_without_the_token_of_ones_own_session(pressing: Pressing, endpoint: str) -> None:
    house, prepare = pressing.house, (DOES | KEEPS_NOTHING)[endpoint]
    rule = next(one for one in house.rules if one.endpoint == f"office.{endpoint}" and "POST" in (one.methods or ()))
    typed, others = prepare(pressing), csrf_in(house.clients["Nadia"].get("/office").text)
    before = house.kept()

    def press(**token: str) -> int:
        # A file is read once, so each time it is another one.
        sent = prepare(pressing) if "file" in typed else typed
        return ask(pressing.client, rule, "POST", data=sent | token).status_code

    for token in ({"csrf_token": others}, {}):
        assert press(**token) in (200, 303, 400, 403, 404, 422), endpoint
        assert house.kept() == before, f"{endpoint} changed something without its token"
        if endpoint == "adopt_draft":
            break  # it compares whole studies, and another session's token stands for none
    if "proof" in typed:
        # A challenge is used up by whatever is sent in answer to it.
        typed |= prepare(pressing)
        before = house.kept()
    if endpoint in DOES:
        assert press(csrf_token=pressing.token) in (200, 303)
        assert house.kept() != before, f"{endpoint} did nothing with its token: the refusals may have had other reasons"


def test_signing_out_is_a_button_of_ones_own_page_too(house: House) -> None:
    leaving = house.enter("leaving", "Idris")
    others = csrf_in(house.clients["Nadia"].get("/office").text)
    for token in ({}, {"csrf_token": others}):
        leaving.post("/office/sign-out", data=token)
        assert leaving.get("/office").status_code == 200
    leaving.post("/office/sign-out", data={"csrf_token": csrf_in(leaving.get("/office").text)})
    assert leaving.get("/office").status_code == 303
