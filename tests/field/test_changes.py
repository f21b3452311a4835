"""Changing one's mind: what a device is answered, and what a page without script may do, plain path on or off."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from fieldwork.study import Study
from storage.vaults import count
from tests.changes import CONTACT, STRANGER, as_bytes, opened, sealed_changes, visited, withdrawal_of
from tests.conftest import Keys
from tests.house.scanner import found_in

JSON = {"Accept": "application/json"}


def kept(study: Study) -> tuple[int, int]:
    return count(study.stores.research), count(study.stores.identity)


@pytest.fixture
def closed(field: FlaskClient) -> FlaskClient:
    """The field app of a study that has its plain path off."""
    extensions = field.application.extensions
    extensions["amanah_lookout"].clock = lambda: 0.0  # what is changed here is not to be read anew
    served = extensions["amanah"]
    extensions["amanah"] = replace(served, settings=replace(served.settings, plain_path=False))
    return field


def test_changes_and_withdrawals_are_answered_alike_for_everybody(field: FlaskClient, study: Study) -> None:
    known, gone = visited(study, CONTACT), visited(study)
    field.post("/withdrawals", data=as_bytes(withdrawal_of(study, gone)))
    answers = [
        field.post("/changes", data=as_bytes(sealed_changes(study, one, {"o_quote": "no"}, {})), headers=JSON)
        for one in (known, gone, STRANGER)
    ]
    assert kept(study) == (2, 4)
    sent = [
        field.post("/withdrawals", data=as_bytes(withdrawal_of(study, one)), headers=JSON)
        for one in (gone, STRANGER, known)
    ]
    assert kept(study) == (0, 0)
    for told in (answers, sent):
        heads = {str(answer.headers).partition("X-Request-Id")[0] for answer in told}
        assert len({(answer.status_code, answer.data) for answer in told}) == len(heads) == 1
        assert told[0].json == {"received": True}
        assert (told[0].headers["Cache-Control"], told[0].headers.get("Set-Cookie")) == ("no-store", None)


@pytest.mark.parametrize("path", ["/changes", "/withdrawals"])
@pytest.mark.parametrize("data", [b"", b"nonsense", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_nonsense_is_refused_in_a_sentence(field: FlaskClient, path: str, data: bytes) -> None:
    answer = field.post(path, data=data, headers=JSON)
    assert (answer.status_code, answer.mimetype) == (422, "application/json")
    assert answer.json["sentence"].endswith(".")


def test_a_request_has_one_length_whatever_is_changed(study: Study) -> None:
    changed = [
        ({}, {}),
        ({"o_quote": "no"}, None),
        (dict.fromkeys(("o_quote", "o_archive", "o_results"), "yes"), CONTACT),
    ]
    assert len({len(as_bytes(sealed_changes(study, STRANGER, *one))) for one in changed}) == 1


def posted(field: FlaskClient, code: str, **said: str):
    return field.post("/withdraw/choices", data={"code": code} | said)


def test_without_script_choices_and_contact_details_go_where_the_plain_path_is_on(
    field: FlaskClient, study: Study, keys: Keys
) -> None:
    receipt = visited(study, CONTACT, o_results="yes", o_quote="yes")
    page = field.get("/withdraw").text
    form = page.split("<noscript>")[1].split("</noscript>")[0]
    assert 'action="/withdraw/choices?lang=en"' in form
    assert {"o_quote", "v_email", "replace_contact"} <= set(re.findall(r'name="(\w+)"', form))
    # What is left empty is forgotten, and may be the way to reach somebody safely: that is asked once.
    asked = posted(field, receipt.grouped, o_quote="no", v_phone=" 0123 ")
    assert (asked.status_code, "also how we can reach you safely" in asked.text) == (422, True)
    assert 'value=" 0123 "' in asked.text
    (sure,) = re.findall(r'type="hidden" name="(sure)" value="yes"', asked.text)
    assert opened(study, keys, "research", "choices") == []
    assert posted(field, receipt.grouped, o_quote="no", v_phone=" 0123 ", **{sure: "yes"}).status_code == 200
    assert [one["contact"] for one in opened(study, keys, "identity", "contact")] == [{"v_phone": "0123"}]
    (change,) = opened(study, keys, "research", "choices")
    assert change["choices"] == {"o_quote": "no"}


def test_contact_details_go_with_the_last_reason_to_keep_them_and_the_page_says_so(
    field: FlaskClient, study: Study, keys: Keys
) -> None:
    receipt = visited(study, CONTACT, o_results="yes")
    assert "your contact details are erased too" in field.get("/withdraw").text
    assert posted(field, receipt.grouped, o_recontact="no").status_code == 200
    assert [one["contact"] for one in opened(study, keys, "identity", "contact")] == [CONTACT]
    posted(field, receipt.grouped, o_recontact="no", o_results="no", v_phone="typed all the same")
    assert [one["contact"] for one in opened(study, keys, "identity", "contact")] == [{}]


def test_a_ticked_box_with_nothing_typed_forgets_contact_details(field: FlaskClient, study: Study, keys: Keys) -> None:
    receipt = visited(study, CONTACT, o_results="yes")
    assert posted(field, receipt.grouped, replace_contact="yes").status_code == 200
    assert [one["contact"] for one in opened(study, keys, "identity", "contact")] == [{}]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, "Nothing is changed yet"),
        ({"o_quote": "maybe"}, "Please choose one of the answers offered"),
        ({"v_phone": "1" * 300}, "Please make this shorter"),
        ({"code": "wrong", "o_quote": "no", "sure": "yes"}, "six groups"),
    ],
)
def test_what_is_refused_is_said_and_everything_typed_is_still_there(
    field: FlaskClient, study: Study, said: dict[str, str], sentence: str
) -> None:
    receipt = visited(study, CONTACT)
    answer = field.post(
        "/withdraw/choices",
        data={"code": receipt.grouped, "v_name": "Zaynab"} | said if said else {"code": receipt.grouped},
    )
    assert answer.status_code == 422
    assert sentence in answer.text
    assert not said or 'value="Zaynab"' in answer.text
    assert kept(study) == (1, 3)


def test_where_the_plain_path_is_off_a_page_without_script_offers_withdrawal_alone(
    closed: FlaskClient, study: Study
) -> None:
    receipt = visited(study)
    page = closed.get("/withdraw").text
    bare = re.sub(r"(?s)<template.*?</template>", "", page)
    assert re.findall(r'action="([^"]+)"', bare) == ["/withdraw?lang=en"]
    assert "script has to be on" in bare
    assert posted(closed, receipt.grouped, o_quote="no").status_code == 503
    assert kept(study) == (1, 3)
    assert closed.post("/withdraw", data={"code": receipt.grouped}).status_code == 200
    assert kept(study) == (0, 0)


@pytest.mark.parametrize("way", ["plain path on", "plain path off"])
def test_with_script_no_form_of_the_page_can_post_what_is_changed(
    field: FlaskClient, request: pytest.FixtureRequest, way: str
) -> None:
    client = request.getfixturevalue("closed") if way.endswith("off") else field
    seen = re.sub(r"(?s)<noscript>.*?</noscript>", "", client.get("/withdraw").text)
    assert re.findall(r"<form ([^>]*)data-changing=\"choices\"", seen) == ['method="dialog" ']
    assert re.findall(r'action="([^"]+)"', seen) == ["/withdraw?lang=en"]


def test_the_words_of_a_copy_are_public_and_hold_nothing_of_anybody(field: FlaskClient, study: Study) -> None:
    visited(study, CONTACT)
    answer = field.get("/visit/agreed")
    assert answer.headers["Cache-Control"].startswith("public")
    assert "Set-Cookie" not in answer.headers
    assert found_in(answer.data, [*CONTACT.values()]) == set()
    bare = re.sub(r"(?s)<template.*?</template>", "", answer.text)
    assert study.instrument.title.in_language("en") not in bare
