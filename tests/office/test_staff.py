"""The staff's page, as an administrator, a newcomer and a thief of a session meet it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from errors import NotPermitted
from fieldwork.staff.links import reset_staff
from fieldwork.study import Study
from storage.passkeys import passkeys_of
from storage.sign_ins import sign_ins_of
from storage.staff import everyone, staff_named
from storage.staff_links import all_links
from tests.joining import PASSKEYS, STAFF, acts, device, join_by_passkey, joined, sign_in_by_passkey
from tests.staff import csrf_in, links_in, open_session, press


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "a" * 81,
        "two\u200blines",
        "\u202eMara",
        "mara",
        "  MARA ",
        "ＭＡＲＡ",
        "Administrator",
        "Command  Line",
    ],
)
def test_a_name_that_is_none_or_looks_like_anothers_is_refused(mara: FlaskClient, here: Study, name: str) -> None:
    before = (len(acts(here)), len(all_links(here.stores.office)))
    assert press(mara, STAFF, {"name": name, "role": "coordinator"}).status_code == 422
    assert (len(acts(here)), len(all_links(here.stores.office))) == before


def test_no_role_but_the_two_can_be_given(mara: FlaskClient, here: Study, newcomer: str) -> None:
    for role in ("police", "", "Administrator"):
        assert press(mara, STAFF, {"name": newcomer, "role": role}).status_code == 422
    press(mara, STAFF, {"name": "Nadia", "role": "police"}, to=f"{STAFF}/role")
    nadia = staff_named(here.stores.office, "Nadia")
    assert nadia
    assert nadia.role == "administrator"


def test_whoever_is_disabled_is_out_at_once_and_refused_like_a_stranger(
    mara: FlaskClient, visitor: FlaskClient, here: Study, newcomer: str
) -> None:
    phone = joined(here, visitor, newcomer)[1]
    press(mara, STAFF, {"name": newcomer}, to=f"{STAFF}/disable")
    assert visitor.get("/office").location == "/office/sign-in"
    refused, unknown = sign_in_by_passkey(visitor, phone), sign_in_by_passkey(visitor, replace(device(), handle=b"h"))
    assert refused.status_code == unknown.status_code == 403
    assert re.sub('value="[^"]*"', "", refused.text) == re.sub('value="[^"]*"', "", unknown.text)
    press(mara, STAFF, {"name": newcomer}, to=f"{STAFF}/enable")
    assert sign_in_by_passkey(visitor, phone).status_code == 303


def test_another_role_ends_every_session(mara: FlaskClient, visitor: FlaskClient, here: Study, newcomer: str) -> None:
    joined(here, visitor, newcomer)
    press(mara, STAFF, {"name": newcomer, "role": "administrator"}, to=f"{STAFF}/role")
    assert sign_ins_of(here.stores.office, newcomer) == ()
    assert visitor.get("/office").location == "/office/sign-in"


def test_a_reset_ends_every_factor_at_once_and_its_link_sets_new_ones(
    mara: FlaskClient, visitor: FlaskClient, here: Study, newcomer: str
) -> None:
    old = joined(here, visitor, newcomer)[1]
    shown = press(mara, STAFF, {"name": newcomer}, to=f"{STAFF}/reset").text
    assert passkeys_of(here.stores.office, newcomer) == ()
    assert visitor.get("/office").location == "/office/sign-in"
    assert sign_in_by_passkey(visitor, old).status_code == 403
    new = device()
    assert join_by_passkey(visitor, links_in(shown)[0].split("#")[1], new).status_code == 303
    assert sign_in_by_passkey(visitor, new).status_code == 303
    assert sign_in_by_passkey(visitor, old).status_code == 403


DANGEROUS = (
    STAFF, f"{STAFF}/role", f"{STAFF}/disable", f"{STAFF}/enable", f"{STAFF}/reset", f"{STAFF}/propose",
    f"{STAFF}/link/withdraw", f"{PASSKEYS}/challenge", f"{PASSKEYS}/add", f"{PASSKEYS}/remove",
    "/office/own/password/first",
)  # fmt: skip


@pytest.mark.parametrize("page", DANGEROUS)
def test_a_stolen_open_session_is_not_enough(visitor: FlaskClient, here: Study, page: str) -> None:
    open_session(visitor, here, "Mara", datetime.now(UTC) - timedelta(minutes=20))
    before = len(acts(here))
    csrf = csrf_in(visitor.get("/office").text)
    typed = {"csrf_token": csrf, "name": "Nadia", "role": "coordinator", "key": "00", "label": "Key", "answer": "{}"}
    answer = visitor.post(page, data=typed)
    assert answer.status_code == 403
    assert "Show once more that it is you" in answer.text
    assert len(acts(here)) == before


def test_a_coordinator_does_not_look_after_the_staff(visitor: FlaskClient, here: Study, newcomer: str) -> None:
    joined(here, visitor, newcomer)
    assert visitor.get(STAFF).status_code == 403
    csrf = csrf_in(visitor.get("/office").text)
    assert visitor.post(f"{STAFF}/disable", data={"csrf_token": csrf, "name": "Mara"}).status_code == 403
    mara = staff_named(here.stores.office, "Mara")
    assert mara
    assert not mara.disabled


def test_the_last_administrator_goes_by_two_people_only(mara: FlaskClient, here: Study) -> None:
    press(mara, STAFF, {"name": "Nadia"}, to=f"{STAFF}/disable")
    for name in {one.name for one in everyone(here.stores.office)} - {"Mara"}:
        press(mara, STAFF, {"name": name, "role": "coordinator"}, to=f"{STAFF}/role")
    for deed in ("disable", "role", "reset"):
        answer = press(mara, STAFF, {"name": "Mara", "role": "coordinator"}, to=f"{STAFF}/{deed}")
        assert answer.status_code == 422
    assert ("Mara", "staff_change_refused", "Mara") in acts(here)
    with pytest.raises(NotPermitted):
        reset_staff(here.stores.office, "Idris", "Mara", datetime.now(UTC))
    assert ("Idris", "staff_change_refused", "Mara") in acts(here)
    assert ("Idris", "staff_reset", "Mara") not in acts(here), "what was refused does not stand there as done"
    assert press(mara, STAFF, {"name": "Mara"}, to=f"{STAFF}/propose").location == "/office/approvals"
    left = staff_named(here.stores.office, "Mara")
    assert left
    assert (left.role, left.disabled) == ("administrator", False)
