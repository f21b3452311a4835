"""What had to go is gone: links after the cut-off, contact details after their quarter. What stays tells nothing."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from click import Command
from click.testing import CliRunner, Result
from sqlalchemy import inspect, literal_column, select, table, text

import retention_commands
from app import create_app
from config import Settings
from fieldwork.admissions import Admission
from fieldwork.deliveries import read_delivery, take_in
from fieldwork.keeping import last_of_contact
from fieldwork.kept import holding_of, shown_to_staff
from fieldwork.study import Study
from fieldwork.upkeep import maintain, put_right
from fieldwork.visits import FinishedVisit, finish_visit
from instruments.consent import gate
from privacy.envelope import Context
from storage.journal import Act, Entry, read_journal
from storage.stores import close_stores
from storage.tombstones import bury, grave_of
from storage.vaults import Vault, count, erase_records, rows
from tests.conftest import TODAY, Keys
from tests.deliveries import sealed_visit
from tests.visits import amina

DAY = timedelta(1)
CONTACT = {"v_name": "Amina", "v_phone": "07700 900123", "v_contact_how": "Text first"}
LAST_OF_LINK, LAST_OF_CONTACT = date(2026, 12, 27), date(2028, 10, 1)
LONG_AGO = date(2024, 1, 15)


def visited(study: Study, day: date = TODAY, contact: dict[str, str] | None = None) -> None:
    said = {name: values[0] for name, values in amina(study.instrument, o_recontact="yes" if contact else "no").items()}
    consent = gate(study.instrument, "young_person", 19, said)
    finish_visit(study, FinishedVisit("young_person", "en", "self", {"site": 1}, consent, contact or {}), day)


def kinds(study: Study, keys: Keys) -> list[str]:
    """The kinds of documents in the identity vault, as the custodians open them."""
    context = ("identity", study.name, study.instrument.digest)
    found = rows(study.stores.identity)
    return sorted(str(keys.identity.open(one, Context(*context, row))["kind"]) for row, one in found)


def shape(vault: Vault) -> list[tuple[str, object]]:
    """All that the server sees of a vault, with what is random in each row told by its length only."""
    told = []
    with vault.engine.connect() as connection:
        for name in sorted(inspect(vault.engine).get_table_names()):
            for row in connection.execute(select(literal_column("*")).select_from(table(name))):
                told.append((name, [len(cell) if isinstance(cell, bytes) else cell for cell in row]))
    return sorted(told, key=repr)


def at_rest(vault: Vault) -> bytes:
    """Every byte of the SQLite database: the file, its log, and what else lies beside it."""
    path = Path(str(vault.engine.url.database))
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def written(study: Study, *acts: Act) -> list[Entry]:
    return [entry for entry in read_journal(study.stores.office) if entry.act in acts]


@pytest.mark.parametrize("way", ["plain path", "device"])
def test_the_server_cannot_tell_who_gave_contact_details(study: Study, way: str) -> None:
    seen = []
    for contact in ({}, CONTACT, {name: "ن" * 200 for name in ("v_name", "v_phone", "v_email", "v_contact_how")}):
        if way == "plain path":
            visited(study, TODAY, contact)
        else:
            sent = sealed_visit(study, str(contact), contact_given=contact)
            take_in(study, read_delivery(sent.data), Admission("tablet", b"", "", "1", False), TODAY)
        seen.append((shape(study.stores.identity), shape(study.stores.research)))
        put_right(study, LAST_OF_CONTACT + DAY)
        with study.stores.identity.engine.begin() as connection:
            connection.execute(text("delete from records"))
        with study.stores.research.engine.begin() as connection:
            connection.execute(text("delete from records"))
    assert seen[0] == seen[1] == seen[2]
    assert [name for name, _ in seen[0][0]].count("records") == 3


def test_after_the_cut_off_no_link_and_no_tag_is_left_on_the_disk(study: Study, keys: Keys) -> None:
    for _ in range(6):
        visited(study)
    vaults = (study.stores.identity, study.stores.research)
    with study.stores.identity.engine.connect() as connection:
        gone = [bytes(tag) for tag in connection.scalars(text("select distinct tag from tags"))]
        linked = connection.scalars(text("select id from limits where kind = 'link'")).all()
    sealed = dict(rows(study.stores.identity))
    gone += [sealed[bytes(one)].to_bytes()[:64] for one in linked] + [sealed[bytes(one)].sealed[-64:] for one in linked]
    with study.stores.research.engine.connect() as connection:
        gone += [bytes(tag) for tag in connection.scalars(text("select tag from tags"))]
    assert len(gone) == 24
    put_right(study, LAST_OF_LINK)
    assert all(any(one in at_rest(vault) for vault in vaults) for one in gone), "the search itself must find"
    put_right(study, LAST_OF_LINK + DAY)
    assert not any(one in at_rest(vault) for vault in vaults for one in gone)
    assert kinds(study, keys) == ["consent"] * 6 + ["contact"] * 6
    assert count(study.stores.research) == 6


def test_contact_details_go_after_their_quarter_and_the_consent_record_stays(study: Study, keys: Keys) -> None:
    visited(study, contact=CONTACT)
    put_right(study, LAST_OF_CONTACT)
    assert kinds(study, keys) == ["consent", "contact"]
    put_right(study, LAST_OF_CONTACT + DAY)
    assert kinds(study, keys) == ["consent"]


@pytest.mark.parametrize(
    ("today", "months", "last"),
    [
        (TODAY, 24, LAST_OF_CONTACT),
        (date(2026, 10, 1), 24, date(2028, 10, 1)),
        (date(2026, 12, 31), 12, date(2027, 10, 1)),
        (date(2027, 1, 1), 12, date(2028, 1, 1)),
        (date(2026, 8, 31), 6, date(2027, 1, 1)),
        (date(2026, 11, 23), 1, date(2026, 12, 1)),
        (date(2026, 12, 1), 0, date(2026, 12, 1)),
        (date(2026, 12, 31), 120_000, date(9999, 10, 1)),
    ],
)
def test_contact_details_are_never_kept_longer_than_promised(today: date, months: int, last: date) -> None:
    assert last_of_contact(today, months) == last
    assert (last.year - today.year) * 12 + last.month - today.month <= months


def test_a_restored_backup_lets_go_of_links_and_contact_details_before_anything_is_served(
    study: Study, settings: Settings, keys: Keys, tmp_path: Path
) -> None:
    visited(study, LONG_AGO, CONTACT)
    visited(study, date.today(), CONTACT)
    shutil.copytree(settings.home / "stores", tmp_path / "backup")
    maintain(study, date.today())
    close_stores(study.stores)
    shutil.rmtree(settings.home / "stores")
    shutil.copytree(tmp_path / "backup", settings.home / "stores")
    assert kinds(study, keys) == ["consent"] * 2 + ["contact"] * 2 + ["link"] * 2
    served = create_app(settings).extensions["amanah"]
    assert kinds(served, keys) == ["consent"] * 2 + ["contact"] + ["link"]
    assert holding_of(served, date.today()).late == 0


def test_contact_details_that_were_forgotten_do_not_come_back_with_a_backup(
    study: Study, settings: Settings, keys: Keys, tmp_path: Path
) -> None:
    visited(study, contact=CONTACT)
    with study.stores.identity.engine.connect() as connection:
        ((forgotten,),) = connection.execute(text("select id from limits where kind = 'contact'")).all()
    shutil.copytree(settings.home / "stores", tmp_path / "backup")
    bury(study.stores.office, study.tombstone_files, [grave_of(bytes(forgotten))])
    assert erase_records(study.stores.identity, [bytes(forgotten)]) == 1
    close_stores(study.stores)
    shutil.rmtree(settings.home / "stores")
    shutil.copytree(tmp_path / "backup", settings.home / "stores")
    assert put_right(study, TODAY).erased_again == 1
    assert kinds(study, keys) == ["consent", "link"]


def test_what_goes_is_written_down_in_steps_and_only_when_something_goes(study: Study) -> None:
    for _ in range(7):
        visited(study)
    visited(study, TODAY + 7 * DAY)
    maintain(study, LAST_OF_LINK)
    assert written(study, Act.LINKS_DESTROYED, Act.CONTACT_EXPIRED) == []
    for day in (LAST_OF_LINK + DAY, LAST_OF_LINK + 2 * DAY, LAST_OF_LINK + 8 * DAY, LAST_OF_CONTACT + DAY):
        maintain(study, day)
    told = [(entry.act, entry.count, entry.detail) for entry in written(study, *Act)[-3:]]
    assert told == [("links_destroyed", 5, ""), ("links_destroyed", 0, ""), ("contact_expired", 5, "")]


def run(command: Command, home: Path) -> Result:
    return CliRunner().invoke(command, [], env={"AMANAH_HOME": str(home)})


def test_a_journal_that_cannot_be_written_keeps_nothing_alive(study: Study, settings: Settings, keys: Keys) -> None:
    visited(study, LONG_AGO)
    (settings.home / "journal.key").unlink()
    told = run(retention_commands.maintain, settings.home)
    assert kinds(study, keys) == ["consent"]
    assert told.exit_code == 1
    assert "could not be written into the journal; it is erased all the same" in told.output
    assert "links_destroyed, contact_expired" in told.output


def test_the_command_shows_that_they_are_gone(study: Study, settings: Settings) -> None:
    visited(study, date.today())
    visited(study, LONG_AGO)
    late = run(retention_commands.links, settings.home)
    # Four tags, the link and the contact details of long ago.
    assert (late.exit_code, "6 of them are past their last day" in late.output) == (1, True)
    assert "Links between the two vaults: 2 (last days 2024-02-18 to " in late.output
    assert run(retention_commands.maintain, settings.home).exit_code == 0
    well = run(retention_commands.links, settings.home)
    assert well.exit_code == 0
    assert "Contact details, given or empty: 1 (" in well.output
    assert well.output.splitlines()[-1] == "None is past its last day: what had to go is gone."


def test_what_staff_are_shown_moves_in_steps_of_five(study: Study) -> None:
    seen = []
    for come in (4, 1, 2, 2, 3):
        for _ in range(come):
            visited(study)
        maintain(study, TODAY)
        seen.append(shown_to_staff(study).links)
    assert seen == [0, 5, 5, 5, 10], "never 7 or 12: beside the finished visits these would tell who withdrew"
    maintain(study, LAST_OF_LINK + DAY)
    assert (shown_to_staff(study).links, shown_to_staff(study).contact) == (0, 10)
