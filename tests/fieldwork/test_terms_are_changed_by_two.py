"""A cut-off, a retention and the last administrator: two people change them, and nothing leads past the rule."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from commands import DEFAULT_STUDY
from errors import NotPermitted, SettingsError
from fieldwork.approvals import adopt_or_propose, closed, is_yours, propose_removal, propose_retention
from fieldwork.proposals import rows_of
from fieldwork.versions import Comparison, adopt, compare
from storage.approvals import Proposal
from storage.office import current_digest
from storage.staff import staff_named
from tests.approving import IDRIS, NADIA, OWEN, STRANGER, TODAY, Here
from tests.conftest import STUDY

CLOSED = str(closed())


@pytest.fixture
def sheets(tmp_path: Path) -> Callable[..., Path]:
    """A copy of the study's sheets as another version, with words of study.toml changed."""

    def changed(version: str, *changes: tuple[str, str]) -> Path:
        folder = tmp_path / version
        shutil.copytree(DEFAULT_STUDY, folder)
        told = (folder / "study.toml").read_text("utf-8")
        for before, after in (('version = "1.0-draft"', f'version = "{version}"'), *changes):
            assert before in told
            told = told.replace(before, after, 1)
        (folder / "study.toml").write_text(told, "utf-8")
        return folder

    return changed


def compared(here: Here, path: Path) -> Comparison:
    return compare(here.study.stores.office, STUDY, here.folder, path)


def test_another_cut_off_waits_with_its_version_until_somebody_confirms_it(
    here: Here, sheets: Callable[..., Path]
) -> None:
    office = here.study.stores.office
    before = current_digest(office, STUDY)
    found = compared(here, sheets("2", ("cut_off_days = 28", "cut_off_days = 14")))
    assert "cut_off_days 28 → 14" in " ".join(found.in_words())
    with pytest.raises(SettingsError, match="two people"):
        adopt(office, found, here.folder, TODAY, "Mara", breaking_agreed=True)
    made = adopt_or_propose(here.study, found, here.folder, TODAY, "Mara", True)
    assert isinstance(made, Proposal)
    assert ("cut_off_days", "28", "14") in rows_of(made)
    shutil.rmtree(found.path)
    assert current_digest(office, STUDY) == before
    here.confirm(NADIA, made)
    assert current_digest(office, STUDY) == found.new.digest
    assert here.told_anew().instrument.cut_off_days == 14


def test_what_changes_no_terms_is_adopted_at_once_and_overtakes_what_waits(
    here: Here, sheets: Callable[..., Path]
) -> None:
    cut_off = here.told_anew().instrument.cut_off_days
    shorter = compared(here, sheets("3", ("cut_off_days = 28", "cut_off_days = 8")))
    made = adopt_or_propose(here.study, shorter, here.folder, TODAY, "Mara", True)
    assert isinstance(made, Proposal)
    plain = compared(here, sheets("4", ("cut_off_days = 28", f"cut_off_days = {cut_off}")))
    assert adopt_or_propose(here.study, plain, here.folder, TODAY, "Mara", True) == plain.new.digest
    with pytest.raises(SettingsError, match="no longer as it was"):
        here.confirm(NADIA, made)
    assert here.told_anew().instrument.version == "4"


def test_a_retention_edited_by_hand_counts_only_once_somebody_confirms_it(here: Here) -> None:
    told = here.folder / "study.toml"
    kept = told.read_text("utf-8")
    told.write_text(kept.replace("backup_days = ", "backup_days = 9", 1), "utf-8")
    edited = here.told_anew()
    before, asked = edited.settings.retention["backup_days"], edited.asked_retention
    assert asked
    assert asked["backup_days"] != before
    made = propose_retention(edited, "Mara", TODAY)
    assert rows_of(made) == (("backup_days", str(before), str(asked["backup_days"])),)
    here.confirm(NADIA, made)
    after = here.told_anew()
    assert (after.settings.retention, after.asked_retention) == (asked, None)
    with pytest.raises(SettingsError, match="nothing to propose"):
        propose_retention(after, "Mara", TODAY)


def test_the_last_administrator_goes_by_a_coordinators_word(here: Here) -> None:
    office = here.study.stores.office
    made = propose_removal(here.study, "Owen", "Owen", TODAY)
    assert [is_yours(made, one) for one in (OWEN, IDRIS, NADIA, STRANGER)] == [False, True, True, False]
    here.confirm(IDRIS, made)
    owen = staff_named(office, "Owen")
    assert owen
    assert owen.disabled
    assert here.acts()[-1] == ("staff_removed", "Idris")
    for nobody in ("Owen", "Idris", "Nobody"):
        with pytest.raises(NotPermitted, match=CLOSED):
            propose_removal(here.study, "Mara", nobody, TODAY)


# The deeds themselves, and who may name them: what sets a new instance up, and what carries out what was confirmed.
DEEDS_ARE_NAMED_IN = {
    "add_keyring": {"storage/office.py", "fieldwork/instance.py"},
    "add_keys": {"fieldwork/instance.py", "fieldwork/proposals.py", "fieldwork/approvals.py", "commands.py"},
    "set_hold": {"fieldwork/hold.py", "fieldwork/proposals.py"},
    "lift_hold": {"fieldwork/hold.py", "fieldwork/proposals.py"},
    "adopt": {"fieldwork/versions.py", "fieldwork/proposals.py", "fieldwork/approvals.py"},
    "approve_retention": {
        "fieldwork/terms.py", "fieldwork/instance.py", "fieldwork/versions.py", "fieldwork/proposals.py",
    },
}  # fmt: skip


@pytest.mark.parametrize("deed", DEEDS_ARE_NAMED_IN)
def test_no_page_and_no_command_reaches_a_deed_past_the_rule(deed: str) -> None:
    root = Path(__file__).parents[2]
    rooms = ("fieldwork", "storage", "views", "release", "forms")
    files = [*root.glob("*.py"), *(path for room in rooms for path in (root / room).rglob("*.py"))]
    naming = {
        path
        for path in files
        if re.search(rf"\b{deed}\(|import .*\b{deed}\b|^    {deed},$", path.read_text("utf-8"), re.M)
    }
    assert {path.relative_to(root).as_posix() for path in naming} == DEEDS_ARE_NAMED_IN[deed]


def test_the_only_keys_that_a_command_adds_by_itself_are_a_demos() -> None:
    told = (Path(__file__).parents[2] / "commands.py").read_text("utf-8")
    assert told.count("add_keys(") == 1
    assert "add_keys(" in told[told.index("def demo(") : told.index("def simulate(")]
