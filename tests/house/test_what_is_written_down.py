"""What staff do is written down before it happens or does not happen; what participants do is never written down."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import MetaData, select, text

from commands import addresses_of
from config import Settings, read_settings
from errors import JournalNotWritten
from fieldwork.admissions import enrol_tablet, invite, new_enrolment
from fieldwork.bundles import make_bundle
from fieldwork.drafts import Upload, begin_draft, decide, draft_folder, drop_draft, name_draft, to_decide
from fieldwork.enrolling import Wanted, batches, begin_enrolment, make_invitations, revoke, withdraw_alike
from fieldwork.instance import (
    add_keys,
    add_study,
    copy_study,
    found_instance,
    make_folder,
    open_study,
    renew_journal_key,
)
from fieldwork.journal import checkpoint, pen_of, write_not_permitted
from fieldwork.outbox_files import take_in_file
from fieldwork.staff.office_keys import office_keys
from fieldwork.staff.own_factors import change_password, confirm_totp, make_recovery_codes, offered_secret
from fieldwork.staff.paces import Paces
from fieldwork.staff.sessions import begin_session
from fieldwork.staff.signing_in import Door
from fieldwork.staff.totp import code_at
from fieldwork.study import Study
from fieldwork.versions import adopt, compare, refuse_adoption
from release.journal import write_release_made
from storage.journal import Act, read_journal
from storage.staff import StaffMember, staff_named
from storage.stores import Addresses, close_stores, create_stores
from tests.conftest import STUDY, TODAY, Keys
from tests.deliveries import sealed_visit
from tests.fieldwork.test_outbox_files import outbox
from tests.house.test_refusals import RECEIPT
from tests.office.test_drafts import FORM
from tests.staff import PASSWORD, bearer, employ
from tests.visits import amina

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
STAFF_KEYS = office_keys("the secret of the tests")
WANTED = Wanted("single", "", "", "", TODAY + timedelta(days=7))
# What is shown elsewhere to be written first: it is done by a command, at another machine or on other pages.
ELSEWHERE = {
    Act.INIT: "test_an_instance_is_not_founded_where_its_journal_cannot_be_written",
    Act.CERTIFICATE_MADE: "tests/house/test_journal_commands.py",
    Act.PEOPLE_SIMULATED: "tests/house/test_journal_commands.py",
    Act.RELEASE_MADE: "test_a_release_is_not_made_where_its_journal_cannot_be_written",
    Act.RELEASE_REFUSED: "tests/house/test_journal_commands.py",
}


@dataclass(frozen=True)
class Office:
    """An instance, and all that a deed needs of it."""

    settings: Settings
    study: Study
    keys: Keys
    folder: Path

    @property
    def sheets(self) -> Path:
        return self.settings.study_folder

    def state(self) -> str:
        """All that the stores and the instance's folder hold, but for the journal."""
        told = hashlib.sha256()
        for store in (self.study.stores.research, self.study.stores.identity, self.study.stores.office):
            found = MetaData()
            found.reflect(store.engine)
            with store.engine.connect() as connection:
                for table in found.sorted_tables:
                    rows = connection.execute(select(table)).all() if table.name != "journal" else []
                    told.update(repr((table.name, sorted(map(repr, rows)))).encode())
        files = [*self.settings.home.rglob("*"), *self.folder.iterdir()]
        for file in sorted(file for file in files if file.is_file() and ".db" not in file.name):
            told.update(f"{file}".encode() + file.read_bytes())
        return told.hexdigest()


def office_in(tmp_path: Path, keys: Keys) -> Office:
    form, out = tmp_path / "visitors.md", tmp_path / "out"
    out.mkdir()
    form.write_text(FORM, "utf-8")
    make_folder(tmp_path / "instance", STUDY, demo=True)
    settings = read_settings(tmp_path / "instance", {})
    copy_study(form, settings.study_folder, plain_path=True)
    stores = found_instance(addresses_of(settings), settings.tombstone_files, TODAY)
    add_study(stores.office, settings.study_folder, TODAY)
    add_keys(stores.office, STUDY, keys.keyring.to_json(), TODAY)
    study = open_study(STUDY, settings.study_folder, addresses_of(settings), settings.tombstone_files)
    employ(study.stores.office, "Mara")
    offered_secret(study.stores.office, STAFF_KEYS, "a session", "Mara", NOW)
    for name in ("Tablet 1", "Tablet 2"):
        enrol_tablet(study, new_enrolment(study, name, "", NOW), NOW)
    invite(study, **vars(WANTED))
    return Office(settings, study, keys, out)


