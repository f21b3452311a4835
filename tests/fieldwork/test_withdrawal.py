"""A withdrawal erases a whole visit at once, is undone by no backup, and tells nobody whether a code was known."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from app import create_app
from config import Settings
from errors import ReceiptError
from fieldwork.study import Study
from fieldwork.upkeep import maintain
from fieldwork.visits import FinishedVisit, finish_visit
from fieldwork.withdrawal import withdraw
from instruments.consent import gate
from privacy.envelope import Context
from privacy.receipts import labels_of, new_receipt
from storage.office import tallies
from storage.stores import close_stores
from storage.tombstones import is_buried
from storage.vaults import count, rows, until_of
from tests.conftest import TODAY, Keys, counted_bytes
from tests.visits import amina


def finished(study: Study, **more: str):
    said = {name: values[0] for name, values in amina(study.instrument, **more).items()}
    visit = FinishedVisit(
        "young_person", "en", "self", {"site": 1, "age": "18-21"}, gate(study.instrument, "young_person", 19, said)
    )
    return finish_visit(study, visit, TODAY)


def both(study: Study) -> tuple[int, int]:
    """Records in each vault: a visit is one of answers and three of the person."""
    return count(study.stores.research), count(study.stores.identity)


def opened(study: Study, keys: Keys) -> list[dict]:
    context = ("research", study.name, study.instrument.digest)
    return [keys.research.open(envelope, Context(*context, row)) for row, envelope in rows(study.stores.research)]


def test_a_receipt_erases_both_records(study: Study) -> None:
    kept, gone = finished(study), finished(study)
    withdraw(study, gone.grouped, TODAY)
    assert both(study) == (1, 3)
    withdraw(study, kept.grouped, TODAY)
    assert both(study) == (0, 0)


def test_forgiving_typing_still_finds_the_record(study: Study) -> None:
    receipt = finished(study)
    typed = " " + receipt.grouped.lower().replace("-", " ").replace("0", "o").replace("1", "l") + "\n"
    withdraw(study, typed, TODAY)
    assert both(study) == (0, 0)


def test_a_mistyped_code_is_told_from_an_unknown_one(study: Study) -> None:
    receipt = finished(study)
    wrong = receipt.code[:-1] + ("A" if receipt.code[-1] != "A" else "B")
    with pytest.raises(ReceiptError):
        withdraw(study, wrong, TODAY)
    withdraw(study, new_receipt(counted_bytes("unknown")).grouped, TODAY)
    assert both(study) == (1, 3)


def test_withdrawals_are_counted_by_month_only(study: Study) -> None:
    receipt = finished(study)
    withdraw(study, receipt.grouped, TODAY)
    withdraw(study, receipt.grouped, TODAY)
    withdrawn = [tally for tally in tallies(study.stores.office) if tally.outcome == "withdrawn"]
    assert [(tally.count, tally.group, tally.site, tally.month) for tally in withdrawn] == [(1, "", "", "2026-11")]


def test_a_record_that_comes_later_is_known_to_be_withdrawn(study: Study) -> None:
    receipt = new_receipt(counted_bytes("offline"))
    withdraw(study, receipt.grouped, TODAY)
    labels = labels_of(receipt, study.name)
    assert is_buried(study.stores.office, labels.research_tag)
    assert is_buried(study.stores.office, labels.identity_tag)


def test_an_old_backup_does_not_bring_a_withdrawn_record_back(study: Study, settings: Settings, tmp_path: Path) -> None:
    receipts = [finished(study) for _ in range(6)]
    maintain(study, TODAY)
    backup = tmp_path / "backup"
    shutil.copytree(settings.home / "stores", backup)
    for receipt in receipts[:4]:
        withdraw(study, receipt.grouped, TODAY)
    close_stores(study.stores)
    shutil.rmtree(settings.home / "stores")
    shutil.copytree(backup, settings.home / "stores")
    assert both(study) == (6, 18)
    assert maintain(study, TODAY).erased_again == 16
    assert both(study) == (2, 6)


def test_a_restored_backup_is_put_right_before_anything_is_served(
    study: Study, settings: Settings, tmp_path: Path
) -> None:
    receipts = [finished(study) for _ in range(3)]
    maintain(study, TODAY)
    shutil.copytree(settings.home / "stores", tmp_path / "backup")
    withdraw(study, receipts[0].grouped, TODAY)
    close_stores(study.stores)
    shutil.rmtree(settings.home / "stores")
    shutil.copytree(tmp_path / "backup", settings.home / "stores")
    served = create_app(settings).extensions["amanah"]
    assert both(served) == (2, 6)


def test_after_the_cut_off_nothing_can_be_found(study: Study) -> None:
    receipt = finished(study)
    labels = labels_of(receipt, study.name)
    until = until_of(study.stores.research, labels.research_tag)
    assert until is not None
    assert until.weekday() == 6
    assert TODAY + timedelta(28) <= until < TODAY + timedelta(35)
    maintain(study, until)
    assert until_of(study.stores.research, labels.research_tag) == until
    maintain(study, until + timedelta(1))
    assert until_of(study.stores.research, labels.research_tag) is None
    withdraw(study, receipt.grouped, until + timedelta(1))
    assert both(study) == (1, 2)
