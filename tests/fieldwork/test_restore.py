"""A backup that is put back undoes no withdrawal, lets nobody in who was shut out, and is put back whole or not."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from commands import opened_study
from errors import BackupRefused, JournalNotWritten, StorageError
from fieldwork.admissions import enrol_tablet, new_enrolment
from fieldwork.backups.alone import alone
from fieldwork.backups.life import destroy_old
from fieldwork.backups.making import make_backup
from fieldwork.backups.manifest import FILE, SIGNED, Listed, Manifest, read_manifest, write_manifest
from fieldwork.backups.places import COPIES
from fieldwork.backups.restoring import begin_to_serve, rehearse, restore
from fieldwork.backups.staging import Wanted
from fieldwork.bundles import make_bundle
from fieldwork.deliveries import read_delivery, take_in
from fieldwork.destroying import Destruction, destroy_study, end_study
from fieldwork.enrolling import revoke
from fieldwork.hold import hold_in_force
from fieldwork.instance import renew_journal_key
from fieldwork.kept import holding_of
from fieldwork.withdrawal import withdraw
from release.build import build_release
from release.dataset import open_records
from release.export import write_release
from release.source import open_source
from release.specification import Specification
from storage.journal import COMMAND_LINE, Act, read_journal
from storage.journal_check import verify_journal
from storage.journal_key import new_key_file, signer_in, signer_of
from storage.members import change_member
from storage.office import tablets
from storage.staff import add_staff, recovery_codes, set_recovery_codes, spend_recovery_code, staff
from storage.stores import close_stores
from storage.tombstones import FIRST_LINE, is_buried
from storage.vaults import count, erase, how_many, until_of
from tests.backups import LATER, WALK_IN, Lived, arrive, lived
from tests.conftest import TODAY, Keys, contents, new_instance
from tests.deliveries import Sent, sealed_visit
from tests.holding import held, with_staff
from tests.releases import SIGNER

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PEOPLE, GONE = 19, 12


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Lived:
    return lived(new_instance(tmp_path_factory.mktemp("restored") / "instance", keys), PEOPLE)


@pytest.fixture(scope="module")
def left(once: Lived, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """The same after twelve of them have withdrawn, and one more has come."""
    return withdrawn(once.copy(tmp_path_factory.mktemp("left")), GONE)


@pytest.fixture
def here(left: Lived, tmp_path: Path) -> Lived:
    return left.copy(tmp_path)


def withdrawn(here: Lived, number: int) -> Lived:
    with here.study() as study:
        for one in here.visits[:number]:
            withdraw(study, one.receipt.grouped, LATER)
        arrive(study, "later", today=LATER)
    return here


def sealed_of(sent: Sent) -> list[bytes]:
    """The last bytes of each envelope that a device sent: what nothing else holds."""
    return [sent.envelope(half).to_bytes()[-200:] for half in ("research", "identity", "contact", "link")]


def nobody_is_back(here: Lived, keys: Keys, gone: int, tmp_path: Path) -> None:
    """By row, by tag, in the bytes of files and logs, in a bundle and in a release."""
    with here.study() as study:
        assert count(study.stores.research) == len(here.visits) - gone
        for one in here.visits[:gone]:
            tags = [bytes.fromhex(one.parcel(half)["tag"]) for half in ("research", "identity")]
            for vault, tag in zip((study.stores.research, study.stores.identity), tags, strict=True):
                assert until_of(vault, tag) is None
                assert how_many(vault, tag) == 0
                assert is_buried(study.stores.office, tag)
        make_bundle(study, tmp_path / "bundle", COMMAND_LINE, LATER, "research")
        present = b"".join(contents(here.home / "stores").values())
    bundle = (tmp_path / "bundle").read_bytes()
    for one in here.visits[:gone]:
        assert not [sealed for sealed in sealed_of(one) if sealed in present + bundle]
    for one in here.visits[gone:]:
        assert all(sealed in present for sealed in sealed_of(one)), "the search itself must find"
    assert released(tmp_path / "bundle", keys, tmp_path / "release") == len(here.visits) - gone


def released(bundle: Path, keys: Keys, out: Path) -> int:
    """How many people are in a release of this bundle."""
    source = open_source(bundle)
    dataset = open_records(source.rows(), [keys.research], source.instruments)
    ordered = Specification("test", ("young_person",), 5, ("csv",), "en")
    write_release(build_release(source, dataset, [keys.research], ordered), out, SIGNER)
    with (out / "data.csv").open(encoding="utf-8", newline="") as file:
        return len(list(csv.DictReader(file)))


def stands(here: Lived) -> dict[Path, bytes]:
    """All that the instance is."""
    return contents(here.home)


def put_back(here: Lived, **wanted: object) -> None:
    restore(here.instance, here.backup, Wanted(**wanted), replace=True, today=LATER)  # type: ignore[arg-type]


def test_who_withdrew_since_the_backup_does_not_come_back(here: Lived, keys: Keys, tmp_path: Path) -> None:
    put_back(here)
    nobody_is_back(here, keys, GONE, tmp_path)
    with here.study() as study:
        assert verify_journal(study.stores.office)
        last = next(one for one in read_journal(study.stores.office)[::-1] if one.act != Act.BUNDLE_MADE)
    assert (last.act, last.detail) == (Act.BACKUP_RESTORED, f"backup of {TODAY}, doors now")


def test_nor_where_the_office_is_lost_and_the_second_place_alone_remembers(
    here: Lived, keys: Keys, tmp_path: Path
) -> None:
    here.settings.tombstones.unlink()
    (here.home / "stores" / "office.db").write_bytes(b"damaged")
    put_back(here, doors="then")
    nobody_is_back(here, keys, GONE, tmp_path)
    # Both places know again.
    assert here.settings.tombstones.read_bytes() == (here.home.parent / "second" / "tombstones.txt").read_bytes()


@pytest.mark.torture
def test_a_hundred_who_withdrew_do_not_come_back(keys: Keys, tmp_path: Path) -> None:
    for place, wanted in (("all", {}), ("second", {"doors": "then"})):
        here = withdrawn(lived(new_instance(tmp_path / place / "instance", keys), 107), 100)
        if wanted:
            here.settings.tombstones.unlink()
            (here.home / "stores" / "office.db").write_bytes(b"damaged")
        put_back(here, **wanted)
        nobody_is_back(here, keys, 100, tmp_path / place)


def test_where_nobody_knows_who_withdrew_whoever_puts_it_back_must_say_so(here: Lived) -> None:
    """Neither the office nor a file: an empty one may be a new instance's."""
    (here.home / "stores" / "office.db").unlink()
    for path in here.settings.tombstone_files:
        path.write_text(FIRST_LINE + "\n", "utf-8")
    before = stands(here)
    with pytest.raises(BackupRefused, match="would come back.*--tombstones-lost"):
        put_back(here, doors="then")
    assert stands(here) == before
    put_back(here, doors="then", tombstones_lost=True)
    with here.study() as study:
        assert count(study.stores.research) == PEOPLE
        assert read_journal(study.stores.office)[-1].detail.endswith("tombstones lost")


