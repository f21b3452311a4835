"""The study that an instance collects for, built once at the start and handed on. Holds public keys only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from fieldwork.ending import Ending
from instruments.catalogue import instrument_from_canonical
from instruments.model import Instrument
from instruments.open_brackets import open_brackets
from instruments.settings import StudySettings
from instruments.standing import languages_open
from privacy.keys import Keyring
from storage.office import instrument_named
from storage.stores import Stores


@dataclass(frozen=True)
class Study:
    """All that a visit needs. `keyring` is None until the desk's public keys have been added.

    `asked_retention`: what the settings' file says, where that is not what was approved; nobody goes by it.
    `kept_up`: the day of the last upkeep; a clock that stands before it is wrong. `ending`: how far its end is; None
    while it goes on.
    """

    instrument: Instrument
    settings: StudySettings
    keyring: Keyring | None
    stores: Stores
    tombstone_files: tuple[Path, ...]
    asked_retention: Mapping[str, int] | None = None
    kept_up: date | None = None
    ending: Ending | None = None

    @property
    def name(self) -> str:
        """The study's short id, bound into every envelope and label."""
        return self.instrument.study

    @property
    def is_open(self) -> bool:
        """Whether visits can be sealed yet."""
        return self.keyring is not None

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in which people are asked now. The study's first is always among them."""
        return languages_open(self.instrument, self.settings)

    @property
    def open_brackets(self) -> tuple[str, ...]:
        """The sentences of the version in use that still show a bracket."""
        return open_brackets(self.instrument, self.settings.fill_in)

    def version(self, digest: str) -> Instrument | None:
        """The version of the study that this digest names; None where the study never had it."""
        if digest == self.instrument.digest:
            return self.instrument
        canonical = instrument_named(self.stores.office, digest)
        return None if canonical is None else _read(canonical)


@lru_cache(maxsize=8)
def _read(canonical: bytes) -> Instrument:
    return instrument_from_canonical(canonical)
