"""What staff do is written down before it happens or does not happen; what participants do is never written down."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from errors import JournalNotWritten
from fieldwork.admissions import enrol_tablet, new_enrolment
from fieldwork.instance import found_instance
from fieldwork.outbox_files import take_in_file
from fieldwork.study import Study
from privacy.receipts import read_receipt
from release.journal import write_release_made
from storage.journal import Act, read_journal
from storage.stores import Addresses, close_stores, create_stores
from tests.changes import STRANGER, sealed_changes, withdrawal_of
from tests.conftest import TODAY, Keys
from tests.deliveries import sealed_visit
from tests.deliveries import several as a_lot
from tests.fieldwork.test_outbox_files import outbox
from tests.house.deeds import DEEDS, NOW, WRITTEN_ONLY, Office, office_in
from tests.house.staff_deeds import STAFF_DEEDS, STAFF_WRITTEN_ONLY, prepare
from tests.house.test_refusals import RECEIPT
from tests.staff import bearer
from tests.visits import amina

# What is shown elsewhere to be written first: it is done by a command, at another machine or on other pages.
ELSEWHERE = {
    Act.INIT: "test_an_instance_is_not_founded_where_its_journal_cannot_be_written",
    Act.MIGRATED: "tests/storage/test_migrating.py",
    Act.CERTIFICATE_MADE: "tests/house/test_journal_commands.py",
    Act.LINKS_DESTROYED: "tests/fieldwork/test_gone.py",
    Act.CONTACT_EXPIRED: "tests/fieldwork/test_gone.py",
    Act.CONSENT_EXPIRED: "tests/fieldwork/test_retention.py",
    Act.RETENTION_TASK_DONE: "tests/fieldwork/test_retention.py",
    Act.STUDY_ENDED: "tests/fieldwork/test_ending.py",
    Act.DESTRUCTION_AGREED: "tests/fieldwork/test_ending.py",
    Act.DESTRUCTION_BEGUN: "tests/fieldwork/test_destroying.py",
    Act.STUDY_DESTROYED: "tests/fieldwork/test_destroying.py",
    Act.BACKUP_MADE: "tests/fieldwork/test_backup.py",
    Act.BACKUPS_DESTROYED: "tests/fieldwork/test_backup.py",
    Act.BACKUP_RESTORED: "tests/fieldwork/test_restore.py",
    Act.RESTORE_REHEARSED: "tests/fieldwork/test_restore.py",
    Act.PEOPLE_SIMULATED: "tests/house/test_journal_commands.py",
    Act.RELEASE_MADE: "test_a_release_is_not_made_where_its_journal_cannot_be_written",
    Act.TEXT_REVIEWED: "tests/field/test_languages_closed.py",
    Act.OPEN_TEXT_REVIEWED: "tests/desk/test_review.py",
    Act.RELEASE_REFUSED: "tests/house/test_journal_commands.py",
    Act.NOISE_PAID: "tests/release/test_public_tables.py",
    Act.KEYS_MADE: "tests/release/test_ceremony.py",
    Act.KEY_ROTATED: "tests/release/test_after_the_ceremony.py",
    Act.KEY_RECOVERED: "tests/release/test_after_the_ceremony.py",
    Act.PASSPHRASE_CHANGED: "tests/release/test_custody.py",
    Act.CUSTODIANS_CHANGED: "tests/release/test_after_the_ceremony.py",
    Act.REHEARSED: "tests/release/test_rehearsal.py",
    Act.IDENTITIES_OPENED: "tests/desk/test_identity_desk.py",
    Act.CONTACT_LIST_MADE: "tests/desk/test_identity_desk.py",
    Act.LETTERS_MADE: "tests/desk/test_identity_desk.py",
    Act.WAVE_INVITATIONS_MADE: "tests/desk/test_identity_waves.py",
    Act.CONSENT_COUNTED: "tests/desk/test_identity_desk.py",
    Act.CONSENT_SHOWN: "tests/desk/test_identity_desk.py",
    Act.ORDER_MADE: "tests/desk/test_orders_at_the_desk.py",
    Act.PROPOSAL_EXPIRED: "test_what_is_too_old_goes_on_waiting_where_its_end_cannot_be_written",
}


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
    check(o, *DEEDS, changes=True)
    check(o, *WRITTEN_ONLY, (Act.OUTBOX_TAKEN_IN, lambda o: take_in_file(o.study, outbox(token, []), TODAY)))


def test_no_act_about_the_staff_happens_that_cannot_be_written_down(tmp_path: Path, keys: Keys) -> None:
    o = office_in(tmp_path, keys)
    prepare(o.study)
    check(o, *((act, of_the_study(deed)) for act, deed in STAFF_WRITTEN_ONLY))
    check(o, *((act, of_the_study(deed)) for act, deed in STAFF_DEEDS), changes=True)


def of_the_study(deed: Callable[[Study], object]) -> Callable[[Office], object]:
    return lambda o: deed(o.study)


def check(o: Office, *deeds: tuple[Act, Callable[[Office], object]], changes: bool = False) -> None:
    """Each deed, in this order, once without the journal and once with it."""
    for act, deed in deeds:
        before, entries = o.state(), read_journal(o.study.stores.office)
        forbid(o.study)
        with pytest.raises(JournalNotWritten):
            deed(o)
        allow(o.study)
        assert (o.state(), read_journal(o.study.stores.office)) == (before, entries), f"{act} happened all the same"
        deed(o)
        assert read_journal(o.study.stores.office)[len(entries)].act == act
        assert (o.state() != before) is changes, f"{act}: the comparison must be able to see it"


def test_every_act_is_tried_here_or_elsewhere() -> None:
    here = (*DEEDS, *WRITTEN_ONLY, *STAFF_DEEDS, *STAFF_WRITTEN_ONLY)
    assert sorted([act for act, _ in here] + [Act.OUTBOX_TAKEN_IN, *ELSEWHERE]) == sorted(Act)


def test_every_act_has_its_row_in_the_document() -> None:
    document = (Path(__file__).parents[2] / "docs" / "journal.md").read_text("utf-8")
    table = document[document.index("| act | written when |") : document.index("What is done by a `flask` command")]
    cells = (re.match(r"\| (`[^|]*) \|", line) for line in table.splitlines())
    assert sorted(act for cell in cells if cell for act in re.findall(r"`(\w+)`", cell[1])) == sorted(Act)


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
    changed = sealed_changes(study, read_receipt(receipt.group()), {"o_quote": "no"})
    posts: dict[str, list[dict[str, Any]]] = {
        "/tablet/enrolment": [{}],
        "/walk-in": [{}],
        "/outcomes": [{"json": counted}],
        "/deliveries": [{"data": sealed_visit(study, "amina").data}, {"data": b"{}"}],
        "/deliveries/several": [{"json": a_lot(sealed_visit(study, "omar").told)}, {"data": b"{}"}],
        "/visit/<group>": [{"data": amina(study.instrument)}, {"data": {}}],
        "/changes": [{"json": changed}, {"data": b"{}"}],
        "/withdrawals": [{"json": withdrawal_of(study, STRANGER)}, {"data": b"{}"}],
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
    assert {200, 201, 401, 422} <= answered <= {200, 201, 204, 303, 401, 404, 422}  # 204: no icon
    assert set(posts) == routes(field, "POST"), "a new route must be tried too"
    assert read_journal(study.stores.office) == before


def in_words(rule: str) -> str:
    return rule.replace("<group>", "young_person").replace("<path:filename>", "form.js")


def routes(field: FlaskClient, method: str) -> set[str]:
    """Every address that is not the staff's."""
    rules = field.application.url_map.iter_rules()
    return {rule.rule for rule in rules if method in rule.methods and not rule.endpoint.startswith("office.")}