def test_nothing_is_put_back_under_a_server_and_no_server_starts_meanwhile(here: Lived) -> None:
    before, served = stands(here), opened_study(here.settings)
    with pytest.raises(BackupRefused, match="Stop every server"):
        put_back(here)
    close_stores(served.stores)
    del served
    with alone(here.home), pytest.raises(BackupRefused, match="put back"):
        begin_to_serve(here.instance)
    assert stands(here) == before


def stranger(here: Lived) -> None:
    told = here.settings.home / "settings.toml"
    told.write_text(told.read_text("utf-8").replace(here.instance.study, "another_study"), "utf-8")


def damage(here: Lived) -> None:
    with (here.backup / "identity.db").open("r+b") as file:
        file.seek(-10, 2)
        file.write(b"x")


def forge(here: Lived) -> None:
    """Another one's manifest."""
    (here.backup / FILE).unlink()
    write_manifest(here.backup, here.instance.study, TODAY, signer_of(new_key_file()))


def renew(here: Lived) -> None:
    (here.home / "journal.key").write_bytes(new_key_file())


def lose_secret(here: Lived) -> None:
    (here.home / "secret").unlink()


def make_newer(here: Lived) -> None:
    """A backup that a later Amanah made."""
    with closing(sqlite3.connect(here.backup / "office.db", isolation_level=None)) as office:
        office.execute("update meta set value = '999' where name = 'schema'")
    (here.backup / FILE).unlink()
    write_manifest(here.backup, here.instance.study, TODAY, signer_in(here.home / "journal.key"))


