"""The journal is append-only in effect: an entry that is edited, moved, taken out or cut off is found and named."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DatabaseError

from errors import JournalBroken, JournalNotWritten
from storage.checkpoints import Checkpoint, make_checkpoint
from storage.engines import open_engine
from storage.journal import Act, head, order_of_instruments, read_journal, write_entry, write_once
from storage.journal_check import verify_journal
from storage.journal_key import new_key_file, signer_of
from storage.office import Office, add_instrument, create_office, journal
from storage.stores import Stores
from tests.storage.conftest import journal_key_in
from tests.storage.tampering import change, disarm, entry_of, key_of, put, rebuilt, row_of, stored

ROOT = Path(__file__).parents[2]
DAY = date(2026, 11, 23)
ACTS = (Act.INIT, Act.STUDY_ADDED, Act.KEYS_ADDED, Act.BUNDLE_MADE, Act.BUNDLE_MADE)
STRANGER = signer_of(new_key_file())
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One office for all the tamperings, on each engine: making one takes longer than any of them."""
    folder = tmp_path_factory.mktemp("journals")
    if request.param == "sqlite":
        address = f"sqlite:///{folder}/office.db"
    else:
        address = request.getfixturevalue("databases")[0]
    made = Office(open_engine(address, new=True), journal_key_in(folder))
    if request.param == "postgresql":
        with made.engine.begin() as connection:
            connection.execute(text("drop schema public cascade"))
            connection.execute(text("create schema public"))
    create_office(made)
    yield made
    made.engine.dispose()


@pytest.fixture
def in_a_file(tmp_path: Path) -> Iterator[Office]:
    """An office on SQLite with one entry."""
    made = Office(open_engine(f"sqlite:///{tmp_path}/office.db", new=True), journal_key_in(tmp_path))
    create_office(made)
    write_entry(made, "Mara", Act.INIT, DAY)
    yield made
    made.engine.dispose()


@pytest.fixture
def kept(office: Office) -> Iterator[Office]:
    """Five entries, and a sixth that says that the checkpoint was made."""
    put(office, [])
    for act in ACTS:
        write_entry(office, "Mara", act, DAY, count=1, detail="an act's detail")
    yield office
    put(office, [])


@pytest.fixture
def checkpoint(kept: Office) -> Checkpoint:
    return make_checkpoint(kept, "wt", "Mara", DAY)


def own(office: Office) -> Any:
    return key_of(office.journal_key)


def edited(field: str, value: Any) -> Callable[[Rows, Office], Rows]:
    """Entry 3 with one field changed, its hash made right again, under the signature that it had."""

    def tamper(rows: Rows, office: Office) -> Rows:
        entry = replace(entry_of(rows[2]), **{field: value})
        return [*rows[:2], rows[2] | {"entry": entry.written, "hash": entry.hash}, *rows[3:]]

    return tamper


def column(name: str, value: Any) -> Callable[[Rows, Office], Rows]:
    return lambda rows, office: [*rows[:2], rows[2] | {name: value}, *rows[3:]]


def swapped(rows: Rows, office: Office) -> Rows:
    return [rows[0], rows[2] | {"number": 2}, rows[1] | {"number": 3}, *rows[3:]]


def renumbered(rows: Rows, office: Office) -> Rows:
    """Entries 2 and 3 change places, each with its new number in it and a right hash, by somebody without the key."""
    second, third = (replace(entry_of(rows[place]), number=number) for place, number in ((2, 2), (1, 3)))
    return [rows[0], row_of(second, STRANGER), row_of(third, STRANGER), *rows[3:]]


def doubled(rows: Rows, office: Office) -> Rows:
    return [*rows[:3], *(row | {"number": row["number"] + 1} for row in rows[2:])]


def inserted(rows: Rows, office: Office) -> Rows:
    return [rows[0] | {"number": 0}, *rows]


def signed_by_a_stranger(rows: Rows, office: Office) -> Rows:
    entry = replace(entry_of(rows[2]), key=STRANGER.public.hex())
    return [*rows[:2], row_of(entry, STRANGER), *rows[3:]]


def signed_in_anothers_name(rows: Rows, office: Office) -> Rows:
    return [*rows[:2], row_of(replace(entry_of(rows[2]), actor="Eve"), STRANGER), *rows[3:]]


def signed_by_ourselves(rows: Rows, office: Office) -> Rows:
    """By the key's own holder, without writing anew what follows."""
    return [*rows[:2], row_of(replace(entry_of(rows[2]), actor="Eve"), own(office)), *rows[3:]]


