"""`study.toml`: what a study decides beside its sheets. Says everything that is wrong; refuses unknown keys.

The sheet `amanah` of a workbook holds the same (instruments/reading/amanah_sheet.py); what must hold of both is said
here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from errors import InstrumentError, Problem
from instruments.model import MinorConsent, PartName, Route, Text
from instruments.reviews import REVIEWS, Reviews, read_reviews
from instruments.spoken import Spoken, as_text, is_spoken, misspoken, spoken_settings
from instruments.workbooks.cells import Wrong, cleaned

FILE = "study.toml"


class Words:
    """The kind of a setting that is said in words: one text, or a table with one for each language."""


Shape = Mapping[str, type]
# What each table holds. A name with "?" may be left out.
STUDY: Shape = {
    "format": int, "id": str, "version": str, "title": Words, "neutral_title": Words, "sheet_version": Words,
    "languages": list, "consent_route": str, "minor_consent": str, "cut_off_days": int, "keep_single_years": bool,
    "plain_path": bool, "switched_on": dict, "fill_in": dict, "groups": list, "parts": list, "quotas": dict,
    "retention": dict, "release": dict, "hierarchies": dict, "scales": list, "legal_hold?": dict, "waves?": int,
    "wave?": int, "easy_read_version?": str, "unreviewed?": str,
}  # fmt: skip
GROUP: Shape = {"name": str, "title": Words, "minimum_age?": int, "maximum_age?": int}
PART: Shape = {"name": str, "form": str}
SCALE: Shape = {
    "name": str, "group": str, "title": Words, "minimum_answered": int, "direction": str, "parent?": str,
}  # fmt: skip
LEVEL: Shape = {"rule?": str, "categories?": list, "source?": str}
CATEGORY: Shape = {"code": str, "label": Words, "members": str}
RELEASE: Shape = {"k": int, "largest_suppression": int, "minimum_cell": int, "coarsening": list, "diversity": list}
RETENTION: Shape = {
    "contact_results_months": int, "contact_recontact_months": int, "unreviewed_text_months": int,
    "consent_records_years": int, "research_records_years": int, "backup_days": int,
    "audio_months?": int,
}  # fmt: skip
BESIDE_A_WORKBOOK: Shape = {
    "workbook": str, "plain_path?": bool, "neutral_title?": Words, "quotas?": dict, "retention?": dict,
    "legal_hold?": dict, "unreviewed?": str,
}  # fmt: skip
# What becomes of a language that nobody has reviewed: people are asked in it and staff are warned, or it stays closed.
UNREVIEWED = ("warn", "refuse")
ALLOWED: Mapping[str, tuple[object, ...]] = {
    "format": (1,),
    "consent_route": get_args(Route),
    "minor_consent": get_args(MinorConsent),
    "unreviewed": UNREVIEWED,
}
STUDY_ID = re.compile("[a-z][a-z0-9_]{0,39}")
LANGUAGE_CODE = re.compile("[A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*")
SHORTEST_CUT_OFF, LONGEST_CUT_OFF = 7, 90  # days
LONGEST_HOLD_WORDS = 2000  # characters of what a participant reads while a legal hold is on
MOST_WAVES = 9
KINDS = {
    str: "text in quotes",
    Words: "text in quotes, or a table with a text in quotes for each language",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}


Place = tuple[str, int | None, str | None]


@dataclass(frozen=True)
class Written:
    """Where settings are written: the file as problems name it, and file, row and column of those that have a row."""

    file: str = FILE
    places: Mapping[str, Place] = field(default_factory=dict)

    def problem(self, message: str, setting: str = "") -> Problem:
        """The problem of this setting, such as `scales.trust`, or of what it stands in."""
        while setting and setting not in self.places:
            setting = setting.rpartition(".")[0]
        file, row, column = self.places.get(setting, (self.file, None, None))
        return Problem(file, message, row, column)


@dataclass(frozen=True)
class StudySettings:
    """What acts at once and is not part of the instrument. `fill_in`: what stands in brackets, "" for nothing yet.

    `legal_hold`: what a participant who withdraws reads while a legal hold is on, by language. `unreviewed`: what
    becomes of a language that nobody has reviewed. `reviews`: who reviewed what.
    """

    plain_path: bool
    neutral_title: Text
    retention: Mapping[str, int]
    quotas: Mapping[str, int]
    switch_reasons: Mapping[str, str]
    fill_in: Mapping[str, Spoken]
    legal_hold: Mapping[str, str]
    unreviewed: str = UNREVIEWED[0]
    reviews: Reviews = field(default_factory=dict)


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
    found = list(_misshapen(told))
    if not found:
        told = cleaned_words(told, found)
        found += [message for _, message in misfits(told)]
    if found:
        raise InstrumentError(tuple(Problem(FILE, message) for message in found))
    return told | {REVIEWS: read_reviews(folder)}


def workbook_named(folder: Path) -> str | None:
    """The workbook that holds the whole study of this folder, where its `study.toml` names one."""
    try:
        told = tomllib.loads((folder / FILE).read_text("utf-8")).get("workbook")
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return None  # read_toml says what is wrong
    return told if isinstance(told, str) else None


def read_small_toml(folder: Path) -> dict[str, Any]:
    """The settings that stand beside a workbook which holds the others. Raises InstrumentError."""
    told = tomllib.loads((folder / FILE).read_text("utf-8"))
    found = list(_unlike("", told, BESIDE_A_WORKBOOK))
    if not found and "retention" in told:
        found += _unlike("retention.", told["retention"], RETENTION)
    for name, kind in (("quotas", int), ("legal_hold", str)):
        if not found and name in told:
            found += _unlike(f"{name}.", told[name], dict.fromkeys(told[name], kind))
    told = cleaned_words(told, found)
    if found:
        raise InstrumentError(tuple(Problem(FILE, message) for message in found))
    return {name: value for name, value in told.items() if name != "workbook"} | {REVIEWS: read_reviews(folder)}


def cleaned_words(told: Any, found: list[str]) -> Any:
    """Settings with every text as a cell of a sheet would give it, so that both say the same; what is wrong is added.

    A study that is written out as a workbook and read again is the same one only if no word changes on the way.
    """
    if isinstance(told, dict):
        return {cleaned_words(name, found): cleaned_words(value, found) for name, value in told.items()}
    if isinstance(told, list):
        return [cleaned_words(value, found) for value in told]
    clean = cleaned(told) if isinstance(told, str) else told
    if isinstance(clean, Wrong):
        found.append(f"{clean.message}: {str(clean.text)[:40]!r}")
        return ""
    return clean


def settings_of(told: Mapping[str, Any]) -> StudySettings:
    """Those of settings that were read already."""
    return StudySettings(
        plain_path=told["plain_path"],
        neutral_title=as_text(told["neutral_title"], told["languages"]),
        retention=told["retention"],
        quotas=told["quotas"],
        switch_reasons=told["switched_on"],
        fill_in=told["fill_in"],
        legal_hold=told.get("legal_hold", {}),
        unreviewed=told.get("unreviewed", UNREVIEWED[0]),
        reviews=told.get(REVIEWS, {}),
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
    for name, kind in (("switched_on", str), ("fill_in", Words), ("quotas", int), ("legal_hold", str)):
        table = told.get(name, {})
        yield from _unlike(f"{name}.", table, dict.fromkeys(table, kind))
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
        elif not _fits(value, kinds[name]):
            yield f"{path}{name} must be {KINDS[kinds[name]]}"
    for name in shape:
        if not name.endswith("?") and name not in table:
            yield f"the setting {path + name!r} is missing"


def _fits(value: object, kind: type) -> bool:
    return is_spoken(value) if kind is Words else type(value) is kind


def misfits(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with settings that have their shape: the setting, and a sentence."""
    for name, allowed in ALLOWED.items():
        if told.get(name, allowed[0]) not in allowed:
            yield name, f"{name} must be one of {', '.join(map(str, allowed))}"
    if not STUDY_ID.fullmatch(told["id"]):
        yield "id", "id must be 1 to 40 small letters, digits and _, and begin with a letter"
    if not SHORTEST_CUT_OFF <= told["cut_off_days"] <= LONGEST_CUT_OFF:
        yield "cut_off_days", f"cut_off_days must be {SHORTEST_CUT_OFF} to {LONGEST_CUT_OFF}"
    waves, wave = told.get("waves", 1), told.get("wave", 1)
    if not 1 <= waves <= MOST_WAVES:
        yield "waves", f"waves must be 1 to {MOST_WAVES}"
    elif not 1 <= wave <= waves:
        yield "wave", f"wave must be 1 to {waves}, the waves that the study has"
    for name, reason in told["switched_on"].items():
        if not reason.strip():
            yield f"switched_on.{name}", f"switched_on.{name} needs a reason"
    for name in ("languages", "groups", "parts"):
        if not told[name]:
            yield name, f"{name} must not be empty"
    for language in told["languages"]:
        if not LANGUAGE_CODE.fullmatch(str(language)):
            yield "languages", f"languages: {language!r} is no code of a language, such as en or ar"
    for language, words in told.get("legal_hold", {}).items():
        if language not in told["languages"]:
            yield f"legal_hold.{language}", f"legal_hold: {language!r} is no language of this study"
        if len(words) > LONGEST_HOLD_WORDS:
            longest = f"must have at most {LONGEST_HOLD_WORDS} characters"
            yield f"legal_hold.{language}", f"legal_hold.{language} {longest}"
    for setting, words in spoken_settings(told):
        wrong = misspoken(setting, words, told["languages"] or ["en"], not setting.startswith("fill_in."))
        yield from ((setting, message) for message in wrong)
    if told["release"]["k"] < 2:
        yield "release.k", "release.k must be 2 or more"
    yield from _unversioned(told)
    yield from _unknown_names(told)


