"""The study that an instance collects for, built once at the start and handed on. Holds public keys only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from instruments.model import Instrument
from instruments.settings import StudySettings
from privacy.keys import Keyring
from storage.stores import Stores


@dataclass(frozen=True)
class Study:
    """All that a visit needs. `keyring` is None until the desk's public keys have been added."""

    instrument: Instrument
    settings: StudySettings
    keyring: Keyring | None
    stores: Stores
    tombstone_files: tuple[Path, ...]

    @property
    def name(self) -> str:
        """The study's short id, bound into every envelope and label."""
        return self.instrument.study

    @property
    def is_open(self) -> bool:
        """Whether visits can be sealed yet."""
        return self.keyring is not None
