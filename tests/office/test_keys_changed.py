"""A rotation as staff meet it: what will stop working is said before, and what must be made anew afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from babel.dates import format_date
from flask.testing import FlaskClient

from app import create_app
from commands import opened_study
from config import Settings
from fieldwork.admissions import admitted, hash_of, may_start
from fieldwork.approvals import propose_keys
from fieldwork.enrolling import Wanted, batches, invitations_in, make_invitations, withdraw_alike
from fieldwork.examining import Around, examine
from fieldwork.instance import add_keys, reread
from fieldwork.keyrings import Since, known_keyrings, since_when
from fieldwork.study import Study
from privacy.keys import Keyring
from privacy.opening import new_private_key
from storage.admissions import spending
from storage.stores import close_stores
from tests.conftest import STUDY, TODAY, Keys, counted_bytes, new_instance
from tests.staff import employ, open_session

TOMORROW = date.today() + timedelta(days=1)
WANTED = Wanted("single", "young_person", "1", "en", TOMORROW)
CHANGED = TODAY + timedelta(days=2)
NEW = new_private_key("research", STUDY, counted_bytes("keys that staff see change")).public()


@dataclass(frozen=True)
class Office:
    """One instance that has gone through a rotation, with what staff saw before it and what the study was then."""

    settings: Settings
    before: Study
    after: Study
    ring: Keyring
    proposal_page: str
    tokens: tuple[str, ...]

    def page(self, path: str, name: str = "Nadia") -> str:
        client = create_app(self.settings).test_client()
        open_session(client, self.after, name)
        return text(client, path)


def text(client: FlaskClient, path: str) -> str:
    return unescape(" ".join(client.get(path).text.split()))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Iterator[Office]:
    settings = new_instance(tmp_path_factory.mktemp("rotated") / "instance", keys)
    study = opened_study(settings)
    for name in ("Mara", "Nadia"):
        employ(study.stores.office, name)
    tokens = make_invitations(study, "Mara", WANTED, 3, TODAY)
    with spending(study.stores.office, hash_of(tokens[0])):
        pass
    ring = keys.keyring.rotated(NEW)
    propose_keys(study, "Mara", ring.to_json(), datetime.now(UTC).date())
    client = create_app(settings).test_client()
    open_session(client, study, "Nadia")
    shown = text(client, "/office/approvals")
    add_keys(study.stores.office, STUDY, ring.to_json(), CHANGED, "Nadia")
    yield Office(settings, study, reread(study, settings.study_folder), ring, shown, tokens)
    close_stores(study.stores)


def test_before_it_is_confirmed_the_page_says_how_many_links_will_stop_working(office: Office) -> None:
    assert "3 invitations that are not over yet, used or not, hold to the keys of now" in office.proposal_page
    assert "Every tablet then asks its interviewer to compare the new words" in office.proposal_page


def test_afterwards_the_pages_say_which_invitations_must_be_made_anew(office: Office) -> None:
    assert (invitations_in(office.before, "live", TODAY), invitations_in(office.after, "live", TODAY)) == (3, 0)
    # The one that was used is counted too: a number without it would tell that it was.
    assert "3 invitations were made for keys before these, and their links no longer work" in office.page(
        "/office/keys"
    )
    page = office.page("/office/invitations")
    assert "3 invitations were made for keys that the study has replaced" in page
    assert "Keys changed: make anew</td>" in page
    assert ">Live</td>" not in page


def test_what_is_made_afterwards_works_and_stands_on_a_line_of_its_own(office: Office) -> None:
    (token,) = make_invitations(office.after, "Mara", WANTED, 1, TODAY)
    lines = {(one.state, one.number) for one in batches(office.after, TODAY)}
    assert lines == {("outdated", 3), ("live", 1)}
    assert withdraw_alike(office.after, "Mara", hash_of(token), TODAY) == 1
    assert {(one.state, one.number) for one in batches(office.after, TODAY)} == {("outdated", 3), ("withdrawn", 1)}


def test_a_visit_that_was_begun_with_an_old_link_is_still_taken(office: Office) -> None:
    assert admitted(office.after, office.tokens[1], TODAY).kind == "single"
    assert may_start(office.after, office.tokens[1], TODAY)


def as_read(day: date) -> str:
    """As the staff's English pages write a day."""
    return format_date(day, "long", "en_GB")


def test_keys_and_health_say_which_key_seals_and_which_is_retired_and_since_when(office: Office, keys: Keys) -> None:
    old = keys.research.public().short
    since = since_when(known_keyrings(office.after.stores.office).keyrings)
    assert since[old] == Since(TODAY.isoformat(), CHANGED.isoformat())
    assert since[NEW.short] == Since(CHANGED.isoformat())
    page = office.page("/office/keys")
    assert f"Key {old}. Sealed to from {as_read(TODAY)} on. Retired on {as_read(CHANGED)}." in page
    assert f"Key {NEW.short}. Sealed to since {as_read(CHANGED)}." in page
    around = Around(office.settings.home, None, None, True, False)
    facts = examine(office.after, around, CHANGED)
    assert facts.keys_active == (f"identity {keys.identity.public().short} {TODAY}", f"research {NEW.short} {CHANGED}")
    assert facts.keys_retired == (f"research {old} {CHANGED}",)
    assert f"still opening at the desk: research {old} {CHANGED}." in office.page("/office/health")