# What is done to six entries, and how what does not hold is named.
TAMPERINGS: dict[str, tuple[Callable[[Rows, Office], Rows], str]] = {
    **{
        f"edit {field}": (edited(field, value), "entry 3: its signature is not right")
        for field, value in {
            "actor": "Eve", "act": "init", "day": "2026-01-01", "count": 2, "reason": "none", "detail": "another",
            "before": "1" * 64,
        }.items()
    },
    "edit number": (edited("number", 4), "entry 3: it says that it is entry 4"),
    "edit key": (edited("key", STRANGER.public.hex()), "entry 3: its signature is not right"),
    "edit key to none": (edited("key", "no key"), "entry 3: its signature is not right"),
    "edit format": (edited("format", "amanah-journal-0"), "entry 3: it is of an unknown format"),
    "edit words only": (column("entry", "{}"), "entry 3: it cannot be read"),
    "spell otherwise": (
        lambda rows, office: [*rows[:2], rows[2] | {"entry": rows[2]["entry"] + " "}, *rows[3:]],
        "entry 3: its words and its hash",
    ),
    "edit hash": (column("hash", "1" * 64), "entry 3: its words and its hash"),
    "edit signature": (column("signature", b"s" * 64), "entry 3: its signature is not right"),
    "shorten signature": (column("signature", b""), "entry 3: its signature is not right"),
    "edit number column": (column("number", 99), "entry 3: it is missing"),
    "drop the first": (lambda rows, office: rows[1:], "entry 1: it is missing"),
    "drop one of the middle": (lambda rows, office: [*rows[:3], *rows[4:]], "entry 4: it is missing"),
    "drop two": (lambda rows, office: [*rows[:2], *rows[4:]], "entry 3: it is missing"),
    "drop and close the gap": (
        lambda rows, office: [*rows[:3], *(row | {"number": row["number"] - 1} for row in rows[4:])],
        "entry 4: it says that it is entry 5",
    ),
    "swap": (swapped, "entry 2: it says that it is entry 3"),
    "swap with right numbers": (renumbered, "entry 2: its signature is not right"),
    "double": (doubled, "entry 4: it says that it is entry 3"),
    "insert before the first": (inserted, "entry 1: an entry 0 stands before it"),
    "sign one with a stranger's key": (signed_by_a_stranger, "entry 3: it is signed by another key"),
    "sign one in the key's name": (signed_in_anothers_name, "entry 3: its signature is not right"),
    "sign one with the key": (signed_by_ourselves, "entry 4: it does not follow upon the entry before it"),
    "rebuild with another key": (
        lambda rows, office: rebuilt(rows, STRANGER),
        "from entry 1: it is signed by the key|entry 6: the checkpoint",
    ),
    "rebuild with another key from 4 on": (
        lambda rows, office: rebuilt(rows, STRANGER, 4), "entry 4: it is signed by another key",
    ),
}  # fmt: skip
# What only somebody outside can see: nothing in the journal itself tells.
UNSEEN: dict[str, tuple[Callable[[Rows, Office], Rows], str]] = {
    "cut the last": (lambda rows, office: rows[:5], "entry 6: it is missing; the checkpoint of 2026-11-23 names 6"),
    "cut all but one": (lambda rows, office: rows[:1], "entry 2: it is missing; the checkpoint of 2026-11-23 names 6"),
    "rebuild with the key": (lambda rows, office: rebuilt(rows, own(office)), "entry 6: it is not the entry that"),
    "rebuild with the key from 4 on": (lambda rows, office: rebuilt(rows, own(office), 4), "entry 6: it is not"),
}


def test_a_whole_journal_holds(kept: Office, checkpoint: Checkpoint) -> None:
    whole = verify_journal(kept, [checkpoint])
    assert (whole.entries, whole.head) == head(kept) == (6, checkpoint.head)
    assert whole.keys == ((1, own(kept).public.hex()),)
    write_entry(kept, "Idris", Act.BUNDLE_MADE, DAY)
    assert verify_journal(kept, [checkpoint]).entries == 7


def test_an_emptied_journal_does_not_hold_and_is_not_healed_by_the_next_act(office: Office) -> None:
    put(office, [])
    with pytest.raises(JournalBroken, match="entry 1: it is missing"):
        verify_journal(office)
    write_entry(office, "Mara", Act.SIGNED_IN, DAY)
    with pytest.raises(JournalBroken, match="entry 1: a journal does not begin so"):
        verify_journal(office)


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_tampering_is_found_and_the_entry_named(kept: Office, checkpoint: Checkpoint, name: str) -> None:
    tamper, told = TAMPERINGS[name]
    put(kept, tamper(stored(kept), kept))
    for against in ([], [checkpoint]):
        with pytest.raises(JournalBroken, match=told):
            verify_journal(kept, against)