UNSAFE: dict[str, Callable[[Lived], None]] = {
    "is of the study": stranger,
    "damaged: identity.db": damage,
    "another key than the backup's journal": forge,
    "--key-renewed": renew,
    "no secret": lose_secret,
    "older than its store": make_newer,
}


@pytest.mark.parametrize("why", UNSAFE)
def test_what_is_not_safe_is_refused_and_the_old_state_stands(here: Lived, why: str) -> None:
    UNSAFE[why](here)
    before = stands(here)
    with pytest.raises(StorageError, match=why):
        put_back(here, doors="then")
    assert stands(here) == before


@pytest.mark.parametrize("name", ["ready", "x\n/../../escaped", "studies/../ready"])
def test_a_strangers_backup_names_no_file_of_ours_and_none_outside(here: Lived, name: str) -> None:
    """It is copied by its manifest before anybody can know whose it is; a mark among it would end a restore."""
    stranger, data = signer_of(new_key_file()), b"before-restore-x"
    for path in (here.home / name, here.backup / name):
        path.parent.mkdir(parents=True, exist_ok=True)
    (here.backup / "x\n").mkdir(exist_ok=True)
    (here.backup / name).write_bytes(data)
    listed = {**read_manifest(here.backup).files, name: Listed(len(data), hashlib.sha256(data).hexdigest())}
    told = Manifest(here.instance.study, TODAY, "4", listed, stranger.public.hex())
    told = replace(told, signature=stranger.sign(SIGNED + told.said).hex())
    (here.backup / FILE).write_text(told.text, "utf-8")
    before = stands(here)
    with pytest.raises(BackupRefused):
        put_back(here, doors="then")
    assert stands(here) == before
    os.close(begin_to_serve(here.instance))
    assert stands(here) == before


def test_what_was_ended_and_destroyed_stays_so(here: Lived) -> None:
    with here.study() as study:
        end_study(study, COMMAND_LINE, TODAY)
    with pytest.raises(BackupRefused, match="has ended"):
        put_back(here, doors="then")
    with here.study() as study:
        destroy_study(study, here.home, Destruction(TODAY.isoformat(), None, True), LATER)
    with pytest.raises(BackupRefused, match="destroyed"):
        put_back(here)
    put_back(here, keep_office=True)
    with here.study() as study:
        assert study.ending
        assert study.ending.destroyed
        assert (count(study.stores.research), count(study.stores.identity)) == (0, 0)
    (here.home / "stores" / "office.db").unlink()
    with pytest.raises(BackupRefused, match=r"destruction\.json"):
        put_back(here, doors="closed")


def test_stores_that_stand_are_replaced_only_when_that_is_said(here: Lived) -> None:
    before = stands(here)
    with pytest.raises(BackupRefused, match="--replace"):
        restore(here.instance, here.backup, Wanted(), replace=False, today=LATER)
    assert stands(here) == before


def test_what_came_after_the_backup_is_kept_aside(here: Lived) -> None:
    research = (here.home / "stores" / "research.db").read_bytes()
    put_back(here)
    put_back(here)
    asides = sorted((here.home / "stores").glob("before-restore-*"))
    assert [path.name for path in asides] == [f"before-restore-{LATER}", f"before-restore-{LATER}-2"]
    assert (asides[0] / "research.db").read_bytes() == research
    assert list(here.home.glob(".restoring*")) == []


def test_the_log_of_a_server_that_was_killed_is_not_taken_for_the_backups(here: Lived, tmp_path: Path) -> None:
    with here.study() as study:
        arrive(study, "just before it was killed", today=LATER)
        shutil.copytree(here.home, tmp_path / "killed" / "instance")
    killed = Lived(tmp_path / "killed" / "instance", here.visits)
    log = (killed.home / "stores" / "research.db-wal").read_bytes()
    assert log
    restore(killed.instance, here.backup, Wanted(), replace=True, today=LATER)
    with killed.study() as study:
        assert count(study.stores.research) == PEOPLE - GONE
    aside = killed.home / "stores" / f"before-restore-{LATER}"
    assert (aside / "research.db-wal").read_bytes() == log


