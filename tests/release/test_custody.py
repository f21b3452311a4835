"""The identity key opens to two custodians and never to one; a changed passphrase leaves no file half written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from errors import CeremonyError, EnvelopeError, JournalNotWritten
from privacy.key_files import HeldShare, lock, lock_share
from privacy.opening import PrivateKey, new_private_key
from privacy.shares import split
from release.custody import (
    change_passphrase,
    custodian_of,
    identity_keys,
    research_keys,
    unlock_identity,
    unlock_research,
)
from release.journal import FOLDER, desk_journal
from release.rings import rings_in
from storage.journal import read_journal
from tests.conftest import STUDY, TODAY, Keys, counted_bytes

NADIA, OWEN, NEW = (
    "a lamp kettle orbit violin meadow",
    "candle harbor mitten saddle turnip",
    "velvet anchor pigeon ladder mosaic",
)
Two = tuple[bytes, bytes]


def custodians(key: PrivateKey) -> Two:
    """The files of two custodians, in one division of the key."""
    one, two = split(key.seed, "identity", 2)
    short = key.public().short
    return (
        lock_share(HeldShare(key.study, short, "Nadia", one), NADIA, os.urandom),
        lock_share(HeldShare(key.study, short, "Owen", two), OWEN, os.urandom),
    )


@pytest.fixture(scope="module")
def two(keys: Keys) -> Two:
    return custodians(keys.identity)


@pytest.fixture(scope="module")
def research(keys: Keys) -> bytes:
    return lock(keys.research, NADIA, os.urandom)


def test_two_custodians_open_the_identity_key_in_either_order(two: Two, keys: Keys) -> None:
    opened = unlock_identity([(two[1], OWEN), (two[0], NADIA)])
    assert (opened.key, opened.names) == (keys.identity, ("Owen", "Nadia"))
    opened.forget()
    assert opened.key.seed == b""


def test_one_custodian_opens_nothing(two: Two, research: bytes) -> None:
    for files, says in (
        ([(two[0], NADIA)], "Two custodians' files"),
        ([], "Two custodians' files"),
        ([(two[0], NADIA), (two[0], NADIA)], "one custodian's file twice"),
        ([(two[0], NADIA), (two[0] + b"", NADIA)], "one custodian's file twice"),
        ([(two[0], NADIA), (research, NADIA)], "This is the research key"),
        ([(two[0], NADIA), (b"{}", NADIA)], "not a key file"),
        ([(two[0], NADIA), (two[1], NADIA)], "does not open"),
        ([(two[0], OWEN), (two[1], NADIA)], "does not open"),
    ):
        with pytest.raises(EnvelopeError, match=says):
            unlock_identity(files)


def test_files_of_two_divisions_or_two_keys_do_not_combine(two: Two, keys: Keys) -> None:
    again = custodians(keys.identity)
    other = custodians(new_private_key("identity", STUDY, counted_bytes("another identity key")))
    with pytest.raises(EnvelopeError, match="two different divisions"):
        unlock_identity([(two[0], NADIA), (again[1], OWEN)])
    with pytest.raises(EnvelopeError, match="two different identity keys"):
        unlock_identity([(two[0], NADIA), (other[1], OWEN)])


def test_a_share_that_was_slipped_in_rebuilds_nothing(two: Two, keys: Keys) -> None:
    # One custodian forges the other's file, with a share of a key of their own and the right heads.
    from dataclasses import replace

    from privacy.key_files import unlock_share
    from privacy.shares import Share

    mine = unlock_share(two[0], NADIA)
    forged = replace(split(bytes(range(32)), "identity", 2)[1].inner, identifier=mine.share.identifier)
    file = lock_share(replace(mine, custodian="Owen", share=Share(forged)), OWEN, os.urandom)
    with pytest.raises(EnvelopeError, match="does not open"):
        unlock_identity([(two[0], NADIA), (file, OWEN)])


def test_files_that_rebuild_another_key_than_they_say_are_refused(keys: Keys) -> None:
    short, files = keys.identity.public().short, []
    for name, share in zip((NADIA, OWEN), split(bytes(range(32)), "identity", 2), strict=True):
        files.append((lock_share(HeldShare(STUDY, short, name[:6], share), name, os.urandom), name))
    with pytest.raises(EnvelopeError, match="does not open"):
        unlock_identity(files)


def test_a_custodians_file_is_not_taken_for_the_research_key(two: Two, research: bytes, keys: Keys) -> None:
    with pytest.raises(EnvelopeError, match="another key"):
        unlock_research(two[0], NADIA)
    assert unlock_research(research, NADIA) == keys.research


def test_what_a_ceremony_that_was_cut_off_left_behind_is_not_offered(
    tmp_path: Path, research: bytes, keys: Keys
) -> None:
    longer = keys.keyring.rotated(new_private_key("identity", STUDY, os.urandom).public())
    for folder, ring in ((tmp_path, keys.keyring), (tmp_path / ".keys-abc", longer)):
        folder.mkdir(exist_ok=True)
        (folder / "keyring.json").write_bytes(ring.to_json())
        (folder / "research.key").write_bytes(research)
    assert [one.name for one in rings_in(tmp_path)] == ["keyring.json"]
    assert research_keys(tmp_path) == (tmp_path / "research.key",)


def test_the_files_of_each_key_are_found_below_the_folder(tmp_path: Path, two: Two, research: bytes) -> None:
    (tmp_path / "later").mkdir()
    written = {"a.key": two[0], "later/b.key": two[1], "r.key": research, "x.key": b"no key", "big.key": bytes(20_000)}
    for name, data in written.items():
        (tmp_path / name).write_bytes(data)
    assert identity_keys(tmp_path) == (tmp_path / "a.key", tmp_path / "later" / "b.key")
    assert research_keys(tmp_path) == (tmp_path / "r.key",)
    assert [custodian_of(data) for data in (two[1], research, b"")] == ["Owen", "", ""]


@pytest.mark.parametrize("which", ["share", "seed"])
def test_a_changed_passphrase_replaces_the_old_one(tmp_path: Path, two: Two, research: bytes, which: str) -> None:
    file = tmp_path / "my.key"
    file.write_bytes(two[0] if which == "share" else research)
    change_passphrase(file, NADIA, NEW, TODAY, releases=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my.key", FOLDER]
    assert file.stat().st_mode & 0o777 == 0o600
    if which == "seed":
        with pytest.raises(EnvelopeError):
            unlock_research(file.read_bytes(), NADIA)
        assert unlock_research(file.read_bytes(), NEW) == unlock_research(research, NADIA)
        return
    with pytest.raises(EnvelopeError):
        unlock_identity([(file.read_bytes(), NADIA), (two[1], OWEN)])
    assert unlock_identity([(file.read_bytes(), NEW), (two[1], OWEN)]).names == ("Nadia", "Owen")
    with desk_journal(tmp_path, new=False) as office:
        assert [entry.act for entry in read_journal(office)] == ["passphrase_changed"]


def test_a_passphrase_that_is_not_changed_leaves_the_file_as_it_was(tmp_path: Path, two: Two) -> None:
    file, journal = tmp_path / "my.key", tmp_path / "releases"
    file.write_bytes(two[0])
    journal.mkdir()
    for old, new, error in ((NADIA, "weak", CeremonyError), ("wrong", NEW, EnvelopeError)):
        with pytest.raises(error):
            change_passphrase(file, old, new, TODAY, releases=journal)
    (journal / FOLDER).write_text("a file where the journal's folder would be")
    with pytest.raises(JournalNotWritten):
        change_passphrase(file, NADIA, NEW, TODAY, releases=journal)
    with pytest.raises(CeremonyError, match="cannot be read"):
        change_passphrase(tmp_path / "none.key", NADIA, NEW, TODAY, releases=journal)
    assert file.read_bytes() == two[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my.key", "releases"]
