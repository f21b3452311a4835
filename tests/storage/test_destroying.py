"""What is destroyed at a study's end, table by table, on both engines and with the collector's rights."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from commands import DEFAULT_STUDY
from errors import NotGranted
from fieldwork.destroying import Destruction, destroy_study
from fieldwork.study import Study
from instruments.catalogue import load_study
from storage.journal import COMMAND_LINE, Act, read_journal, write_entry
from storage.office import Tally, count_visit, keep_shown_tallies_alone, show, tallies
from storage.stores import Stores
from storage.vaults import Limit, Vault, count, count_unlimited, deposit, destroy, erase_unlimited, rewrite, until_of
from tests.conftest import TODAY, Keys
from tests.storage.conftest import UNTIL, Both, bytes_at_rest, envelope


def fill(vault: Vault, people: int = 3) -> tuple[list[bytes], list[bytes]]:
    """Records without a limit and with one; gives their tags, and the ends of what has a limit or none."""
    tags, ends = [secrets.token_bytes(16) for _ in range(people)], [secrets.token_bytes(24) for _ in range(2 * people)]
    for place, tag in enumerate(tags):
        deposit(vault, secrets.token_bytes(16), tag, envelope(ends[2 * place]), UNTIL)
        if vault.purpose == "identity":
            limit = Limit("contact", UNTIL)
            deposit(vault, secrets.token_bytes(16), tag, envelope(ends[2 * place + 1]), UNTIL, limit=limit)
    return tags, ends


def test_consent_records_stay_where_they_are_to_and_go_by_themselves_later(stores: Stores) -> None:
    vault = stores.identity
    tags, ends = fill(vault)
    for _ in "twice":
        destroy(vault, but_consents=True)
        rewrite(vault)
        assert (count(vault), count_unlimited(vault), until_of(vault, tags[0])) == (3, 3, None)
    held = bytes_at_rest(vault)
    assert [end in held for end in ends] == [True, False] * 3
    assert (erase_unlimited(vault), erase_unlimited(vault), count(vault)) == (3, 0, 0)


@pytest.mark.parametrize("which", ["research", "identity"])
def test_nothing_is_left_of_a_whole_vault(stores: Stores, which: str) -> None:
    vault: Vault = getattr(stores, which)
    _, ends = fill(vault)
    assert ends[0] in bytes_at_rest(vault), "the search itself must find"
    destroy(vault)
    rewrite(vault)
    assert count(vault) == 0
    held = bytes_at_rest(vault)
    assert not [end for end in ends if end in held]


def test_counts_in_steps_take_the_place_of_exact_ones(stores: Stores) -> None:
    for _ in range(7):
        count_visit(stores.office, "finished", "young_person", "1", "2026-11")
    show(stores.office, [Tally("finished", "young_person", "1", "2026-11", 5)])
    for _ in "twice":
        keep_shown_tallies_alone(stores.office)
        assert tallies(stores.office) == (Tally("finished", "young_person", "1", "2026-11", 5),)


def test_the_collector_may_do_what_a_start_finishes(both: Both) -> None:
    for vault in (both.collector.research, both.collector.identity):
        fill(vault)
    assert count_unlimited(both.collector.identity) == 3
    destroy(both.collector.identity, but_consents=True)
    assert erase_unlimited(both.collector.identity) == 3
    destroy(both.collector.research)
    assert (count(both.owner.research), count(both.owner.identity)) == (0, 0)


def test_with_the_collectors_rights_no_destruction_begins(both: Both, keys: Keys, tmp_path: Path) -> None:
    write_entry(both.owner.office, COMMAND_LINE, Act.STUDY_ENDED, TODAY)
    loaded, wanted = load_study(DEFAULT_STUDY), Destruction(TODAY.isoformat(), None, False)
    study = Study(loaded.instrument, loaded.settings, keys.keyring, both.collector, (tmp_path / "tombstones.txt",))
    with pytest.raises(NotGranted, match=r"with the owner's addresses .* Nothing was changed"):
        destroy_study(study, tmp_path, wanted, TODAY)
    assert read_journal(both.owner.office)[-1].act == "study_ended"
