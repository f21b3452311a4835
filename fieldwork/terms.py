"""What participants were promised of time: the cut-off of withdrawal, and how long what is kept. Two people change it.

The cut-off is part of a version, and acts with it. A retention is written in study.toml, which anybody at the shell can
edit: so the office keeps the one that was approved, and that one counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from instruments.model import Instrument
from instruments.reading.sources import load_settings
from instruments.settings import StudySettings
from storage.meta import tell, told
from storage.office import Office


@dataclass(frozen=True)
class Terms:
    """Days until a receipt no longer finds anything, and months, years or days that things are kept."""

    cut_off_days: int
    retention: Mapping[str, int]

    def changes(self, new: Terms) -> tuple[tuple[str, str, str], ...]:
        """What differs in `new`: the setting, before, after. "" where there is none."""
        before, after = self._flat(), new._flat()
        names = dict.fromkeys([*before, *after])
        found = ((name, str(before.get(name, "")), str(after.get(name, ""))) for name in names)
        return tuple(one for one in found if one[1] != one[2])

    def _flat(self) -> dict[str, int]:
        return {"cut_off_days": self.cut_off_days} | dict(self.retention)


def terms_of(instrument: Instrument, settings: StudySettings) -> Terms:
    """The terms of a version and the settings beside it."""
    return Terms(instrument.cut_off_days, dict(settings.retention))


def written(retention: Mapping[str, int]) -> str:
    """A retention as it is kept and compared."""
    return json.dumps(dict(retention), sort_keys=True)


def approve_retention(office: Office, study: str, retention: Mapping[str, int]) -> None:
    """Let this retention count from now on. Called where a study begins, and by what two people decided."""
    tell(office.engine, f"retention {study}", written(retention))


def approved_retention(office: Office, study: str) -> str | None:
    """The retention that counts, as it is kept; None before a study has begun."""
    return told(office.engine, f"retention {study}")


def settings_in_force(office: Office, study: str, folder: Path) -> tuple[StudySettings, Mapping[str, int] | None]:
    """The study's settings with the retention that counts, and the one in its file where that is another.

    Raises InstrumentError for settings that cannot be read.
    """
    found, approved = load_settings(folder), approved_retention(office, study)
    if approved is None or approved == written(found.retention):
        return found, None
    return replace(found, retention=json.loads(approved)), found.retention