def test_a_rehearsal_changes_nothing_but_the_journal_and_says_its_day(here: Lived) -> None:
    before = stands(here)
    served = opened_study(here.settings)  # it needs no server to stop
    rehearse(here.instance, here.backup, Wanted(), LATER)
    last = read_journal(served.stores.office)[-1]
    close_stores(served.stores)
    changed = {path.name for path, data in stands(here).items() if before.get(path) != data}
    assert (last.act, last.day) == (Act.RESTORE_REHEARSED, LATER.isoformat())
    assert changed == {"office.db"}
    (here.backup / "research.db").unlink()
    with pytest.raises(BackupRefused, match="damaged"):
        rehearse(here.instance, here.backup, Wanted(), LATER)
    with here.study() as study:
        assert [entry.act for entry in read_journal(study.stores.office)].count(Act.RESTORE_REHEARSED) == 1


def test_a_rehearsal_that_cannot_be_written_down_is_none(here: Lived) -> None:
    with here.study() as study, study.stores.office.engine.begin() as connection:
        connection.execute(text("create trigger no before insert on journal begin select raise(abort, 'no'); end"))
    with pytest.raises(JournalNotWritten):
        rehearse(here.instance, here.backup, Wanted(), LATER)
    assert list(here.home.glob(".rehearsal*")) == []


def with_doors(here: Lived) -> None:
    """Before the backup a tablet, Mara and Idris came in; after it the tablet and Idris were shut out."""
    with here.study() as study:
        office = study.stores.office
        for name, role in (("Mara", "administrator"), ("Idris", "coordinator")):
            add_staff(office, name, role, "")
        set_recovery_codes(office, "Mara", [b"1" * 32, b"2" * 32])
        enrol_tablet(study, new_enrolment(study, "T1", "1", NOW), NOW)
        make_backup(study.stores, here.instance, here.backups, TODAY)
        revoke(study, "Mara", "T1", LATER)
        change_member(office, "Idris", may_be_last=True, disabled=True)
        assert spend_recovery_code(office, "Mara", b"1" * 32)


def doors(here: Lived) -> tuple[bool, bool, bool, int]:
    """Whether the tablet, Idris and Mara are let in, and how many recovery codes count."""
    with here.study() as study, study.stores.office.engine.connect() as connection:
        revoked = connection.scalar(select(tablets.c.revoked))
        out = dict(connection.execute(select(staff.c.name, staff.c.disabled)).all())  # type: ignore[arg-type]  # rows of two
        codes = connection.scalar(select(func.count()).select_from(recovery_codes)) or 0
    return not revoked, not out["Idris"], not out["Mara"], codes


def test_who_was_shut_out_after_the_backup_stays_out(here: Lived) -> None:
    with_doors(here)
    done = restore(here.instance, here.backup, Wanted(), replace=True, today=LATER)
    assert doors(here) == (False, False, True, 1)
    assert done.lost == {"tablet_revoked": 1}


@pytest.mark.parametrize(("decided", "then"), [("then", (True, True, True, 0)), ("closed", (False, False, True, 0))])
def test_where_nobody_knows_who_was_shut_out_it_must_be_decided(here: Lived, decided: str, then: object) -> None:
    with_doors(here)
    (here.home / "stores" / "office.db").write_bytes(b"damaged")
    for wanted in ({}, {"doors": "now"}, {"keep_office": True}):
        with pytest.raises(BackupRefused, match="office"):
            put_back(here, **wanted)
    put_back(here, doors=decided)
    assert doors(here) == then


def test_an_office_that_somebody_altered_is_not_believed(here: Lived) -> None:
    with_doors(here)
    with here.study() as study, study.stores.office.engine.begin() as connection:
        connection.execute(text("drop trigger journal_no_update"))
        connection.execute(text("update journal set entry = replace(entry, 'Mara', 'Owen')"))
    with pytest.raises(BackupRefused, match="--doors then"):
        put_back(here)


