"""A study that has ended takes no new visit; what was sealed before is taken for two weeks, and then let go of."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from sqlalchemy import text

from app import create_app
from config import Settings
from errors import NotPermitted, SettingsError, StudyOver
from fieldwork import ending, hold
from fieldwork.admissions import Admission, enrol_tablet, invite, may_start, new_enrolment, walk_in
from fieldwork.approvals import propose_destruction, propose_end, waiting
from fieldwork.deliveries import read_delivery, take_in
from fieldwork.destroying import Destruction, destroy_study, end_study
from fieldwork.ending import LATE, Ending, ending_of
from fieldwork.hold import hold_in_force
from fieldwork.instance import reread
from fieldwork.outbox_files import take_in_file
from fieldwork.proposals import rows_of
from fieldwork.study import Study
from fieldwork.withdrawal import withdraw
from retention_commands import end_study as command
from storage.approvals import Proposal
from storage.journal import COMMAND_LINE, Act, read_journal, write_entry
from storage.journal_key import new_key_file
from storage.journal_newest import MOST
from storage.vaults import count
from tests.approving import IDRIS, MARA, NADIA, OWEN, Here
from tests.approving import TODAY as DAY
from tests.conftest import TODAY
from tests.deliveries import sealed_visit
from tests.fieldwork.test_outbox_files import outbox
from tests.holding import with_staff
from tests.house.test_refusals import RECEIPT
from tests.staff import bearer, open_session, sign_in_as
from tests.visits import amina

TABLET = Admission("tablet", b"", "", "1")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LAST = TODAY + LATE
AFTER = LAST + timedelta(1)
HREF = re.compile(r'<a class="button" href="([^"]+)"')
Run = Callable[..., Result]


def ended(study: Study, day: date = TODAY) -> Study:
    """The study as it is read once it has ended."""
    write_entry(study.stores.office, COMMAND_LINE, Act.STUDY_ENDED, day)
    return replace(study, ending=ending_of(study.stores.office))


@pytest.fixture
def run(settings: Settings) -> Run:
    """Run `flask end-study` and type the study's name, or something else."""

    def told(*words: object, typed: str = "working_together") -> Result:
        where = {"AMANAH_HOME": str(settings.home)}
        return CliRunner().invoke(command, [str(word) for word in words], input=f"{typed}\n", env=where)

    return told


def test_what_was_sealed_before_is_taken_for_two_weeks_and_nothing_begins(study: Study) -> None:
    token, _ = enrol_tablet(study, new_enrolment(study, "Tablet 1", "1", NOW), NOW)
    over = ended(study)
    before, late = (sealed_visit(over, name) for name in ("amina", "late"))
    for begun in (lambda: may_start(over, token, TODAY), lambda: invite(over, "open", LAST)):
        with pytest.raises(StudyOver, match="takes no more answers"):
            begun()
    assert walk_in(over, LAST), "a page that is open already gets its token to deliver with"
    assert take_in(over, read_delivery(before.data), TABLET, LAST)
    for kept in (
        lambda: take_in(over, read_delivery(late.data), TABLET, AFTER),
        lambda: walk_in(over, AFTER),
        lambda: new_enrolment(over, "Tablet 2", "1", NOW + LATE + timedelta(1)),
    ):
        with pytest.raises(StudyOver):
            kept()
    assert count(over.stores.research) == 1
    carried = take_in_file(over, outbox(token, [late.told]), AFTER)
    assert carried.refused == (("This study is over and takes no more answers. Nothing was kept.", 1),)


def test_pages_say_so_devices_let_go_and_a_receipt_still_works(field: FlaskClient, study: Study) -> None:
    posted = field.post("/visit/young_person", data=amina(study.instrument))
    code = RECEIPT.search(posted.text)
    assert code
    token, _ = enrol_tablet(study, new_enrolment(study, "Tablet 1", "1", datetime.now(UTC)), datetime.now(UTC))
    # The app looks at the office every few seconds; here its clock stands still, so it is told by being made anew.
    write_entry(study.stores.office, COMMAND_LINE, Act.STUDY_ENDED, date.today() - LATE - timedelta(1))
    field = create_app(field.application.extensions["amanah_settings"]).test_client()
    visit, json = sealed_visit(study, "amina").data, {"Accept": "application/json"}
    for path in ("/", "/visit/young_person"):
        shown = field.get(path)
        assert (shown.status_code, "This study is over" in shown.text) == (410, True)
        assert "Something is not right" not in shown.text
        assert field.get(HREF.findall(shown.text.partition("<h1>")[2])[0]).status_code == 200, "its start is not there"
    assert field.post("/visit/young_person", data=amina(study.instrument)).status_code == 410
    for headers in (bearer(token), bearer("unknown"), {}):
        told = field.post("/deliveries", data=visit, headers=headers | json)
        assert (told.status_code, told.json) == (
            410,
            {"sentence": "This study is over and takes no more answers. Nothing was kept."},
        )
    assert field.get("/admission", headers=bearer(token) | json).status_code == 410
    assert field.post("/walk-in", headers=json).status_code == 410
    assert count(study.stores.research) == 1
    assert field.post("/withdraw", data={"code": code.group()}).status_code == 200
    assert count(study.stores.research) == 0


def test_a_server_that_runs_takes_it_up_by_itself(settings: Settings, study: Study) -> None:
    now = [0.0]
    field = create_app(settings, lambda: now[0]).test_client()
    assert field.get("/visit/young_person").status_code == 200
    write_entry(study.stores.office, COMMAND_LINE, Act.STUDY_ENDED, date.today())
    now[0] += 10
    assert field.get("/visit/young_person").status_code == 410
    # Whoever has the page open since before may still send it.
    assert field.post("/visit/young_person", data=amina(study.instrument)).status_code == 200


