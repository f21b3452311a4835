"""The desk's own journal: it begins with whatever is done first at the desk, and what it cannot take is not done."""

from __future__ import annotations

from pathlib import Path

import pytest

from errors import JournalBroken, JournalNotWritten
from release.journal import desk_journal, write_act
from storage.journal import AT_THE_DESK, Act, read_journal, write_entry
from storage.journal_check import verify_journal
from tests.conftest import TODAY

NAMES = "Nadia and Owen"


def test_a_desks_journal_begins_with_any_act_of_the_desk_and_no_other(tmp_path: Path) -> None:
    for number, act in enumerate(sorted(AT_THE_DESK)):
        write_act(tmp_path / str(number), NAMES, act, TODAY, reason="A trial")
        with desk_journal(tmp_path / str(number)) as office:
            assert [(entry.actor, entry.act, entry.reason) for entry in read_journal(office)] == [
                (NAMES, act, "A trial")
            ]
            assert verify_journal(office).entries == 1
    with desk_journal(tmp_path / "other") as office:
        write_entry(office, NAMES, Act.BUNDLE_MADE, TODAY)
        with pytest.raises(JournalBroken, match="does not begin so"):
            verify_journal(office)


def test_an_act_that_the_journal_does_not_take_is_refused(tmp_path: Path) -> None:
    (tmp_path / "release-journal").write_text("a file stands in the way", "utf-8")
    with pytest.raises(JournalNotWritten):
        write_act(tmp_path, NAMES, Act.LETTERS_MADE, TODAY, reason="A trial")