def test_a_hold_that_the_backup_does_not_know_is_not_lost(here: Lived) -> None:
    with here.study() as study:
        held(with_staff(here.settings, study))
    before = stands(here)
    with pytest.raises(BackupRefused, match="--keep-office"):
        put_back(here)
    assert stands(here) == before
    put_back(here, keep_office=True)
    with here.study() as study:
        assert hold_in_force(study.stores.office)
        assert count(study.stores.research) == PEOPLE, "a hold keeps what was withdrawn"
        assert read_journal(study.stores.office)[-1].detail == f"backup of {TODAY}, office kept"


def test_while_a_hold_is_on_no_backup_is_destroyed(here: Lived) -> None:
    with here.study() as study:
        study = held(with_staff(here.settings, study))
        assert destroy_old(study.stores.office, here.instance, here.backups, 0, date(2028, 1, 1)) is None
    assert here.backup.exists()


def test_a_journal_goes_on_under_a_key_that_was_renewed(here: Lived) -> None:
    with here.study() as study:
        renew_journal_key(study.stores.office, here.home / "journal.key", "lost", LATER)
    put_back(here, key_renewed=True)
    with here.study() as study:
        assert len(verify_journal(study.stores.office).keys) == 2
        acts = [entry.act for entry in read_journal(study.stores.office)[-2:]]
    assert acts == [Act.JOURNAL_KEY_RENEWED, Act.BACKUP_RESTORED]


def test_half_a_visit_is_withdrawn_or_completed_like_any_other(here: Lived) -> None:
    """A backup may hold the consent record of a visit that came just then, and never answers without it."""
    with here.study() as study:
        alone_there, sent_again = (sealed_visit(study, seed) for seed in ("half", "half too"))
        for one in (alone_there, sent_again):
            take_in(study, read_delivery(one.data), WALK_IN, TODAY)
            erase(study.stores.research, bytes.fromhex(one.parcel("research")["tag"]))
        make_backup(study.stores, here.instance, here.backups, TODAY)
    put_back(here)
    with here.study() as study:
        before = count(study.stores.identity)
        withdraw(study, alone_there.receipt.grouped, LATER)
        assert count(study.stores.identity) == before - 3
        assert take_in(study, read_delivery(sent_again.data), WALK_IN, LATER)
        assert how_many(study.stores.research, bytes.fromhex(sent_again.parcel("research")["tag"])) == 1


def test_links_and_tags_past_their_day_do_not_come_back(here: Lived) -> None:
    restore(here.instance, here.backup, Wanted(), replace=True, today=date(2027, 3, 1))
    with here.study() as study:
        assert holding_of(study, date(2027, 3, 1)).late == 0
        assert holding_of(study, date(2027, 3, 1)).links.number == 0


def test_a_backup_of_an_earlier_version_goes_forwards_on_the_way(once: Lived, tmp_path: Path) -> None:
    here, kept = once.copy(tmp_path), Path(__file__).parents[1] / "vectors" / "instances" / "3"
    for name in COPIES.values():
        (here.backup / name).unlink()
        with closing(sqlite3.connect(here.backup / name)) as store:
            store.executescript(gzip.decompress((kept / f"{Path(name).stem}.sql.gz").read_bytes()).decode())
    for place, name in ((here.backup, "tombstones.txt"), (here.home, "journal.key")):
        shutil.copy(kept / name, place / name)
    (here.backup / FILE).unlink()
    write_manifest(here.backup, here.instance.study, TODAY, signer_in(here.home / "journal.key"), schema="3")
    before = stands(here)
    with pytest.raises(BackupRefused, match="would come back"):
        put_back(here, doors="closed")
    assert stands(here) == before
    receipts = json.loads((kept / "note.json").read_text("utf-8"))["receipts"]
    # Whoever withdrew since then is remembered as that version remembered it.
    with closing(sqlite3.connect(here.backup / "research.db")) as store:
        was = sorted(bytes(tag) for (tag,) in store.execute("select tag from tags"))
    with here.settings.tombstones.open("a", encoding="utf-8") as file:
        file.write(f"{was[0].hex()}\n")
    put_back(here, doors="closed", tombstones_lost=True)
    with here.study() as study:
        assert count(study.stores.research) == 1
        for receipt in receipts:
            withdraw(study, receipt, LATER)
        assert count(study.stores.research) == 0
        acts = [entry.act for entry in read_journal(study.stores.office)[-2:]]
    assert acts == [Act.MIGRATED, Act.BACKUP_RESTORED]
