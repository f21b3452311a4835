"""Two people: whoever proposes never confirms, exactly what was confirmed is done, and the journal shows each step."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text as sql
from sqlalchemy import update

from commands import DEFAULT_STUDY, opened_study
from config import Settings
from errors import EnvelopeError, JournalNotWritten, NotPermitted, SettingsError
from fieldwork.approvals import (
    CLOSED,
    LASTS,
    adopt_or_propose,
    bring_keys,
    confirm,
    is_yours,
    propose_keys,
    propose_removal,
    propose_retention,
    refuse,
    waiting,
    withdraw_proposal,
)
from fieldwork.instance import reread
from fieldwork.proposals import rows_of
from fieldwork.study import Study
from fieldwork.versions import Comparison, adopt, compare
from privacy.keys import Keyring
from privacy.opening import new_private_key
from storage.approvals import Proposal, proposal_of, proposals
from storage.journal import COMMAND_LINE, read_journal
from storage.office import current_digest, keyring_json
from storage.staff import StaffMember, add_staff, staff_named
from storage.stores import close_stores
from tests.conftest import STUDY, Keys, counted_bytes, new_instance

TODAY = date(2026, 11, 25)
MARA, NADIA, OWEN = (StaffMember(name, "administrator", "") for name in ("Mara", "Nadia", "Owen"))
IDRIS = StaffMember("Idris", "coordinator", "")
STRANGER = StaffMember("Inspector", "police", "")


@dataclass
class Here:
    """One instance for all of these tests: they leave its keys and terms as they find them, or bring new ones."""

    settings: Settings
    study: Study
    made: int = 0

    @property
    def folder(self) -> Path:
        return self.settings.study_folder

    def new_keys(self) -> bytes:
        self.made += 1
        random_bytes = counted_bytes(f"keys {self.made}")
        keys = (new_private_key(purpose, STUDY, random_bytes).public() for purpose in ("research", "identity"))
        return Keyring(STUDY, tuple(keys)).to_json()

    def proposed(self, by: str = "Mara", day: date = TODAY) -> Proposal:
        return propose_keys(self.study, by, self.new_keys(), day)

    def confirm(self, member: StaffMember, found: Proposal, day: date = TODAY) -> Proposal:
        return confirm(self.study, self.folder, member, found.key, found.digest, day)

    def acts(self) -> list[tuple[str, str]]:
        return [(entry.act, entry.actor) for entry in read_journal(self.study.stores.office)]

    def state(self, found: Proposal) -> str:
        kept = proposal_of(self.study.stores.office, found.key)
        assert kept
        return kept.state

    def keys_now(self) -> bytes | None:
        return keyring_json(self.study.stores.office)

    def told_anew(self) -> Study:
        return reread(self.study, self.folder)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Iterator[Here]:
    settings = new_instance(tmp_path_factory.mktemp("approvals") / "instance", keys)
    study = opened_study(settings)
    for member in (MARA, NADIA, OWEN, IDRIS):
        add_staff(study.stores.office, member.name, member.role, "")
    yield Here(settings, study)
    close_stores(study.stores)


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


def test_another_persons_word_carries_out_exactly_what_was_proposed(here: Here) -> None:
    data = here.new_keys()
    found = propose_keys(here.study, "Mara", data, TODAY)
    assert here.keys_now() != data
    assert here.confirm(NADIA, found).state == "confirmed"
    assert here.keys_now() == data
    assert here.acts()[-3:] == [("proposed", "Mara"), ("proposal_confirmed", "Nadia"), ("keys_added", "Nadia")]
    assert found.digest in read_journal(here.study.stores.office)[-2].detail


def test_a_proposal_says_which_keys_go_and_come(here: Here) -> None:
    now, new = (Keyring.from_json(data) for data in (here.keys_now() or b"", here.new_keys()))
    told = rows_of(propose_keys(here.study, "Mara", new.to_json(), TODAY))
    assert told[:2] == (
        ("words", " ".join(now.words), " ".join(new.words)),
        ("fingerprint", now.fingerprint, new.fingerprint),
    )
    assert set(told[2:]) == {
        *((f"{key.purpose} {key.short}", "active", "") for key in now.keys),
        *((f"{key.purpose} {key.short}", "", "active") for key in new.keys),
    }


# Each of these may not confirm what Mara proposed. Idris has no right to, and nobody has the role of the last.
@pytest.mark.parametrize("member", [MARA, IDRIS, STRANGER], ids=lambda member: member.name)
def test_neither_the_proposer_nor_who_has_no_right_confirms_or_refuses(here: Here, member: StaffMember) -> None:
    found, before, entries = here.proposed(), here.keys_now(), None
    entries = here.acts()
    with pytest.raises(NotPermitted, match=CLOSED):
        here.confirm(member, found)
    with pytest.raises(NotPermitted, match=CLOSED):
        refuse(here.study, member, found.key, TODAY)
    assert not is_yours(found, member)
    assert (here.state(found), here.keys_now(), here.acts()) == ("waiting", before, entries)


def test_of_many_who_confirm_at_once_one_does_and_the_proposer_never(here: Here) -> None:
    found = here.proposed()
    entries = len(here.acts())

    def press(member: StaffMember) -> str:
        try:
            return here.confirm(member, found).state
        except NotPermitted:
            return "too late"

    with ThreadPoolExecutor(9) as crowd:
        told = list(crowd.map(press, [MARA, NADIA, OWEN] * 3))
    assert told.count("confirmed") == 1
    assert {told[at] for at in (0, 3, 6)} == {"too late"}
    assert [act for act, _ in here.acts()[entries:]] == ["proposal_confirmed", "keys_added"]


def test_what_a_command_proposes_needs_two_different_administrators(here: Here) -> None:
    data = here.new_keys()
    found = bring_keys(here.study, data, TODAY)
    assert found
    assert found.proposer == COMMAND_LINE
    assert here.confirm(NADIA, found).state == "waiting"
    assert here.keys_now() != data
    with pytest.raises(NotPermitted, match=CLOSED):
        here.confirm(NADIA, found)
    assert here.confirm(MARA, found).state == "confirmed"
    assert here.keys_now() == data


def test_only_the_proposer_takes_a_proposal_back(here: Here) -> None:
    found = here.proposed()
    with pytest.raises(NotPermitted, match=CLOSED):
        withdraw_proposal(here.study, NADIA, found.key, TODAY)
    withdraw_proposal(here.study, MARA, found.key, TODAY)
    assert (here.state(found), here.acts()[-1]) == ("withdrawn", ("proposal_withdrawn", "Mara"))
    with pytest.raises(NotPermitted, match=CLOSED):
        here.confirm(NADIA, found)


def test_what_was_refused_stays_refused(here: Here) -> None:
    found = here.proposed()
    refuse(here.study, NADIA, found.key, TODAY)
    assert (here.state(found), here.acts()[-1]) == ("refused", ("proposal_refused", "Nadia"))
    with pytest.raises(NotPermitted, match=CLOSED):
        here.confirm(OWEN, found)


def test_a_proposal_waits_for_seven_days_and_no_longer(here: Here) -> None:
    kept, late = here.proposed(), here.proposed(day=TODAY - timedelta(days=1))
    with pytest.raises(NotPermitted, match=CLOSED):
        here.confirm(NADIA, late, TODAY + LASTS)
    entries = len(here.acts())
    shown = {one.key for one in waiting(here.study, TODAY + LASTS)}
    assert (kept.key in shown, late.key in shown, here.state(late)) == (True, False, "expired")
    assert ("proposal_expired", COMMAND_LINE) in here.acts()[entries:]


def test_what_does_not_exist_is_refused_as_what_is_not_yours(here: Here) -> None:
    with pytest.raises(NotPermitted, match=CLOSED):
        confirm(here.study, here.folder, NADIA, "0" * 32, "0" * 64, TODAY)
    found = here.proposed()
    with pytest.raises(NotPermitted, match=CLOSED):
        confirm(here.study, here.folder, NADIA, found.key, here.proposed().digest, TODAY)


def test_other_keys_meanwhile_overtake_a_proposal(here: Here) -> None:
    first, second = here.proposed(), here.proposed()
    here.confirm(NADIA, first)
    entries, now = len(here.acts()), here.keys_now()
    with pytest.raises(SettingsError, match="no longer as it was"):
        here.confirm(NADIA, second)
    assert (here.keys_now(), here.state(second)) == (now, "overtaken")
    assert here.acts()[entries:] == [("proposal_refused", "Nadia")]


def test_bytes_that_were_changed_in_the_database_are_not_what_was_confirmed(here: Here) -> None:
    found, now = here.proposed(), here.keys_now()
    with here.study.stores.office.engine.begin() as connection:
        connection.execute(update(proposals).where(proposals.c.key == found.key).values(payload=here.new_keys()))
    with pytest.raises(SettingsError, match="no longer as it was"):
        here.confirm(NADIA, found)
    assert here.keys_now() == now


def test_what_cannot_be_written_down_neither_is_done_nor_is_lost(here: Here) -> None:
    found, now, office = here.proposed(), here.keys_now(), here.study.stores.office
    with office.engine.begin() as connection:
        connection.execute(sql("ALTER TABLE journal RENAME TO journal_away"))
    try:
        with pytest.raises(JournalNotWritten):
            here.confirm(NADIA, found)
    finally:
        with office.engine.begin() as connection:
            connection.execute(sql("ALTER TABLE journal_away RENAME TO journal"))
    assert (here.keys_now(), here.state(found)) == (now, "waiting")
    assert here.confirm(NADIA, found).state == "confirmed"


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff" * 9, b'{"format":"amanah-keyring"}'])
def test_what_is_no_keyring_is_never_proposed(here: Here, data: bytes) -> None:
    with pytest.raises(EnvelopeError):
        propose_keys(here.study, "Mara", data, TODAY)


def test_the_keys_in_use_and_another_studys_are_not_proposed(here: Here, keys: Keys) -> None:
    with pytest.raises(SettingsError, match="already"):
        propose_keys(here.study, "Mara", here.keys_now() or b"", TODAY)
    with pytest.raises(SettingsError, match="belongs to the study"):
        propose_keys(here.study, "Mara", Keyring("other", keys.keyring.keys).to_json(), TODAY)


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
