"""A backup is one whole moment, holds no key and tells no order, and lives no longer than people were promised."""

from __future__ import annotations

import re
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from errno import EACCES
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from errors import BackupRefused, JournalNotWritten
from fieldwork.backups.alone import only_one
from fieldwork.backups.keeping import backups_in, chosen, past_their_life, tidy, why_not_whole
from fieldwork.backups.life import destroy_old
from fieldwork.backups.making import make_backup
from fieldwork.backups.manifest import FILE, read_manifest
from fieldwork.backups.places import copies_in
from fieldwork.backups.restoring import restore
from fieldwork.backups.staging import Wanted
from fieldwork.withdrawal import withdraw
from storage.journal import Act, read_journal
from storage.journal_key import new_key_file
from storage.store_copies import Store, copy_store
from storage.stores import close_stores, open_stores
from storage.vaults import count, how_many
from tests.backups import LATER, Lived, arrive, lived
from tests.conftest import TODAY, Keys, contents, new_instance
from tests.deliveries import Sent
from tests.house.test_commands import flask

CLOCK = re.compile(rb"\d\d:\d\d:\d\d")


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Lived:
    return lived(new_instance(tmp_path_factory.mktemp("backed-up") / "instance", keys), 3)


@pytest.fixture
def here(once: Lived, tmp_path: Path) -> Lived:
    return once.copy(tmp_path)


def again(here: Lived, today: date) -> Path:
    with here.study() as study:
        return make_backup(study.stores, here.instance, here.backups, today)


def test_it_holds_all_that_an_instance_is_but_its_keys(once: Lived) -> None:
    held = contents(once.backup)
    assert {path.relative_to(once.backup).parts[0] for path in held} == {
        FILE, "research.db", "identity.db", "office.db", "settings.toml", "studies", "tombstones.txt",
    }  # fmt: skip
    for key in ("secret", "journal.key"):
        secret = (once.home / key).read_bytes().split()[-1]
        assert [path.name for path, data in held.items() if secret in data] == []
    assert why_not_whole(once.backup, thorough=True) == ""


def test_it_is_its_owners_only_and_tells_a_day_and_no_time(once: Lived) -> None:
    assert [path for path in (once.backup, *once.backup.rglob("*")) if path.stat().st_mode & 0o077] == []
    assert once.backup.name == TODAY.isoformat()
    assert CLOCK.search((once.backup / FILE).read_bytes()) is None
    assert CLOCK.search((once.backup / "office.db").read_bytes()) is None


def test_it_is_written_down_before_it_is_made_and_not_made_where_it_cannot_be(here: Lived) -> None:
    with here.study() as study:
        assert read_journal(study.stores.office)[-1].act == Act.BACKUP_MADE
        with study.stores.office.engine.begin() as connection:
            connection.execute(text("create trigger no before insert on journal begin select raise(abort, 'no'); end"))
        with pytest.raises(JournalNotWritten):
            make_backup(study.stores, here.instance, here.backups, LATER)
    assert set(backups_in(here.backups).values()) == {TODAY}


def test_a_second_one_on_a_day_takes_the_place_of_the_first(here: Lived) -> None:
    before = read_manifest(here.backup)
    again(here, TODAY)
    assert read_manifest(here.backup) != before
    assert sorted(path.name for path in here.backups.iterdir()) == [TODAY.isoformat()]


@pytest.mark.parametrize("name", ["research.db", "tombstones.txt", FILE])
def test_a_changed_byte_or_a_missing_file_shows(here: Lived, name: str) -> None:
    path = here.backup / name
    data = path.read_bytes()
    path.write_bytes(data[:-2] + bytes([data[-2] ^ 1]) + data[-1:])
    assert why_not_whole(here.backup, thorough=True)
    path.unlink()
    assert why_not_whole(here.backup, thorough=False)


def test_a_manifest_that_names_a_file_elsewhere_is_not_believed(here: Lived) -> None:
    told = (here.backup / FILE).read_text("utf-8")
    (here.backup / FILE).write_text(told.replace("tombstones.txt", "../secret.txt"), "utf-8")
    with pytest.raises(BackupRefused, match="damaged"):
        read_manifest(here.backup)


def test_what_a_killed_run_left_goes_and_what_it_was_about_to_replace_comes_back(here: Lived) -> None:
    here.backup.rename(here.backups / f"{TODAY}.old")
    (here.backups / f"{LATER}.part").mkdir()
    tidy(here.backups)
    assert sorted(path.name for path in here.backups.iterdir()) == [TODAY.isoformat()]
    assert why_not_whole(here.backup, thorough=True) == ""


