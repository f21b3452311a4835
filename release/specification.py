"""What a release is for and what it may hold: a small TOML file, or the same from the desk's page."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from errors import ReleaseError

NEEDED = ("purpose", "groups", "k", "formats", "language")
OPTIONAL = ("largest_suppression", "archive_only", "levels", "new_ids", "wave")
FORMATS = ("csv",)
LONGEST_PURPOSE = 200


@dataclass(frozen=True)
class Specification:
    """One release as ordered. `largest_suppression` None: the study's default. `levels` fixes levels of coarsening.

    `new_ids`: the oldest research key is lost, and ids that match no earlier release are wanted all the same.
    `wave`: which wave, where a study asked the same people more than once.
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
    strangers = [name for name in told if name not in NEEDED + OPTIONAL]
    missing = [name for name in NEEDED if name not in told]
    if strangers or missing:
        raise ReleaseError(
            _about("does not know", strangers) + _about("lacks", missing) or "The specification is empty."
        )
    _check(told)
    return Specification(
        # The ids follow from the purpose, so two spellings of the same words must be one purpose.
        unicodedata.normalize("NFC", told["purpose"].strip()),
        tuple(dict.fromkeys(told["groups"])),
        told["k"],
        tuple(told["formats"]),
        told["language"],
        told.get("largest_suppression"),
        told.get("archive_only", False),
        dict(told.get("levels", {})),
        told.get("new_ids", False),
        told.get("wave"),
    )


def _about(verb: str, names: list[str]) -> str:
    return f"The specification {verb}: {', '.join(names)}. " if names else ""


def _check(told: Mapping[str, Any]) -> None:
    share = told.get("largest_suppression", 0)
    checks = {
        "purpose must be a few words on one line": _is_purpose(told["purpose"]),
        "groups must be a list of group names": _is_list(told["groups"]),
        "k must be a whole number of at least 1": type(told["k"]) is int and told["k"] >= 1,
        f"formats can hold: {', '.join(FORMATS)}": _is_list(told["formats"]) and set(told["formats"]) <= set(FORMATS),
        "language must be a language code": _is_text(told["language"]),
        "largest_suppression must be a whole percentage": type(share) is int and 0 <= share <= 100,
        "archive_only must be true or false": type(told.get("archive_only", False)) is bool,
        "wave must be a whole number of at least 1": type(wave := told.get("wave", 1)) is int and wave >= 1,
        "new_ids must be true or false": type(told.get("new_ids", False)) is bool,
        "levels must be a table of whole numbers": _is_levels(told.get("levels", {})),
    }
    wrong = [sentence for sentence, holds in checks.items() if not holds]
    if wrong:
        raise ReleaseError("In the specification, " + "; ".join(wrong) + ".")


def _is_purpose(value: object) -> bool:
    return _is_text(value) and len(str(value)) <= LONGEST_PURPOSE and str(value).strip().isprintable()


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_levels(value: object) -> bool:
    return isinstance(value, dict) and all(type(one) is int and one >= 0 for one in value.values())


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(_is_text(one) for one in value)
