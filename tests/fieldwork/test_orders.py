"""An order of the custodians erases what it names, for good, and nothing else; a defect of it erases nothing."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from commands import opened_study
from config import Settings, read_settings
from errors import OrderRefused, Withdrawn
from fieldwork.bundles import make_bundle
from fieldwork.orders import carry_out, read
from fieldwork.study import Study
from fieldwork.upkeep import maintain
from privacy.keys import Keyring
from privacy.opening import PrivateKey, new_private_key
from storage.journal import Act, read_journal, write_entry
from storage.office import add_keyring, tallies
from storage.stores import close_stores
from storage.tombstones import is_buried
from storage.vaults import limits, tags
from tests.conftest import STUDY, TODAY, Keys, counted_bytes
from tests.deliveries import sealed_visit
from tests.ordering import Kept, an_order, both, deliver, delivered


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, unused: Path) -> Study:
    """One instance for what changes nothing of another's."""
    home = tmp_path_factory.mktemp("orders") / "instance"
    shutil.copytree(unused, home)
    return opened_study(read_settings(home, {}))


def withdrawn(study: Study) -> int:
    return sum(one.count for one in tallies(study.stores.office) if one.outcome == "withdrawn")


def left_of(study: Study) -> tuple[int, int]:
    """How many tags and limits the identity vault has."""
    with study.stores.identity.engine.connect() as connection:
        found = [connection.scalar(select(func.count()).select_from(table)) for table in (tags, limits)]
    return found[0] or 0, found[1] or 0


def test_two_withdrawals_and_a_contact_in_one_order_are_erased_and_nothing_else(study: Study, keys: Keys) -> None:
    gone, also_gone, quiet, stays = (delivered(study, seed) for seed in ("gone", "also", "quiet", "stays"))
    data = an_order(keys.identity, STUDY, (gone, also_gone), [quiet.row("contact")])
    order = carry_out(study, data, TODAY, "Mara").order
    assert (order.withdrawals, order.lines) == (2, 3)
    assert both(study) == (2, 3 + 2)
    assert left_of(study) == (5, 3)
    assert withdrawn(study) == 2
    for one in (gone, also_gone):
        assert all(is_buried(study.stores.office, tag) for tag in one.pair)
        with pytest.raises(Withdrawn):
            deliver(study, one.sent)
    assert not deliver(study, stays.sent)


def test_what_was_forgotten_is_not_kept_when_it_comes_again_and_the_visit_stays(study: Study, keys: Keys) -> None:
    quiet = delivered(study, "quiet")
    carry_out(study, an_order(keys.identity, STUDY, forget=[quiet.row("contact")]), TODAY, "Mara")
    assert both(study) == (1, 2)
    assert not deliver(study, quiet.sent)
    assert both(study) == (1, 2)


def test_an_order_for_what_a_tablet_has_not_brought_yet_refuses_it_when_it_comes(study: Study, keys: Keys) -> None:
    late = Kept(sealed_visit(study, "late"))
    carry_out(study, an_order(keys.identity, STUDY, [late]), TODAY, "Mara")
    assert withdrawn(study) == 0
    with pytest.raises(Withdrawn):
        deliver(study, late.sent)
    assert both(study) == (0, 0)


def test_carried_out_again_it_changes_nothing(study: Study, keys: Keys) -> None:
    gone, quiet, _ = (delivered(study, seed) for seed in ("gone", "quiet", "stays"))
    data = an_order(keys.identity, STUDY, [gone], [quiet.row("contact")])
    first = carry_out(study, data, TODAY, "Mara")
    before = both(study), left_of(study), withdrawn(study)
    assert carry_out(study, data, TODAY, "Mara") == first
    assert (both(study), left_of(study), withdrawn(study)) == before == ((2, 5), (5, 3), 1)


def test_a_restored_backup_brings_neither_a_visit_nor_a_contact_back(
    study: Study, settings: Settings, keys: Keys, tmp_path: Path
) -> None:
    gone, quiet = delivered(study, "gone"), delivered(study, "quiet")
    maintain(study, TODAY)
    shutil.copytree(settings.home / "stores", tmp_path / "backup")
    carry_out(study, an_order(keys.identity, STUDY, [gone], [quiet.row("contact")]), TODAY, "Mara")
    close_stores(study.stores)
    shutil.rmtree(settings.home / "stores")
    shutil.copytree(tmp_path / "backup", settings.home / "stores")
    assert both(study) == (2, 6)
    assert maintain(study, TODAY).erased_again == 1 + 3 + 1
    assert both(study) == (1, 2)


@pytest.mark.parametrize("part", ["identity", "link", "research"])
def test_only_contact_entries_can_be_forgotten(shared: Study, keys: Keys, part: str) -> None:
    kept = delivered(shared, f"not a contact: {part}")
    before = both(shared)
    carry_out(shared, an_order(keys.identity, STUDY, forget=[kept.row(part)]), TODAY, "Mara")
    assert both(shared) == before