def _unversioned(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Two sheets that say the same thing in other words must not be taken for each other."""
    is_there = any(part["name"] == "easy_read" for part in told["parts"])
    if is_there is not bool(told.get("easy_read_version")):
        missing, there = ("easy_read_version", "a part") if is_there else ("a part easy_read", "a version")
        yield "easy_read_version", f"there is {there} of the easy-read sheet; write {missing} too, or take it out"


def _unknown_names(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    groups = {group["name"] for group in told["groups"]}
    for part in told["parts"]:
        if part["name"] not in get_args(PartName):
            yield "parts", f"parts: {part['name']!r} is no part of a visit. Parts: {', '.join(get_args(PartName))}"
    for name in sorted(groups):
        if not STUDY_ID.fullmatch(name):
            told_so = f"groups: {name!r} must be 1 to 40 small letters, digits and _, and begin with a letter"
            yield f"groups.{name}", told_so
    wanted = [(f"quotas.{name}", name) for name in told["quotas"]]
    for setting, name in [*wanted, *((f"scales.{one['name']}", one["group"]) for one in told["scales"])]:
        if name not in groups:
            yield setting, f"quotas and scales: there is no group {name!r}"
    for name in ("groups", "scales"):
        found = [table["name"] for table in told[name]]
        for twice in sorted({one for one in found if found.count(one) > 1}):
            yield f"{name}.{twice}", f"{name}: {twice!r} stands there twice"