def test_a_backup_ends_when_people_were_promised_and_the_newest_never_does(here: Lived) -> None:
    newest = again(here, LATER)
    kept_aside = here.home / f"before-restore-{TODAY}-2"
    kept_aside.mkdir()
    with here.study() as study:
        days = study.settings.retention["backup_days"]
        on_the_last_day = TODAY + timedelta(days=days)
        assert destroy_old(study.stores.office, here.instance, here.backups, days, on_the_last_day) == 0
        assert destroy_old(study.stores.office, here.instance, here.backups, days, date(2028, 1, 1)) == 2
        entry = read_journal(study.stores.office)[-1]
    assert (entry.act, entry.count) == (Act.BACKUPS_DESTROYED, 2)
    assert list(here.backups.iterdir()) == [newest]
    assert not kept_aside.exists()


def test_another_name_makes_a_backup_no_younger(here: Lived) -> None:
    renamed, newest = here.backups / "2099-01-01", again(here, LATER)
    here.backup.rename(renamed)
    assert backups_in(here.backups) == {renamed: TODAY, newest: LATER}
    assert chosen(here.backups) == newest
    with here.study() as study:
        assert destroy_old(study.stores.office, here.instance, here.backups, 1, LATER) == 1
    assert list(here.backups.iterdir()) == [newest]


def test_one_whose_manifest_is_damaged_ends_by_its_name(here: Lived) -> None:
    newest = again(here, LATER)
    (here.backup / FILE).write_text("{}")
    assert past_their_life(here.backups, 1, LATER) == (here.backup,)
    assert chosen(here.backups) == newest


def test_upkeep_ends_what_lived_long_enough_though_no_backup_is_made_any_more(here: Lived) -> None:
    shutil.rmtree(here.backup)
    old, _newer, newest = (again(here, date.today() - timedelta(days)) for days in (400, 300, 40))
    assert flask("maintain", home=here.home).returncode == 0
    assert old.exists()
    with (here.home / "settings.toml").open("a", encoding="utf-8") as file:
        file.write('backups = "../backups"\n')
    assert "2 backups older than 35 days would be destroyed." in flask("maintain", "--dry-run", home=here.home).stdout
    done = flask("maintain", home=here.home)
    assert (done.returncode, "Destroyed 2 backups" in done.stdout) == (0, True), done.stderr
    assert list(here.backups.iterdir()) == [newest]
    with here.study() as study:
        assert read_journal(study.stores.office)[-1].act == Act.BACKUPS_DESTROYED