@pytest.mark.parametrize("name", UNSEEN)
def test_a_cut_tail_and_a_rebuilt_chain_fail_against_the_checkpoint(
    kept: Office, checkpoint: Checkpoint, name: str
) -> None:
    tamper, told = UNSEEN[name]
    put(kept, tamper(stored(kept), kept))
    verify_journal(kept)
    with pytest.raises(JournalBroken, match=told):
        verify_journal(kept, [checkpoint])
    if stored(kept):
        # More entries on top of it hide nothing.
        for _ in range(8):
            write_entry(kept, "Eve", Act.BUNDLE_MADE, DAY)
        with pytest.raises(JournalBroken, match="entry 6: it is not the entry that the checkpoint of 2026-11-23 names"):
            verify_journal(kept, [checkpoint])


def test_rebuilt_with_another_key_and_that_key_put_in_its_place_fails_against_the_checkpoint(
    kept: Office, checkpoint: Checkpoint, tmp_path: Path
) -> None:
    file = tmp_path / "journal.key"
    file.write_bytes(new_key_file())
    theirs = replace(kept, journal_key=file)
    put(kept, rebuilt(stored(kept), key_of(file)))
    assert verify_journal(theirs).entries == 6
    with pytest.raises(JournalBroken, match="entry 6: the checkpoint of 2026-11-23 is signed by the key"):
        verify_journal(theirs, [checkpoint])


def test_the_first_of_several_checkpoints_that_fails_is_named(kept: Office) -> None:
    first = make_checkpoint(kept, "wt", "Mara", DAY)
    second = make_checkpoint(kept, "wt", "Mara", date(2026, 11, 30))
    put(kept, rebuilt(stored(kept), own(kept), 7))
    verify_journal(kept, [first])
    with pytest.raises(JournalBroken, match="entry 7: it is not the entry that the checkpoint of 2026-11-30 names"):
        verify_journal(kept, [second, first])


def test_entries_carry_days_and_no_clock_time(kept: Office) -> None:
    assert {entry.day for entry in read_journal(kept)} == {"2026-11-23"}
    assert set(json.loads(read_journal(kept)[0].written)) == {
        "format", "number", "actor", "act", "day", "count", "reason", "detail", "before", "key",
    }  # fmt: skip


def test_a_damaged_entry_cannot_be_read_as_if_it_were_whole(kept: Office) -> None:
    change(kept, 4, entry="{}")
    with pytest.raises(JournalBroken, match="entry 4"):
        read_journal(kept)


@pytest.mark.parametrize("values", [{"entry": "{}"}, {"hash": "1" * 64}, {"signature": b"s" * 64}])
def test_nothing_is_built_upon_an_entry_that_does_not_hold(kept: Office, values: dict[str, Any]) -> None:
    change(kept, 5, **values)
    with pytest.raises(JournalBroken, match="entry 5"):
        write_entry(kept, "Mara", Act.BUNDLE_MADE, DAY)
    assert len(stored(kept)) == 5


def test_another_key_writes_nothing_until_the_journal_is_told_of_it(kept: Office, tmp_path: Path) -> None:
    file = tmp_path / "journal.key"
    file.write_bytes(new_key_file())
    other = replace(kept, journal_key=file)
    with pytest.raises(JournalNotWritten, match="journal.key is another"):
        write_entry(other, "Mara", Act.BUNDLE_MADE, DAY)
    assert len(stored(kept)) == 5
    write_entry(other, "command line", Act.JOURNAL_KEY_RENEWED, DAY, reason="the disk was lost")
    write_entry(other, "Mara", Act.BUNDLE_MADE, DAY)
    assert verify_journal(other).keys == ((1, own(kept).public.hex()), (6, key_of(file).public.hex()))
    with pytest.raises(JournalBroken, match="from entry 6"):
        verify_journal(kept)


@pytest.mark.parametrize("data", [None, b"", b"amanah-journal-key-1 00\n", b"s" * 32])
def test_without_its_key_the_journal_can_be_read_and_not_written(
    kept: Office, tmp_path: Path, data: bytes | None
) -> None:
    file = tmp_path / "journal.key"
    if data is not None:
        file.write_bytes(data)
    for office in (replace(kept, journal_key=file), replace(kept, journal_key=None)):
        with pytest.raises(JournalNotWritten, match=r"journal\.key"):
            write_entry(office, "Mara", Act.BUNDLE_MADE, DAY)
        assert len(read_journal(office)) == 5
    assert verify_journal(replace(kept, journal_key=None)).entries == 5


