"""The journal is append-only in effect: an entry that is edited, moved, taken out or cut off is found and named."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DatabaseError

from errors import JournalBroken
from storage.journal import Act, head, order_of_instruments, read_journal, verify_journal, write_entry
from storage.office import add_instrument, journal
from storage.stores import Stores

DAY = date(2026, 11, 23)


@pytest.fixture
def kept(stores: Stores) -> Stores:
    for act in (Act.INIT, Act.STUDY_ADDED, Act.KEYS_ADDED, Act.BUNDLE_MADE, Act.BUNDLE_MADE):
        write_entry(stores.office, "Mara", act, DAY, count=1)
    return stores


def test_a_whole_journal_holds(kept: Stores) -> None:
    assert verify_journal(kept.office) == 5
    assert verify_journal(kept.office, head(kept.office)) == 5


def test_entries_carry_days_and_no_clock_time(kept: Stores) -> None:
    assert {entry.day for entry in read_journal(kept.office)} == {"2026-11-23"}
    assert set(json.loads(read_journal(kept.office)[0].written)) == {
        "number", "actor", "act", "day", "count", "reason", "detail", "before",
    }  # fmt: skip


def test_an_edited_entry_is_named(kept: Stores) -> None:
    entry = read_journal(kept.office)[2].written.replace("Mara", "Idris")
    with kept.office.engine.begin() as connection:
        connection.execute(update(journal).where(journal.c.number == 3).values(entry=entry))
    with pytest.raises(JournalBroken, match="entry 3"):
        verify_journal(kept.office)


def test_an_entry_taken_out_of_the_middle_is_named(kept: Stores) -> None:
    with kept.office.engine.begin() as connection:
        connection.execute(delete(journal).where(journal.c.number == 2))
    with pytest.raises(JournalBroken, match="entry 2"):
        verify_journal(kept.office)


def test_two_entries_that_changed_places_are_named(kept: Stores) -> None:
    with kept.office.engine.begin() as connection:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            connection.execute(update(journal).where(journal.c.number == old).values(number=new))
    with pytest.raises(JournalBroken, match="entry 2"):
        verify_journal(kept.office)


def test_a_cut_tail_and_a_rebuilt_chain_fail_against_the_anchor(kept: Stores) -> None:
    anchor = head(kept.office)
    with kept.office.engine.begin() as connection:
        connection.execute(delete(journal).where(journal.c.number == 5))
    assert verify_journal(kept.office) == 4
    with pytest.raises(JournalBroken):
        verify_journal(kept.office, anchor)
    write_entry(kept.office, "Idris", Act.BUNDLE_MADE, DAY)
    assert verify_journal(kept.office) == 5
    with pytest.raises(JournalBroken):
        verify_journal(kept.office, anchor)


def test_a_damaged_entry_is_named_too(kept: Stores) -> None:
    with kept.office.engine.begin() as connection:
        connection.execute(update(journal).where(journal.c.number == 4).values(entry="{"))
    with pytest.raises(JournalBroken, match="entry 4"):
        verify_journal(kept.office)


def test_an_entry_forged_with_a_right_hash_of_its_own_breaks_the_chain_after_it(kept: Stores) -> None:
    forged = replace(read_journal(kept.office)[2], actor="Idris")
    with kept.office.engine.begin() as connection:
        here = update(journal).where(journal.c.number == 3)
        connection.execute(here.values(entry=forged.written, hash=forged.hash))
    with pytest.raises(JournalBroken, match="entry 4"):
        verify_journal(kept.office)


def test_an_entry_spelled_otherwise_is_found_though_it_says_the_same(kept: Stores) -> None:
    with kept.office.engine.begin() as connection:
        entry = read_journal(kept.office)[1].written + " "
        connection.execute(update(journal).where(journal.c.number == 2).values(entry=entry))
    with pytest.raises(JournalBroken, match="entry 2"):
        verify_journal(kept.office)


def test_a_damaged_entry_cannot_be_read_as_if_it_were_whole(kept: Stores) -> None:
    with kept.office.engine.begin() as connection:
        connection.execute(update(journal).where(journal.c.number == 4).values(entry="{}"))
    with pytest.raises(JournalBroken, match="entry 4"):
        read_journal(kept.office)


def test_acts_of_several_people_at_once_are_all_in_the_chain(kept: Stores) -> None:
    with ThreadPoolExecutor(3) as both:
        for done in [both.submit(write_entry, kept.office, "Mara", Act.BUNDLE_MADE, DAY) for _ in range(12)]:
            done.result()
    assert verify_journal(kept.office) == 17


def test_the_journal_tells_in_which_order_instruments_were_added(stores: Stores) -> None:
    for digest in ("cc", "aa", "cc", "bb"):
        write_entry(stores.office, "Mara", Act.STUDY_ADDED, DAY, detail=digest)
        add_instrument(stores.office, digest, "wt", b"{}")
    assert order_of_instruments(stores.office) == ("cc", "aa", "bb")
    # One that no entry names was there before, and an entry for one that is not there names nothing.
    add_instrument(stores.office, "dd", "wt", b"{}")
    write_entry(stores.office, "Mara", Act.STUDY_ADDED, DAY, detail="ee")
    assert order_of_instruments(stores.office) == ("dd", "cc", "aa", "bb")


def test_an_act_that_cannot_be_written_down_raises_so_that_it_does_not_happen(kept: Stores) -> None:
    journal.drop(kept.office.engine)
    with pytest.raises(DatabaseError):
        write_entry(kept.office, "Mara", Act.BUNDLE_MADE, DAY)