def bring(o: Office) -> None:
    begin_draft(o.sheets, "questionnaire", Upload("again.md", FORM.encode()), pen_of(o.study, "Mara", TODAY))


def classify(o: Office) -> None:
    decisions = [one.likely for one in to_decide(o.sheets, "questionnaire")]
    decide(o.sheets, "questionnaire", decisions, pen_of(o.study, "Mara", TODAY))


def take_up(o: Office) -> None:
    found = compare(o.study.stores.office, STUDY, o.sheets, draft_folder(o.sheets))
    adopt(o.study.stores.office, found, o.sheets, TODAY, "Mara", True)


def refuse(o: Office) -> None:
    found = compare(o.study.stores.office, STUDY, o.sheets, o.sheets)
    refuse_adoption(pen_of(o.study, "Mara", TODAY), found)


def mara(o: Office) -> StaffMember:
    found = staff_named(o.study.stores.office, "Mara")
    assert found
    return found


def connect(o: Office) -> None:
    code = code_at(offered_secret(o.study.stores.office, STAFF_KEYS, "a session", "Mara", NOW), NOW)
    confirm_totp(o.study.stores.office, STAFF_KEYS, "a session", mara(o), code, NOW)


def another_password(o: Office) -> None:
    door = Door(o.study.stores.office, STAFF_KEYS, Paces(), None, "")
    change_password(door, mara(o), PASSWORD, "violet harbour seven kettles", NOW)


# In this order: a later one stands on what an earlier one did.
DEEDS: tuple[tuple[Act, Callable[[Office], object]], ...] = (
    (Act.KEYS_ADDED, lambda o: add_keys(o.study.stores.office, STUDY, o.keys.keyring.to_json(), TODAY)),
    (Act.BUNDLE_MADE, lambda o: make_bundle(o.study, o.folder / "bundle", "Mara", TODAY, "research")),
    (Act.TABLET_ENROLMENT_OPENED, lambda o: begin_enrolment(o.study, "Mara", "Tablet 3", "", NOW)),
    (Act.TABLET_REVOKED, lambda o: revoke(o.study, "Mara", "Tablet 1", TODAY)),
    (Act.INVITATIONS_MADE, lambda o: make_invitations(o.study, "Mara", WANTED, 2, TODAY)),
    (Act.INVITATION_WITHDRAWN, lambda o: withdraw_alike(o.study, "Mara", batches(o.study, TODAY)[0].key, TODAY)),
    (Act.DRAFT_FORM_BROUGHT, bring),
    (Act.DRAFT_NAMED, lambda o: name_draft(o.sheets, "2", pen_of(o.study, "Mara", TODAY))),
    (Act.DRAFT_CLASSIFIED, classify),
    (Act.STUDY_ADDED, take_up),
    (Act.DRAFT_DROPPED, lambda o: drop_draft(o.sheets, pen_of(o.study, "Mara", TODAY))),
    (Act.SIGNED_IN, lambda o: begin_session(o.study.stores.office, "Mara", NOW)),
    (Act.SECOND_FACTOR_SET, connect),
    (Act.RECOVERY_CODES_MADE, lambda o: make_recovery_codes(o.study.stores.office, mara(o), TODAY)),
    (Act.PASSWORD_CHANGED, another_password),
    (Act.JOURNAL_KEY_RENEWED, lambda o: renew_journal_key(o.study.stores.office, o.settings.journal_key, "x", TODAY)),
)
# These change nothing but the journal.
WRITTEN_ONLY: tuple[tuple[Act, Callable[[Office], object]], ...] = (
    (Act.CHECKPOINT_MADE, lambda o: checkpoint(o.study, "Mara", TODAY)),
    (Act.NOT_PERMITTED, lambda o: write_not_permitted(pen_of(o.study, "Idris", TODAY), "read the journal")),
    (Act.ADOPTION_REFUSED, refuse),
)


def forbid(study: Study) -> None:
    """From now on the table takes no entry, as on a disk that is full or read-only."""
    with study.stores.office.engine.begin() as connection:
        connection.execute(text("create trigger full before insert on journal begin select raise(abort, 'full'); end"))


