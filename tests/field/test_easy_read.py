"""The easy-read sheet in the field app: its own page, without script, the same for everybody."""

from __future__ import annotations

from flask.testing import FlaskClient


def test_it_stands_above_the_full_sheet_and_both_name_their_versions(field: FlaskClient) -> None:
    answer = field.get("/easy-read/young_person?lang=en")
    assert answer.status_code == 200
    assert "public" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    easy, full = answer.text.split("<details", 1)
    assert "You are aged 16 to 25." in easy
    assert "What you agree to is the full sheet" in easy
    assert "We are asking many young people. Nobody has picked you out" in full
    assert "info-1.0" in full
    assert "easy-1.0" in full


def test_each_group_reads_its_own(field: FlaskClient) -> None:
    assert "cases, sources or operations" in field.get("/easy-read/police_officer").text
    assert "cases, sources or operations" not in field.get("/easy-read/community_leader").text
    assert field.get("/easy-read/nobody").status_code == 404


def test_it_is_in_reach_before_consent_and_nowhere_after(field: FlaskClient) -> None:
    page = field.get("/visit/young_person?lang=en").text
    sections = page.split('<section data-part="')[1:]
    offered = [section.partition('"')[0] for section in sections if "/easy-read/young_person?lang=en" in section]
    assert offered == ["information", "understanding", "consent"]


def test_a_tablet_may_go_there_and_keeps_it(field: FlaskClient) -> None:
    worker = field.get("/worker.js").text
    assert "/(visit|easy-read)/(young_person|" in worker
    assert "/easy-read/young_person?lang=en" in field.get("/tablet").text