def test_what_could_not_be_destroyed_whole_is_said_is_no_backup_and_goes_the_next_time(
    here: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, newest = (again(here, date.today() - timedelta(days)) for days in (400, 40))
    shutil.rmtree(here.backup)
    with (here.home / "settings.toml").open("a", encoding="utf-8") as file:
        file.write('backups = "../backups"\n')

    def refuse(path: Path, **_: object) -> None:
        raise PermissionError(EACCES, "Permission denied")

    with monkeypatch.context() as disk:
        disk.setattr("shutil.rmtree", refuse)
        told = flask("maintain", home=here.home)
    assert (told.returncode, "could not be destroyed (Permission denied)" in told.stderr) == (1, True)
    assert not old.exists()
    assert list(backups_in(here.backups)) == [newest]
    assert flask("maintain", home=here.home).returncode == 0
    assert list(here.backups.iterdir()) == [newest]


def test_nothing_is_destroyed_that_cannot_be_written_down(here: Lived) -> None:
    again(here, LATER)
    with here.study() as study:
        with study.stores.office.engine.begin() as connection:
            connection.execute(text("create trigger no before insert on journal begin select raise(abort, 'no'); end"))
        with pytest.raises(JournalNotWritten):
            destroy_old(study.stores.office, here.instance, here.backups, 1, date(2028, 1, 1))
    assert set(backups_in(here.backups).values()) == {TODAY, LATER}


def test_what_comes_and_goes_between_the_stores_keeps_both_promises(
    here: Lived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No answers without their consent record, and nobody who withdrew meanwhile comes back."""
    leaving = iter(here.visits)
    with here.study() as study:

        def copy_and_go_on(engine: Engine, store: Store, path: Path) -> None:
            copy_store(engine, store, path)
            came.extend(arrive(study, f"after {store}"))
            withdraw(study, next(leaving).receipt.grouped, TODAY)

        came: list[Sent] = []
        monkeypatch.setattr("fieldwork.backups.making.copy_store", copy_and_go_on)
        backup = make_backup(study.stores, here.instance, here.backups, LATER)
    copied = open_stores(copies_in(shutil.copytree(backup, tmp_path / "looked-at"), None))
    tags = [[bytes.fromhex(one.parcel(half)["tag"]) for half in ("research", "identity")] for one in came]
    there = [(how_many(copied.research, first), how_many(copied.identity, second)) for first, second in tags]
    close_stores(copied)
    assert there == [(0, 3), (0, 0), (0, 0)], "who came after the first copy is there by halves: never answers alone"
    restore(here.instance, backup, Wanted(), replace=True, today=LATER)
    with here.study() as study:
        assert (count(study.stores.research), count(study.stores.identity)) == (0, 3)


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """As on a disk that is full: nothing can be written beyond this many bytes of a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_on_a_full_disk_one_sentence_is_said_and_the_old_backup_stands(here: Lived) -> None:
    before = contents(here.backups)
    with here.study() as study:
        with no_file_beyond(400_000), pytest.raises(BackupRefused, match="room"):
            make_backup(study.stores, here.instance, here.backups, TODAY)
        assert contents(here.backups) == before
        with no_file_beyond(400_000), pytest.raises(BackupRefused, match="could not be put back"):
            restore(here.instance, here.backup, Wanted(), replace=True, today=LATER)
        make_backup(study.stores, here.instance, here.backups, TODAY)
    restore(here.instance, here.backup, Wanted(), replace=True, today=LATER)


def test_two_do_not_write_into_one_folder_at_once(here: Lived) -> None:
    with only_one(here.backups), pytest.raises(BackupRefused, match="Somebody else"):
        again(here, LATER)


def test_at_the_shell(here: Lived, tmp_path: Path) -> None:
    home, told = here.home, here.backups
    made = flask("backup", told, home=home)
    assert made.returncode == 0, made.stderr
    assert "took the place" not in made.stdout
    assert flask("backup", told, "--keep-days", "999", home=home).returncode == 1
    again_today = flask("backup", told, "--keep-days", "0", home=home).stdout
    assert "It took the place of the backup that was made earlier on this day." in again_today
    assert "Destroyed 1" in again_today
    assert "1 backup in" in flask("backup", told, "--verify", home=home).stdout
    nothing = flask("backup", str(home / "stores"), "--verify", home=home)
    assert (nothing.returncode, "There is no backup in" in nothing.stderr) == (1, True)
    assert "could be put back" in flask("restore", told, "--rehearse", home=home).stdout
    refused = flask("restore", told, home=home)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "--replace" in refused.stderr
    done = flask("restore", told, "--replace", home=home)
    assert done.returncode == 0, done.stderr
    assert "restore_rehearsed 1" in done.stdout
    assert flask("journal", "verify", home=home).returncode == 0


def test_where_a_machine_was_lost_no_strangers_settings_are_followed(here: Lived, tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.mkdir()
    (new / "journal.key").write_bytes(new_key_file())
    told = (here.backup / "settings.toml").read_text("utf-8")
    (here.backup / "settings.toml").write_text(f'{told}office_database = "sqlite:///{new}/theirs.db"\n', "utf-8")
    anothers = flask("restore", here.backup, "--doors", "closed", home=new)
    assert (anothers.returncode, "signed by the journal key" in anothers.stderr) == (1, True)
    shutil.copy(here.home / "journal.key", new)
    changed = flask("restore", here.backup, "--doors", "closed", home=new)
    assert (changed.returncode, "The backup is damaged: settings.toml" in changed.stderr) == (1, True)
    assert [path.name for path in new.iterdir()] == ["journal.key"]


def test_a_lost_machine_comes_back_from_a_backup_and_what_was_kept_apart(here: Lived, tmp_path: Path) -> None:
    new = tmp_path / "new" / "instance"
    new.mkdir(parents=True)
    for name in ("secret", "journal.key", "tombstones.txt"):
        shutil.copy(here.home / name, new / name)
    done = flask("restore", here.backups, "--doors", "closed", "--tombstones-lost", home=new)
    assert done.returncode == 0, done.stderr
    assert "shut out" in done.stdout
    assert "their records may be here again" in done.stdout
    with Lived(new, here.visits).study() as study:
        assert count(study.stores.research) == len(here.visits)
    assert [path for path in (new, *new.rglob("*")) if path.stat().st_mode & 0o077 and path != new] == []
