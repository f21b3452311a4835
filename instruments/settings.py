"""`study.toml`: what a study decides beside its sheets. Says everything that is wrong; refuses unknown keys."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from errors import InstrumentError, Problem
from instruments.model import MinorConsent, PartName, Route

FILE = "study.toml"
Shape = Mapping[str, type]
# What each table holds. A name with "?" may be left out.
STUDY: Shape = {
    "format": int, "id": str, "version": str, "title": str, "neutral_title": str, "sheet_version": str,
    "languages": list, "consent_route": str, "minor_consent": str, "cut_off_days": int, "keep_single_years": bool,
    "plain_path": bool, "switched_on": dict, "fill_in": dict, "groups": list, "parts": list, "quotas": dict,
    "retention": dict, "release": dict, "hierarchies": dict, "scales": list,
}  # fmt: skip
GROUP: Shape = {"name": str, "title": str, "minimum_age?": int, "maximum_age?": int}
PART: Shape = {"name": str, "form": str}
SCALE: Shape = {
    "name": str, "group": str, "title": str, "minimum_answered": int, "direction": str, "parent?": str,
}  # fmt: skip
LEVEL: Shape = {"rule?": str, "categories?": list, "source?": str}
CATEGORY: Shape = {"code": str, "label": str, "members": str}
RELEASE: Shape = {"k": int, "largest_suppression": int, "minimum_cell": int, "coarsening": list, "diversity": list}
RETENTION: Shape = {
    "contact_results_months": int, "contact_recontact_months": int, "unreviewed_text_months": int,
    "consent_records_years": int, "research_records_years": int, "backup_days": int,
}  # fmt: skip
ALLOWED: Mapping[str, tuple[object, ...]] = {
    "format": (1,),
    "consent_route": get_args(Route),
    "minor_consent": get_args(MinorConsent),
}
STUDY_ID = re.compile("[a-z][a-z0-9_]{0,39}")
SHORTEST_CUT_OFF, LONGEST_CUT_OFF = 7, 90  # days
KINDS = {str: "text in quotes", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}


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
    """The study's settings as written. Raises InstrumentError for all that is missing, unknown or of the wrong kind."""
    path = folder / FILE
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except OSError:
        raise InstrumentError((Problem(FILE, f"there is no {FILE} in {folder.name}"),)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InstrumentError((Problem(FILE, f"is not valid TOML: {error}"),)) from None
    # Values are looked into only once every table has its shape.
    found = list(_misshapen(told)) or list(_misfits(told))
    if found:
        raise InstrumentError(tuple(Problem(FILE, message) for message in found))
    return told


def study_id(folder: Path) -> str:
    """The id of the study in this folder. Raises InstrumentError."""
    return str(read_toml(folder)["id"])


def load_settings(folder: Path) -> StudySettings:
    """The settings that act at once. Raises InstrumentError."""
    return settings_of(read_toml(folder))


def settings_of(told: Mapping[str, Any]) -> StudySettings:
    """Those of settings that were read already."""
    return StudySettings(
        plain_path=told["plain_path"],
        neutral_title=told["neutral_title"],
        retention=told["retention"],
        quotas=told["quotas"],
        switch_reasons=told["switched_on"],
        unfilled=tuple(name for name, words in told["fill_in"].items() if not words),
    )


def _misshapen(told: Mapping[str, Any]) -> Iterator[str]:
    wrong = list(_unlike("", told, STUDY))
    yield from wrong
    if wrong:
        return
    yield from _unlike("release.", told["release"], RELEASE)
    yield from _unlike("retention.", told["retention"], RETENTION)
    for name, shape in (("groups", GROUP), ("parts", PART), ("scales", SCALE)):
        yield from _each_unlike(name, told[name], shape)
    for name, kind in (("switched_on", str), ("fill_in", str), ("quotas", int)):
        yield from _unlike(f"{name}.", told[name], dict.fromkeys(told[name], kind))
    for name, levels in told["hierarchies"].items():
        yield from _each_unlike(f"hierarchies.{name}", levels, LEVEL)
        for level in levels if isinstance(levels, list) else ():
            inner = level.get("categories", []) if isinstance(level, dict) else []
            yield from _each_unlike(f"hierarchies.{name}.categories", inner, CATEGORY)


def _each_unlike(path: str, tables: object, shape: Shape) -> Iterator[str]:
    if not isinstance(tables, list):
        yield f"{path} must be a list of tables"
        return
    for number, table in enumerate(tables, 1):
        if isinstance(table, dict):
            yield from _unlike(f"{path}[{number}].", table, shape)
        else:
            yield f"{path}[{number}] must be a table"


def _unlike(path: str, table: Mapping[str, Any], shape: Shape) -> Iterator[str]:
    kinds = {name.rstrip("?"): kind for name, kind in shape.items()}
    for name, value in table.items():
        if name not in kinds:
            yield f"there is no setting {path + name!r}; take it out or correct its spelling"
        elif type(value) is not kinds[name]:
            yield f"{path}{name} must be {KINDS[kinds[name]]}"
    for name in shape:
        if not name.endswith("?") and name not in table:
            yield f"the setting {path + name!r} is missing"


def _misfits(told: Mapping[str, Any]) -> Iterator[str]:
    for name, allowed in ALLOWED.items():
        if told[name] not in allowed:
            yield f"{name} must be one of {', '.join(map(str, allowed))}"
    if not STUDY_ID.fullmatch(told["id"]):
        yield "id must be 1 to 40 small letters, digits and _, and begin with a letter"
    if not SHORTEST_CUT_OFF <= told["cut_off_days"] <= LONGEST_CUT_OFF:
        yield f"cut_off_days must be {SHORTEST_CUT_OFF} to {LONGEST_CUT_OFF}"
    for name, reason in told["switched_on"].items():
        if not reason.strip():
            yield f"switched_on.{name} needs a reason"
    for name in ("languages", "groups", "parts"):
        if not told[name]:
            yield f"{name} must not be empty"
    if told["release"]["k"] < 2:
        yield "release.k must be 2 or more"
    yield from _unknown_names(told)


def _unknown_names(told: Mapping[str, Any]) -> Iterator[str]:
    groups = {group["name"] for group in told["groups"]}
    for part in told["parts"]:
        if part["name"] not in get_args(PartName):
            yield f"parts: {part['name']!r} is no part of a visit. Parts: {', '.join(get_args(PartName))}"
    for name in [*told["quotas"], *(scale["group"] for scale in told["scales"])]:
        if name not in groups:
            yield f"quotas and scales: there is no group {name!r}"
    for name in ("groups", "scales"):
        found = [table["name"] for table in told[name]]
        for twice in sorted({one for one in found if found.count(one) > 1}):
            yield f"{name}: {twice!r} stands there twice"
