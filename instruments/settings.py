"""`study.toml`: what a study decides beside its sheets. Refuses every key it does not know."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errors import InstrumentError, Problem

FILE = "study.toml"
KNOWN = {
    "format", "id", "version", "title", "neutral_title", "sheet_version", "languages", "consent_route",
    "minor_consent", "cut_off_days", "keep_single_years", "plain_path", "switched_on", "fill_in", "groups", "parts",
    "quotas", "retention", "release", "hierarchies", "scales",
}  # fmt: skip
RELEASE = {"k", "largest_suppression", "minimum_cell", "coarsening", "diversity"}
ALLOWED = {
    "consent_route": ("tick", "signed", "verbal_witnessed"),
    "minor_consent": ("self", "self_plus_parent_info", "parent_and_assent"),
}
SHORTEST_CUT_OFF, LONGEST_CUT_OFF = 7, 90  # days


@dataclass(frozen=True)
class StudySettings:
    """What acts at once and is not part of the instrument. `unfilled`: brackets of the texts with nothing in them."""

    plain_path: bool
    neutral_title: str
    retention: Mapping[str, int]
    quotas: Mapping[str, int]
    switch_reasons: Mapping[str, str]
    unfilled: tuple[str, ...]


def read_toml(folder: Path) -> dict[str, Any]:
    """The study's settings as written. Raises InstrumentError for a missing, unreadable or unknown one."""
    path = folder / FILE
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except OSError:
        raise _refused(f"there is no {FILE} in {folder.name}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _refused(f"is not valid TOML: {error}") from None
    problems = [*_strangers(told), *_misfits(told)]
    if problems:
        raise InstrumentError(tuple(problems))
    return told


def load_settings(folder: Path) -> StudySettings:
    """The settings that act at once. Raises InstrumentError."""
    told = read_toml(folder)
    return StudySettings(
        plain_path=told["plain_path"],
        neutral_title=told["neutral_title"],
        retention=told["retention"],
        quotas=told["quotas"],
        switch_reasons=told["switched_on"],
        unfilled=tuple(name for name, words in told["fill_in"].items() if not words),
    )


def _strangers(told: Mapping[str, Any]) -> list[Problem]:
    found = [name for name in told if name not in KNOWN] + [
        f"release.{n}" for n in told.get("release", {}) if n not in RELEASE
    ]
    missing = [name for name in sorted(KNOWN) if name not in told]
    missing += [f"release.{name}" for name in sorted(RELEASE) if name not in told.get("release", {})]
    return [Problem(FILE, f"there is no setting {name!r}; take it out or correct its spelling") for name in found] + [
        Problem(FILE, f"the setting {name!r} is missing") for name in missing
    ]


def _misfits(told: Mapping[str, Any]) -> list[Problem]:
    found = [
        Problem(FILE, f"{name} must be one of {', '.join(allowed)}")
        for name, allowed in ALLOWED.items()
        if told.get(name) not in allowed
    ]
    if not SHORTEST_CUT_OFF <= told.get("cut_off_days", 0) <= LONGEST_CUT_OFF:
        found.append(Problem(FILE, f"cut_off_days must be {SHORTEST_CUT_OFF} to {LONGEST_CUT_OFF}"))
    if type(told.get("plain_path")) is not bool:
        found.append(Problem(FILE, "plain_path must be true or false"))
    for name, reason in told.get("switched_on", {}).items():
        if not str(reason).strip():
            found.append(Problem(FILE, f"switched_on.{name} needs a reason"))
    return found


def _refused(message: str) -> InstrumentError:
    return InstrumentError((Problem(FILE, message),))