def test_the_table_itself_refuses_what_is_not_an_addition_on_sqlite(in_a_file: Office) -> None:
    for deed in (update(journal).values(hash="1" * 64), delete(journal)):
        with in_a_file.engine.begin() as connection, pytest.raises(DatabaseError, match="append-only"):
            connection.execute(deed)
    disarm(in_a_file)
    with in_a_file.engine.begin() as connection:
        assert connection.execute(delete(journal)).rowcount == 1


def test_the_same_act_of_one_person_and_day_is_written_once_where_it_could_flood(kept: Office) -> None:
    for actor, detail, day in (
        ("Idris", "one", 23), ("Idris", "one", 23), ("Idris", "two", 23), ("Mara", "one", 23), ("Idris", "one", 23),
        ("Idris", "one", 24), ("Idris", "one", 24),
    ):  # fmt: skip
        write_once(kept, actor, Act.BUNDLE_MADE, date(2026, 11, day), detail)
    written = [(entry.actor, entry.detail, entry.day[-2:]) for entry in read_journal(kept)[5:]]
    assert written == [("Idris", "one", "23"), ("Idris", "two", "23"), ("Mara", "one", "23"), ("Idris", "one", "24")]
    assert verify_journal(kept).entries == 9


def test_the_journal_tells_in_which_order_instruments_were_added(stores: Stores) -> None:
    for digest in ("cc", "aa", "cc", "bb"):
        write_entry(stores.office, "Mara", Act.STUDY_ADDED, DAY, detail=digest)
        add_instrument(stores.office, digest, "wt", b"{}")
    assert order_of_instruments(stores.office) == ("cc", "aa", "bb")
    # One that no entry names was there before, and an entry for one that is not there names nothing.
    add_instrument(stores.office, "dd", "wt", b"{}")
    write_entry(stores.office, "Mara", Act.STUDY_ADDED, DAY, detail="ee")
    # Nor does an act whose detail looks like another.
    write_entry(stores.office, "Mara", Act.BUNDLE_MADE, DAY, detail='"act":"study_added"')
    assert order_of_instruments(stores.office) == ("dd", "cc", "aa", "bb")


WRITERS, EACH = 8, 50
WRITE = """
import os
import sys
import time
from datetime import date
from pathlib import Path
from storage.engines import open_engine
from storage.journal import Act, write_entry
from storage.office import Office
writers, each = map(int, sys.argv[3:])
children, (gate, opening) = [], os.pipe()
for writer in range(writers):
    children.append(os.fork())
    if not children[-1]:
        # All begin at one moment: else the first may be done before the last is there.
        os.close(opening)
        os.read(gate, 1)
        office = Office(open_engine(sys.argv[1]), Path(sys.argv[2]))
        for count in range(each):
            write_entry(office, f"writer {writer}", Act.BUNDLE_MADE, date(2026, 11, 23), count)
            # Whoever waits for SQLite looks again now and then: a moment in which one of them can find it free.
            time.sleep(0.001)
        os._exit(0)
os.close(opening)
sys.exit(sum(os.waitpid(child, 0)[1] for child in children))
"""


@pytest.mark.parametrize("each", [EACH, pytest.param(50 * EACH, marks=pytest.mark.torture)])
def test_many_processes_at_once_keep_one_chain_and_lose_nothing(office: Office, each: int) -> None:
    put(office, [])
    write_entry(office, "command line", Act.INIT, DAY)
    address = office.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", WRITE, address, str(office.journal_key), str(WRITERS), str(each)]
    assert subprocess.run(command, cwd=ROOT).returncode == 0
    assert verify_journal(office).entries == 1 + WRITERS * each
    entries = read_journal(office)[1:]
    for one in range(WRITERS):
        assert [entry.count for entry in entries if entry.actor == f"writer {one}"] == list(range(each))
    # They did write in turns, and not one after the other.
    assert sum(first.actor != second.actor for first, second in pairwise(entries)) >= WRITERS


def test_an_act_that_cannot_be_written_down_raises_so_that_it_does_not_happen(in_a_file: Office) -> None:
    journal.drop(in_a_file.engine)
    with pytest.raises(JournalNotWritten, match="this was not done"):
        write_entry(in_a_file, "Mara", Act.BUNDLE_MADE, DAY)
