"""Staff sign in to see counts and to carry the sealed bundle away; nobody else does, and nobody sees an answer."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from flask.testing import FlaskClient

from fieldwork.study import Study
from privacy.envelope import MAGIC
from storage.bundle import open_bundle
from storage.journal import read_journal
from tests.visits import amina


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    return found.group(1)


def test_a_stranger_is_asked_to_sign_in(field: FlaskClient) -> None:
    answer = field.get("/office")
    assert (answer.status_code, answer.location) == (303, "/office/sign-in")


def test_staff_see_counts_and_the_fingerprint(signed_in: FlaskClient, study: Study) -> None:
    signed_in.post("/visit/young_person", data=amina(study.instrument))
    page = signed_in.get("/office").text
    assert "London" in page
    assert study.keyring is not None
    assert " ".join(study.keyring.words) in page


BUNDLES = {"/office/bundle": "research", "/office/bundle/identities": "identity"}


def test_only_an_administrator_carries_a_bundle_away(coordinator: FlaskClient, study: Study) -> None:
    token = token_in(coordinator.get("/office").text)
    for path in BUNDLES:
        assert coordinator.post(path, data={"csrf_token": token}).status_code == 403


@pytest.mark.parametrize(("path", "purpose"), BUNDLES.items())
def test_a_bundle_is_sealed_and_journalled(signed_in: FlaskClient, study: Study, path: str, purpose: str) -> None:
    said = amina(study.instrument, yp_text_1="marker-of-amina", o_results="yes", v_name="Amina-Canary")
    signed_in.post("/visit/young_person", data=said)
    page = signed_in.get("/office").text
    assert f'action="{path}"' in page
    answer = signed_in.post(path, data={"csrf_token": token_in(page)})
    assert MAGIC in answer.data
    assert not any(word in answer.data for word in (b"marker-of-amina", b"Amina-Canary"))
    assert open_bundle(BytesIO(answer.data)).purpose == purpose
    last = read_journal(study.stores.office)[-1]
    assert (last.act, last.actor, last.detail) == ("bundle_made", "Mara", purpose)


def test_a_button_pressed_on_another_site_does_nothing(signed_in: FlaskClient, study: Study) -> None:
    entries = len(read_journal(study.stores.office))
    signed_in.post("/office/bundle", data={})
    signed_in.post("/office/sign-out", data={})
    assert len(read_journal(study.stores.office)) == entries
    assert signed_in.get("/office").status_code == 200


def test_signing_out_ends_the_session_on_the_server(signed_in: FlaskClient, study: Study) -> None:
    cookie = signed_in.get_cookie("amanah")
    assert cookie is not None
    signed_in.post("/office/sign-out", data={"csrf_token": token_in(signed_in.get("/office").text)})
    signed_in.set_cookie("amanah", cookie.value)
    assert signed_in.get("/office").status_code == 303


def test_cookies_are_strict_and_out_of_scripts_reach(field: FlaskClient) -> None:
    cookie = field.get("/office/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_every_staff_page_names_the_study_and_leads_to_the_others(signed_in: FlaskClient, study: Study) -> None:
    for path in ("/office", "/office/instruments", "/office/invitations", "/office/tablets"):
        page = signed_in.get(path).text
        top = page[page.index("<header") : page.index("</header>")]
        assert study.settings.neutral_title.in_language("en") in top
        assert top.count('aria-current="page"') == 1
        for other in ("/office", "/office/instruments", "/office/invitations", "/office/tablets"):
            assert f'href="{other}"' in top
        assert 'action="/office/sign-out"' in top


def test_a_stranger_is_shown_no_way_to_the_staff_pages(field: FlaskClient, study: Study) -> None:
    page = field.get("/office/sign-in").text
    assert study.settings.neutral_title.in_language("en") in page
    assert "/office/tablets" not in page
