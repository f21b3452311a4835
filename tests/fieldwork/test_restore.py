"""A backup that is put back undoes no withdrawal, lets nobody in who was shut out, and is put back whole or not."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from errors import BackupRefused
from fieldwork.backups.restoring import restore
from fieldwork.backups.staging import Wanted
from fieldwork.bundles import make_bundle
from fieldwork.withdrawal import withdraw
from release.build import build_release
from release.dataset import open_records
from release.export import write_release
from release.source import open_source
from release.specification import Specification
from storage.journal import COMMAND_LINE, Act, read_journal
from storage.journal_check import verify_journal
from storage.tombstones import FIRST_LINE, is_buried
from storage.vaults import count, how_many, until_of
from tests.backups import LATER, Lived, arrive, lived
from tests.conftest import TODAY, Keys, contents, new_instance
from tests.deliveries import Sent
from tests.releases import SIGNER

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
    """All that the instance is, but the empty file by which processes know of each other."""
    return {path: data for path, data in contents(here.home).items() if path.name != ".serving"}


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
