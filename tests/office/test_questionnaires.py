"""Staff look at what is asked, check a form of any kind, and see a draft; only administrators bring one."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from commands import DEFAULT_STUDY
from config import Settings
from fieldwork.drafts import draft_folder
from fieldwork.study import Study
from storage.office import tallies
from tests.staff import csrf_in
from tests.workbook_files import workbook_of_sheets

PAGE = "/office/instruments"
BROKEN = b"""
| survey |
| | type | name | label | relevant |
| | geopoint | place | Where are you? | |
| | text | b | <b>More</b>? | ${c} = 1 + |
"""
OWN = Path(__file__).parents[1] / "instruments" / "data" / "forms" / "likert_grid.md"
YOUNG = DEFAULT_STUDY / "young_person"


def hand_in(client: FlaskClient, data: bytes, name: str, place: str = "") -> TestResponse:
    token = csrf_in(client.get(PAGE).text)
    # Encoded here, as the client would spool a large form to a file.
    typed = {"csrf_token": token, "place": place, "file": FileStorage(BytesIO(data), name)}
    boundary, body = encode_multipart(typed)
    return client.post(f"{PAGE}/check", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def everything_in(home: Path) -> set[Path]:
    return {path for path in home.rglob("*") if "stores" not in path.parts}


def test_every_problem_of_a_form_is_shown_with_its_place(signed_in: FlaskClient) -> None:
    answer = hand_in(signed_in, BROKEN, "ours.md")
    assert answer.status_code == 422
    for told in ("ours.md, sheet survey", "row 4", "row 5", "column type", "column relevant", "geopoint"):
        assert told in answer.text
    assert "<b>More" not in answer.text
    assert "more may appear" in answer.text


def test_a_form_that_is_only_checked_leaves_nothing(signed_in: FlaskClient, settings: Settings) -> None:
    before = everything_in(settings.home)
    answer = hand_in(signed_in, OWN.read_bytes(), OWN.name)
    assert (answer.status_code, "This form can be used" in answer.text) == (200, True)
    assert hand_in(signed_in, BROKEN, "../../ours.md", "young_person").status_code == 422
    assert everything_in(settings.home) == before


ODD_NAMES = ("", "form.exe", "form", "form.xlsm", "../../survey.csv", "\x00.xlsx", "a" * 300 + ".md", "𠀀" * 90 + ".md")


@pytest.mark.parametrize("name", ODD_NAMES)
def test_no_name_of_a_file_ends_in_anything_but_a_sentence(signed_in: FlaskClient, name: str) -> None:
    assert hand_in(signed_in, b"nothing", name).status_code == 422


def test_a_form_that_is_too_large_is_refused_and_a_visit_still_may_not_be_large(signed_in: FlaskClient) -> None:
    assert hand_in(signed_in, b"x" * 1_900_000, "form.md").status_code == 422
    assert hand_in(signed_in, b"x" * 2_200_000, "form.md").status_code == 413
    assert signed_in.post("/visit/young_person", data={"yp_text_1": "x" * 1_100_000}).status_code == 413


def test_a_changed_form_becomes_a_draft_that_can_be_previewed_and_forgotten(
    signed_in: FlaskClient, settings: Settings, study: Study
) -> None:
    form = workbook_of_sheets(YOUNG, {("yp_contact", "label::English (en)"): "How often did you talk to an officer?"})
    assert hand_in(signed_in, form, "young.xlsx", "young_person").location == f"{PAGE}/draft"
    shown = signed_in.get(f"{PAGE}/previewed?version=draft&group=young_person").text
    now = signed_in.get(f"{PAGE}/previewed?version={study.instrument.digest}&group=young_person").text
    assert ("How often did you talk to an officer?" in shown, "How often did you talk to an officer?" in now) == (
        True,
        False,
    )
    signed_in.post(f"{PAGE}/draft/drop", data={"csrf_token": csrf_in(signed_in.get(f"{PAGE}/draft").text)})
    assert not draft_folder(settings.study_folder).exists()
    assert signed_in.get(f"{PAGE}/preview?version=draft").status_code == 404


def test_a_coordinator_looks_and_changes_nothing(coordinator: FlaskClient, settings: Settings) -> None:
    assert coordinator.get(f"{PAGE}/preview").status_code == 200
    before = everything_in(settings.home)
    for method, path in (("POST", "check"), ("GET", "draft"), ("POST", "draft/drop")):
        assert coordinator.open(f"{PAGE}/{path}", method=method).status_code == 403
    assert everything_in(settings.home) == before


def test_a_stranger_sees_no_preview(field: FlaskClient) -> None:
    assert field.get(f"{PAGE}/previewed").status_code == 303


def test_a_preview_may_stand_in_our_own_pages_only_and_sends_nothing(signed_in: FlaskClient, study: Study) -> None:
    policy = signed_in.get(f"{PAGE}/previewed").headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    assert "form-action 'none'" in policy
    assert "frame-ancestors 'none'" in signed_in.get(f"{PAGE}/preview").headers["Content-Security-Policy"]
    assert "no-store" in signed_in.get(f"{PAGE}/previewed").headers["Cache-Control"]
    assert tallies(study.stores.office) == ()


def test_a_preview_opens_in_no_tab_of_its_own_where_it_would_pass_for_a_visit(signed_in: FlaskClient) -> None:
    address = f"{PAGE}/previewed?version=&group=young_person"
    assert signed_in.get(address, headers={"Sec-Fetch-Dest": "iframe"}).status_code == 200
    opened = signed_in.get(address, headers={"Sec-Fetch-Dest": "document"})
    assert (opened.status_code, opened.location.partition("?")[0]) == (303, f"{PAGE}/preview")
