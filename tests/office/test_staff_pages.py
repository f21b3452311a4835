"""What staff see of progress, keys, study and health, and what these pages never show."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel.dates import format_date
from flask.testing import FlaskClient

from config import Settings, read_settings
from fieldwork.instance import add_keys
from fieldwork.roles import ROLES, May, Role, may
from fieldwork.study import Study
from fieldwork.upkeep import maintain
from privacy.envelope import Suite
from privacy.keys import Keyring, PublicKey
from storage.office import count_visit, keyrings
from tests.conftest import STUDY, TODAY, Keys
from tests.house.test_commands import flask
from tests.staff import sign_in_as
from tests.storage.tampering import put, stored
from views.office import pages
from views.office.navigation import OWN, TASKS

KINDS = {endpoint: act for _, endpoint, _, act, _ in pages()}
ADDRESSES = {endpoint: f"/office{address}" for address, endpoint, *_ in pages()}


def bar_of(page: str) -> str:
    return page[page.index("<header") : page.index("</header>")]


@pytest.mark.parametrize("role", ROLES)
def test_the_bar_leads_where_the_role_may_go_and_nowhere_else(field: FlaskClient, study: Study, role: Role) -> None:
    client = sign_in_as(field, study, role, "Idris")
    allowed = {ADDRESSES[name] for name in (*TASKS, *OWN) if may(role, KINDS[name])}
    for address in sorted(allowed):
        top = bar_of(client.get(address).text)
        assert set(re.findall(r'<a href="([^"]+)"', top)) == allowed
        assert re.findall(r'<a href="([^"]+)" aria-current="page"', top) == [address]
    refused = {ADDRESSES[name] for name in TASKS if not may(role, KINDS[name])}
    assert [client.get(address).status_code for address in sorted(refused)] == [403] * len(refused)


def test_every_page_that_can_be_looked_at_stands_in_the_bar_or_below_one_that_does() -> None:
    """A page that nobody can find is no page: give it a row in views/office/navigation.py."""
    roots = [ADDRESSES[name] for name in (*TASKS, *OWN) if name != "home"]
    shown = [f"/office{address}" for address, _, methods, *_ in pages() if "GET" in methods.split() and address]
    shown.remove("/office/again")  # stands before what is dangerous, and leads on to it
    assert [one for one in shown if not any(one == root or one.startswith(f"{root}/") for root in roots)] == []


def test_a_page_below_another_marks_that_one(signed_in: FlaskClient) -> None:
    assert 'href="/office/instruments" aria-current="true"' in bar_of(signed_in.get("/office/instruments/preview").text)


def test_fewer_than_five_look_like_nobody_on_the_whole_page(signed_in: FlaskClient, study: Study) -> None:
    maintain(study, TODAY)
    before = signed_in.get("/office").text
    for outcome, group, site, month in (
        ("finished", "young_person", "1", "2026-11"),
        ("refused", "young_person", "", ""),
        ("not_eligible", "young_person", "", ""),
        ("withdrawn", "", "", "2026-11"),
    ):
        for _ in range(4):
            count_visit(study.stores.office, outcome, group, site, month)  # type: ignore[arg-type]
    maintain(study, TODAY)
    after = signed_in.get("/office").text
    assert body_of(after) == body_of(before)
    assert after.count("&lt;5") == 6 + 6 + 3  # a month and the sum of six places, three other outcomes


def body_of(page: str) -> str:
    """A page without what each showing of it draws anew, and the seconds that are left."""
    return re.sub(r'name="csrf_token"[^>]*|data-(rest|end)="\d+"', "", page[page.index("<main") :])


def test_a_bar_is_as_long_as_the_number_beside_it_and_no_longer(signed_in: FlaskClient, study: Study) -> None:
    for _ in range(12):
        count_visit(study.stores.office, "finished", "young_person", "1", "2026-11")
    maintain(study, TODAY)
    for _ in range(3):
        count_visit(study.stores.office, "finished", "young_person", "1", "2026-11")
    page = signed_in.get("/office").text
    assert "<bdi>Young person, 16 to 25</bdi>: 12 or more of 60" in page
    assert re.findall(r'class="after" x="1" y="4" width="(\d+)"', page) == ["80", "0", "0", "0", "0", "0"]
    assert re.findall(r'class="before" x="1" y="1" width="(\d+)"', page) == ["400", "200", "200"] * 2
    assert "No quota is reached yet." in page


def test_a_quota_that_is_reached_is_said_in_words(signed_in: FlaskClient, study: Study) -> None:
    for _ in range(33):
        count_visit(study.stores.office, "finished", "police_officer", "2", "2026-11")
    maintain(study, TODAY)
    page = signed_in.get("/office").text
    assert "1 of 6 quotas are reached." in page
    assert "<bdi>Police officer</bdi>: reached, 33 or more of 30" in page


def test_a_page_that_was_never_counted_says_what_to_do(signed_in: FlaskClient) -> None:
    assert "Have flask maintain run every night" in signed_in.get("/office").text


def test_the_keys_page_shows_every_key_in_digits_and_words_and_the_keyrings_before(
    field: FlaskClient, study: Study, keys: Keys, settings: Settings
) -> None:
    research = PublicKey("research", STUDY, b"x" * 32, b"w" * 1216)
    first = keys.keyring
    newest = Keyring(STUDY, (research, first.keys[1], replace(first.keys[0], status="retired")))
    add_keys(study.stores.office, STUDY, newest.to_json(), date(2026, 12, 1))
    page = sign_in_as(field, study, "coordinator", "Idris").get("/office/keys").text
    told = flask("keys", "show", home=settings.home).stdout
    digests = [key.digest(suite) for key in newest.keys for suite in Suite]
    assert len(digests) == 6
    for digest in (newest.digest, *digests):
        for words in (digest.groups, " ".join(digest.words)):
            assert words in page
            assert words in told
    assert page.count("retired: still opens") == 2
    assert page.count("in use</span>") == 4
    assert "If one word or digit differs, stop collecting" in page
    assert "came on 1 December 2026" in page
    assert page.index("Keyrings before this one") < page.index(first.fingerprint)
    assert f"came on {format_date(TODAY, 'long', 'en_GB')}" in page


def test_fingerprints_can_be_compared_where_the_journal_is_spoilt(
    signed_in: FlaskClient, study: Study, keys: Keys
) -> None:
    office = study.stores.office
    assert "The journal cannot be read" not in signed_in.get("/office/keys").text
    put(office, [stored(office)[0] | {"entry": "{"}, *stored(office)[1:]])
    page = signed_in.get("/office/keys")
    assert page.status_code == 200
    assert "The journal cannot be read" in page.text
    assert keys.keyring.fingerprint in page.text


def test_without_keys_the_keys_page_says_how_to_bring_them(signed_in: FlaskClient, study: Study) -> None:
    with study.stores.office.engine.begin() as connection:
        connection.execute(keyrings.delete())
    assert "add it with flask keys add" in signed_in.get("/office/keys").text


def test_the_study_page_says_what_people_are_promised(signed_in: FlaskClient, study: Study) -> None:
    page = signed_in.get("/office/study").text
    for words in ("28 days, rounded up", "24 months", "10 years", "35 days", "The plain path is on", "institution"):
        assert words in page
    assert study.instrument.digest in page
    assert "Every text of the study has words in it" in page
    assert 'href="/office/instruments"' in page[page.index("<main") :]


def test_the_health_page_says_what_is_wrong_in_words_and_what_the_command_says(
    signed_in: FlaskClient, settings: Settings
) -> None:
    page = signed_in.get("/office/health").text
    done = flask("health", home=settings.home)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert "Attention: Nightly upkeep: flask maintain has never run here." in done.stdout
    assert len(re.findall(r'class="state (?:ok|attention|stop)"', page)) == len(lines)
    for words in ("Nobody told this instance where its backups go", "flask maintain has never run here"):
        assert words in page
        assert words in done.stdout
    shown = re.search(r'data-clock datetime="([^"]+)"', page)
    assert shown
    assert abs((datetime.now(UTC) - datetime.fromisoformat(shown.group(1))).total_seconds()) < 60


def test_settings_name_backups_and_certificate(settings: Settings, tmp_path: Path) -> None:
    told = read_settings(settings.home, {"AMANAH_BACKUPS": "kept", "AMANAH_CERTIFICATE": str(tmp_path / "a.pem")})
    assert (told.backups, told.certificate) == (settings.home / "kept", tmp_path / "a.pem")
    assert (settings.backups, settings.certificate) == (None, None)


def test_a_coordinator_does_not_see_the_instances_health() -> None:
    assert not may("coordinator", May.SEE_HEALTH)
    assert may("coordinator", May.SEE_KEYS)