def test_two_administrators_end_a_study_and_nobody_alone(settings: Settings, study: Study, run: Run) -> None:
    here = with_staff(settings, study)
    told = run()
    assert (told.exit_code, "Two administrators must confirm it" in told.output) == (0, True), told.output
    assert ending_of(study.stores.office) is None
    (found,) = open_now(here)
    assert rows_of(found) == (("end", "working_together", ""),)
    with pytest.raises(NotPermitted):
        here.confirm(IDRIS, found)
    assert here.confirm(NADIA, found).state == "waiting"
    assert here.confirm(OWEN, found).state == "confirmed"
    now = reread(study, here.folder)
    assert now.ending
    assert (now.ending.day, now.ending.takes_until) == (DAY, DAY + LATE)
    assert here.acts()[-1] == ("study_ended", "Owen")
    assert "The study ended on" in run().output
    for again in (lambda: propose_end(now, "Mara", DAY), lambda: end_study(now, "Mara", DAY)):
        with pytest.raises(SettingsError, match="ended already"):
            again()


def open_now(here: Here) -> tuple[Proposal, ...]:
    return waiting(here.study, datetime.combine(date.today(), datetime.min.time(), UTC))


def test_without_two_administrators_the_typed_name_is_enough_and_another_ends_nothing(study: Study, run: Run) -> None:
    wrong = run(typed="another")
    assert (wrong.exit_code, "not the study's name" in wrong.output) == (1, True)
    assert ending_of(study.stores.office) is None
    told = run()
    assert (told.exit_code, "The study has ended." in told.output) == (0, True), told.output
    assert ending_of(study.stores.office) is not None


def test_staff_read_that_it_is_over(field: FlaskClient, study: Study, settings: Settings) -> None:
    pages = ("/office", "/office/study", "/office/instruments", "/office/invitations", "/office/health")
    client = sign_in_as(field, study, "administrator", "Mara")
    asked = [page for page in pages if ">asked now<" in client.get(page).text]
    today = date.today()
    destroy_study(ended(study, today), settings.home, Destruction(today.isoformat(), None, False), today)
    client = create_app(settings).test_client()
    open_session(client, study, "Mara")
    shown = {page: client.get(page).text for page in pages}
    assert asked == ["/office/study", "/office/instruments"]
    assert [page for page, text in shown.items() if ">asked now<" in text or ">collected for now<" in text] == []
    told = [page for page, text in shown.items() if "what it kept was destroyed on" in text]
    assert told == ["/office", "/office/study", "/office/invitations", "/office/health"]
    assert "Make invitations" not in shown["/office/invitations"]
    assert "is taken until" not in shown["/office"]


def test_a_row_in_the_journal_that_nobody_signed_ends_no_study_and_damage_does_not_reopen_one(study: Study) -> None:
    office = study.stores.office
    ended(study)
    with office.engine.begin() as connection:
        connection.execute(text("drop trigger journal_no_update"))
        connection.execute(text("update journal set hash = 'x' where number = 1"))
    assert ending_of(office)
    # A forger who has the database alone signs with a key of their own.
    forged = replace(office, journal_key=office.journal_key.with_name("forged.key"))  # type: ignore[union-attr]
    forged.journal_key.write_bytes(new_key_file())  # type: ignore[union-attr]
    with office.engine.begin() as connection:
        connection.execute(text("drop trigger journal_no_delete"))
        connection.execute(text("delete from journal"))
    write_entry(forged, "Mara", Act.STUDY_ENDED, TODAY)
    assert ending_of(office) is None


def test_what_is_remembered_of_the_journal_stays_small_however_long_a_server_runs(study: Study) -> None:
    office = ended(study).stores.office
    for _ in range(MOST + 3):
        write_entry(office, COMMAND_LINE, Act.BUNDLE_MADE, TODAY)
        assert (ending_of(office), hold_in_force(office)) == (Ending(TODAY), None)
    assert (len(ending._found.kept), len(hold._found.kept)) == (MOST, MOST)


def test_what_two_people_agree_to_destroy_is_exactly_what_was_shown(settings: Settings, study: Study) -> None:
    here = with_staff(settings, study)
    over = ended(here.study, DAY)
    wanted = Destruction(DAY.isoformat(), None, True)
    found = propose_destruction(over, "Mara", wanted, DAY)
    assert [row[0] for row in rows_of(found)] == ["destroy", "archive", "archive key", "consents"]
    with pytest.raises(NotPermitted):
        here.confirm(MARA, found)
    here.confirm(NADIA, found)
    agreed = ending_of(study.stores.office)
    assert agreed
    assert agreed.agreed == (wanted.digest,)
    assert Destruction(DAY.isoformat(), None, False).digest not in agreed.agreed
    entry = read_journal(study.stores.office)[-1]
    assert (entry.act, entry.actor, entry.detail) == ("destruction_agreed", "Nadia", wanted.digest)


def test_a_withdrawal_after_the_end_erases_as_ever(study: Study, field: FlaskClient) -> None:
    code = RECEIPT.search(field.post("/visit/young_person", data=amina(study.instrument)).text)
    assert code
    withdraw(ended(study), code.group(), TODAY)
    assert (count(study.stores.research), count(study.stores.identity)) == (0, 0)