def allow(study: Study) -> None:
    with study.stores.office.engine.begin() as connection:
        connection.execute(text("drop trigger full"))


def test_no_act_happens_that_cannot_be_written_down_and_every_act_that_happens_is(tmp_path: Path, keys: Keys) -> None:
    o = office_in(tmp_path, keys)
    token, _ = enrol_tablet(o.study, new_enrolment(o.study, "Tablet 9", "", NOW), NOW)
    carried = (Act.OUTBOX_TAKEN_IN, lambda o: take_in_file(o.study, outbox(token, []), TODAY))
    for act, deed in (*DEEDS, *WRITTEN_ONLY, carried):
        before, entries = o.state(), read_journal(o.study.stores.office)
        forbid(o.study)
        with pytest.raises(JournalNotWritten):
            deed(o)
        allow(o.study)
        assert (o.state(), read_journal(o.study.stores.office)) == (before, entries), f"{act} happened all the same"
        deed(o)
        assert read_journal(o.study.stores.office)[len(entries)].act == act
        assert (o.state() != before) is ((act, deed) in DEEDS), f"{act}: the comparison must be able to see it"


def test_every_act_is_tried_here_or_elsewhere() -> None:
    tried = [act for act, _ in (*DEEDS, *WRITTEN_ONLY)] + [Act.OUTBOX_TAKEN_IN, *ELSEWHERE]
    assert sorted(tried) == sorted(Act)


def test_an_instance_is_not_founded_where_its_journal_cannot_be_written(tmp_path: Path) -> None:
    addresses = Addresses(*(f"sqlite:///{tmp_path}/{name}.db" for name in ("research", "identity", "office")))
    with pytest.raises(JournalNotWritten):
        found_instance(addresses, (), TODAY)
    made = create_stores(addresses)
    assert read_journal(made.office) == ()
    close_stores(made)


def test_a_release_is_not_made_where_its_journal_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "release-journal").write_text("a file stands in the way", "utf-8")
    with pytest.raises(JournalNotWritten):
        write_release_made(tmp_path, "test", TODAY)


def test_nothing_that_participants_and_devices_do_is_written_down(field: FlaskClient, study: Study) -> None:
    """Every public and every bearer route, tried as somebody who takes part does, and as somebody unknown."""
    code = new_enrolment(study, "Tablet 1", "1", datetime.now(UTC))
    before = read_journal(study.stores.office)
    token = field.post("/tablet/enrolment", headers=bearer(code)).json["token"]
    receipt = RECEIPT.search(field.post("/visit/young_person", data=amina(study.instrument)).text)
    assert receipt
    counted = {"outcome": "refused", "group": "young_person"}
    posts: dict[str, list[dict[str, Any]]] = {
        "/tablet/enrolment": [{}],
        "/walk-in": [{}],
        "/outcomes": [{"json": counted}],
        "/deliveries": [{"data": sealed_visit(study, "amina").data}, {"data": b"{}"}],
        "/visit/<group>": [{"data": amina(study.instrument)}, {"data": {}}],
        "/withdraw/choices": [{"data": {"code": receipt.group(), "o_quote": "yes"}}],
        "/withdraw": [{"data": {"code": receipt.group()}}, {"data": {"code": "wrong"}}],
    }
    answered = set()
    for headers in (bearer(token), bearer("unknown"), {}):
        for rule, several in posts.items():
            for words in several:
                answered.add(field.post(in_words(rule), headers=headers, **words).status_code)
        for rule in routes(field, "GET"):
            with field.get(in_words(rule), headers=headers) as answer:
                answered.add(answer.status_code)
    assert {200, 201, 401, 422} <= answered <= {200, 201, 303, 401, 404, 422}
    assert set(posts) == routes(field, "POST"), "a new route must be tried too"
    assert read_journal(study.stores.office) == before


def in_words(rule: str) -> str:
    return rule.replace("<group>", "young_person").replace("<path:filename>", "form.js")


def routes(field: FlaskClient, method: str) -> set[str]:
    """Every address that is not the staff's."""
    rules = field.application.url_map.iter_rules()
    return {rule.rule for rule in rules if method in rule.methods and not rule.endpoint.startswith("office.")}