def test_the_journal_says_that_it_was_done_and_not_of_which_kind(shared: Study, keys: Keys) -> None:
    kept = delivered(shared, "journal")
    for data in (
        an_order(keys.identity, STUDY, [kept]),
        an_order(keys.identity, STUDY, forget=[kept.row("contact")]),
    ):
        mark = carry_out(shared, data, TODAY, "Mara").order.mark
        last = read_journal(shared.stores.office)[-1]
        assert (last.actor, last.act, last.detail) == ("Mara", "order_carried_out", mark)
        assert (last.count, last.reason) == (0, "")
        assert re.fullmatch("[0-9a-f]{4}( [0-9a-f]{4}){3}", mark)


def test_the_journal_counts_lines_in_steps_of_five_and_fewer_not_at_all(shared: Study, keys: Keys) -> None:
    for lines, count in ((4, 0), (5, 5), (9, 5), (10, 10)):
        ids = [bytes([lines, number]) * 8 for number in range(lines)]
        carry_out(shared, an_order(keys.identity, STUDY, forget=ids), TODAY, "Mara")
        assert read_journal(shared.stores.office)[-1].count == count


def test_to_forget_contact_details_whose_id_is_somebodys_tag_withdraws_nobody(study: Study, keys: Keys) -> None:
    stays = delivered(study, "stays")
    rows = [
        Kept(sealed_visit(study, f"hostile {n}").with_half("contact", id=tag.hex())) for n, tag in enumerate(stays.pair)
    ]
    for one in rows:
        deliver(study, one.sent)
    carry_out(study, an_order(keys.identity, STUDY, forget=[one.row("contact") for one in rows]), TODAY, "Mara")
    assert not [tag for tag in stays.pair if is_buried(study.stores.office, tag)]
    assert maintain(study, TODAY).erased_again == 0
    assert both(study) == (3, 9 - 2)
    assert not deliver(study, stays.sent)


def other_key(purpose: str = "identity", study: str = STUDY) -> PrivateKey:
    return new_private_key(purpose, study, counted_bytes("another key"))  # type: ignore[arg-type]


def altered(data: bytes) -> bytes:
    return data.replace(b'"forget":["', b'"forget":["0')


FORGERIES: dict[str, Callable[[bytes, Keys], bytes]] = {
    "altered": lambda data, keys: altered(data),
    "of another study": lambda data, keys: an_order(keys.identity, "another", forget=[b"r" * 16]),
    "signed by another study's key": lambda data, keys: an_order(other_key(study="another"), STUDY, forget=[b"r" * 16]),
    "signed by a key of nobody": lambda data, keys: an_order(other_key(), STUDY, forget=[b"r" * 16]),
    "cut": lambda data, keys: data[:-1],
    "empty": lambda data, keys: b"",
}


@pytest.mark.parametrize("why", FORGERIES)
def test_an_order_that_is_not_the_custodians_erases_nothing_and_is_no_act(shared: Study, keys: Keys, why: str) -> None:
    kept = delivered(shared, why)
    whole = an_order(keys.identity, STUDY, [kept], [kept.row("contact")])
    before = both(shared), len(read_journal(shared.stores.office))
    with pytest.raises(OrderRefused):
        carry_out(shared, FORGERIES[why](whole, keys), TODAY, "Mara")
    assert (both(shared), len(read_journal(shared.stores.office))) == before
    assert read(shared, whole).lines == 2


def test_a_key_counts_once_the_journal_names_it_and_still_when_it_is_retired(study: Study, keys: Keys) -> None:
    new, office = other_key(), study.stores.office
    ring = keys.keyring.rotated(new.public()).to_json()
    add_keyring(office, ring)
    data = an_order(new, STUDY, forget=[b"r" * 16])
    with pytest.raises(OrderRefused):
        read(study, data)
    write_entry(office, "Nadia", Act.KEYS_ADDED, TODAY, detail=Keyring.from_json(ring).fingerprint)
    assert read(study, data).lines == 1
    assert read(study, an_order(keys.identity, STUDY, forget=[b"r" * 16])).lines == 1


def test_a_study_without_keys_takes_no_order(study: Study, keys: Keys) -> None:
    with study.stores.office.engine.begin() as connection:
        connection.exec_driver_sql("delete from keyrings")
    with pytest.raises(OrderRefused):
        read(study, an_order(keys.identity, STUDY, forget=[b"r" * 16]))


def test_during_a_legal_hold_an_order_waits_and_what_it_names_is_used_by_nobody(
    study: Study, keys: Keys, tmp_path: Path
) -> None:
    gone, quiet = delivered(study, "gone"), delivered(study, "quiet")
    data = an_order(keys.identity, STUDY, [gone], [quiet.row("contact")])
    write_entry(study.stores.office, "Nadia", Act.HOLD_SET, TODAY, reason="Order of the court", detail="d" * 64)
    done = carry_out(study, data, TODAY, "Mara")
    assert done.hold
    assert maintain(study, TODAY).is_held
    assert both(study) == (2, 6)
    # Nothing of it is carried to a desk, not even the contact entry alone.
    assert make_bundle(study, tmp_path / "identities", "Mara", TODAY, "identity") == 2
    assert make_bundle(study, tmp_path / "records", "Mara", TODAY, "research") == 1
    write_entry(study.stores.office, "Nadia", Act.HOLD_LIFTED, TODAY, reason="Discharged", detail="d" * 64)
    assert maintain(study, TODAY).erased_again == 1 + 3 + 1
    assert both(study) == (1, 2)
    assert carry_out(study, data, TODAY, "Mara").hold is None
