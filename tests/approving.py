"""One instance for all tests of what two people decide, and the people who do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config import Settings
from fieldwork.approvals import confirm, propose_keys
from fieldwork.instance import reread
from fieldwork.study import Study
from privacy.keys import Keyring
from privacy.opening import new_private_key
from storage.approvals import Proposal, proposal_of
from storage.journal import read_journal
from storage.office import keyring_json
from storage.staff import StaffMember
from tests.conftest import STUDY, counted_bytes

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TODAY = NOW.date()
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

    def proposed(self, by: str = "Mara", days_ago: int = 0) -> Proposal:
        return propose_keys(self.study, by, self.new_keys(), TODAY - timedelta(days=days_ago))

    def confirm(self, member: StaffMember, found: Proposal, now: datetime = NOW) -> Proposal:
        return confirm(self.study, self.folder, member, found.key, found.digest, now)

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
