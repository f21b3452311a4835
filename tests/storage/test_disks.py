"""What a disk refuses is said in a sentence, is one error that may be tried again, and goes by itself."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

import console
from errors import JournalNotWritten, StoreAway, StoreLost
from storage.disks import BY_SYSTEM, answering
from storage.engines import open_engine, shorten_log
from storage.journal_key import new_key_file, signer_in
from storage.vaults import Vault, count, create_vault, deposit
from tests.storage.conftest import UNTIL, envelope
from views import errors as pages


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    made = Vault(open_engine(f"sqlite:///{tmp_path}/research.db", new=True), "research")
    create_vault(made)
    keep_one(made)
    yield made
    made.engine.dispose()


def keep_one(vault: Vault) -> None:
    deposit(vault, os.urandom(16), os.urandom(16), envelope(), UNTIL)


@contextmanager
def limited(kind: int, most: int) -> Iterator[None]:
    """This process may have no more than this of something meanwhile."""
    before = resource.getrlimit(kind)
    resource.setrlimit(kind, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(kind, before)


def no_descriptor_left() -> int:
    """A limit that is reached already: the next file would be given this number."""
    next_one = os.dup(0)
    os.close(next_one)
    return next_one


def test_a_file_that_may_not_grow_refuses_in_words_and_takes_the_next_when_it_may(vault: Vault) -> None:
    with limited(resource.RLIMIT_FSIZE, 4096), pytest.raises(StoreAway, match=r"goes on by itself\.$"):
        keep_one(vault)
    assert count(vault) == 1
    keep_one(vault)
    assert count(vault) == 2


def test_a_store_that_can_only_be_read_refuses_in_words_and_its_connection_is_not_used_again(vault: Vault) -> None:
    with vault.engine.connect() as connection:
        connection.exec_driver_sql("pragma query_only = 1")
    with pytest.raises(StoreAway, match="can only be read"):
        keep_one(vault)
    keep_one(vault)
    assert count(vault) == 2


def test_without_a_descriptor_a_store_refuses_in_words_and_opens_when_there_is_one(vault: Vault) -> None:
    vault.engine.dispose()
    with limited(resource.RLIMIT_NOFILE, no_descriptor_left()), pytest.raises(StoreAway, match="cannot be opened"):
        keep_one(vault)
    keep_one(vault)
    assert count(vault) == 2


def test_a_store_that_another_holds_for_too_long_says_so(vault: Vault, tmp_path: Path) -> None:
    other: Engine = open_engine(f"sqlite:///{tmp_path}/research.db")
    with other.connect() as holding, vault.engine.connect() as waiting:
        holding.exec_driver_sql("begin immediate")
        waiting.exec_driver_sql("pragma busy_timeout = 10")
        with pytest.raises(StoreAway, match="is busy"):
            waiting.exec_driver_sql("begin immediate")
        shorten_log(vault.engine)  # no promise to anyone: it is left to whoever comes next
    other.dispose()


def test_a_store_whose_file_is_gone_says_that_hands_are_needed_and_makes_no_empty_one(
    vault: Vault, tmp_path: Path
) -> None:
    vault.engine.dispose()
    file = tmp_path / "research.db"
    moved = file.rename(tmp_path / "elsewhere.db")
    with pytest.raises(StoreLost, match="does not come back by itself"):
        keep_one(vault)
    assert not file.exists()
    moved.rename(file)
    assert count(vault) == 1


def test_nothing_is_said_to_be_kept_in_a_file_that_was_taken_away_under_an_open_store(
    vault: Vault, tmp_path: Path
) -> None:
    keep_one(vault)
    before, file = count(vault), tmp_path / "research.db"
    moved = file.rename(tmp_path / "elsewhere.db")
    for _ in range(3):
        with pytest.raises(StoreLost, match="does not come back by itself"):
            keep_one(vault)
    moved.rename(file)
    assert count(vault) == before
    keep_one(vault)
    assert count(vault) == before + 1


def test_a_key_that_cannot_be_opened_for_now_is_not_taken_for_a_lost_one(tmp_path: Path) -> None:
    (tmp_path / "journal.key").write_bytes(new_key_file())
    with limited(resource.RLIMIT_NOFILE, no_descriptor_left()), pytest.raises(StoreAway, match="Too many files"):
        signer_in(tmp_path / "journal.key")
    assert signer_in(tmp_path / "journal.key")
    with pytest.raises(JournalNotWritten):
        signer_in(tmp_path / "no.key")


def test_what_is_no_fault_of_the_disk_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), answering():
        (tmp_path / "none").read_bytes()


def test_pages_and_commands_know_the_same_faults_of_a_disk() -> None:
    assert set(BY_SYSTEM) == pages.PASSING == console.PASSING
