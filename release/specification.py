"""What a release is for and what it may hold: a small TOML file, or the same from the desk's page.

Every key is checked before anything is opened, and one that is not known is refused: a misspelt promise would be none.
docs/specification.md tells every key. Never holds anything about a person.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from errors import ReleaseError
from release.presets import Preset, filled
from release.specification_keys import FORMATS as FORMATS
from release.specification_keys import KEYS, clashes

Kind = Literal["rows", "summary", "tables"]
NOT_LICENSED = "not licensed for others"
NEEDED = ("purpose", "groups", "k", "formats", "language")
OF_ROWS = ("k", "formats")  # a summary and tables have a least cell and forms of their own


@dataclass(frozen=True)
class Specification:
    """One release as ordered; docs/specification.md says what each key does.

    `largest_suppression` None: the study's default. `wave` None: the only one there is. `variables`,
    `instrument_versions`: empty for all. `languages`, of labels: empty for `language` alone. `order`, of coarsening:
    what it does not name follows as the study has it.
    """

    purpose: str
    groups: tuple[str, ...]
    k: int
    formats: tuple[str, ...]
    language: str
    largest_suppression: int | None = None
    archive_only: bool = False
    levels: Mapping[str, int] = field(default_factory=dict)
    new_ids: bool = False
    wave: int | None = None
    kind: Kind = "rows"
    preset: Preset | Literal[""] = ""
    recipient: str = ""
    legal_ground: str = ""
    licence: str = NOT_LICENSED
    variables: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    instrument_versions: tuple[str, ...] = ()
    l: Mapping[str, float] = field(default_factory=dict)  # noqa: E741  # the key's name, and the measure's
    l_kind: Literal["distinct", "entropy"] = "distinct"
    t: Mapping[str, float] = field(default_factory=dict)
    local_suppression: bool = False
    highest_levels: Mapping[str, int] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    rare: Mapping[str, int] = field(default_factory=dict)
    top: Mapping[str, int] = field(default_factory=dict)
    bottom: Mapping[str, int] = field(default_factory=dict)
    missing: Literal["codes", "blank"] = "codes"
    open_text: Literal["withheld", "reviewed", "themes"] = "withheld"
    excel: bool = False
    hold_back: bool = False
    privacy: Mapping[str, float] = field(default_factory=dict)
    tables: tuple[tuple[str, ...], ...] = ()

    @property
    def label_languages(self) -> tuple[str, ...]:
        """The languages of labels, the first one first."""
        return tuple(dict.fromkeys((self.language, *self.languages)))


def read_specification(text: str) -> Specification:
    """The specification in a TOML text. Raises ReleaseError with what to do."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ReleaseError(f"The specification is not valid TOML: {error}") from None
    return specification_of(told)


def read_specification_file(path: Path) -> Specification:
    """The specification in a TOML file. Raises ReleaseError."""
    try:
        return read_specification(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        raise ReleaseError(f"{path} cannot be read.") from None


def specification_of(told: Mapping[str, Any]) -> Specification:
    """The specification of these settings. Raises ReleaseError."""
    strangers = [name for name in told if name not in KEYS]
    whole = filled(told)
    missing = [name for name in _needed(whole) if name not in whole]
    if strangers or missing:
        raise ReleaseError(_about("does not know", strangers) + _about("lacks", missing))
    wrong = [key.sentence for name, key in KEYS.items() if name in whole and not key.holds(whole[name])]
    wrong = wrong or list(clashes(whole))
    if wrong:
        raise ReleaseError("In the specification, " + "; ".join(wrong) + ".")
    settled: dict[str, Any] = {name: _settled(name, value) for name, value in whole.items()}
    return Specification(**{"k": 1, "formats": (), **settled})


def settings_of(ordered: Specification) -> dict[str, Any]:
    """The keys of a specification that say more than nothing, as a TOML file has them."""
    told = {one.name: _plain(getattr(ordered, one.name)) for one in fields(Specification)}
    unsaid = {one.name: _plain(one.default) for one in fields(Specification)}
    return {
        name: value
        for name, value in told.items()
        if (name in NEEDED and value) or (value not in ({}, [], None) and value != unsaid[name])
    }


def _needed(told: Mapping[str, Any]) -> tuple[str, ...]:
    rows = told.get("kind", "rows") == "rows"
    return tuple(name for name in NEEDED if rows or name not in OF_ROWS)


def _about(verb: str, names: list[str]) -> str:
    return f"The specification {verb}: {', '.join(names)}. " if names else ""


def _settled(name: str, value: Any) -> Any:
    if isinstance(value, str):
        # The ids follow from the purpose, so two spellings of the same words must be one purpose.
        return unicodedata.normalize("NFC", value.strip()) if name == "purpose" else value.strip()
    if isinstance(value, list | tuple):
        return tuple(dict.fromkeys(tuple(one) if isinstance(one, list | tuple) else one for one in value))
    return dict(value) if isinstance(value, Mapping) else value


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value
