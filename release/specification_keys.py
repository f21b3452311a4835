"""Every key of a specification: what it may hold, and the sentence that says so where it holds something else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from release.presets import PRESETS, broken_promises

FORMATS = ("csv", "parquet", "sav", "dta", "codebook", "ddi", "datapackage", "scoring")
LONGEST_PURPOSE = 200
LONGEST_WORDS = 500
MOST_LEFT_OUT = 30  # percent: who stays where more may go is no picture of those who took part


@dataclass(frozen=True)
class Key:
    """Whether a value may stand at this key, and what may."""

    holds: Callable[[Any], bool]
    sentence: str


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_line(longest: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and len(value) <= longest and value.strip().isprintable()


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(_is_text(one) for one in value)


def _is_whole(least: int, most: int | None = None) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and value >= least and (most is None or value <= most)


def _is_number(least: float, most: float, above: bool = False) -> Callable[[Any], bool]:
    """Whether it is a number between these; `above`: the least itself is not enough."""
    return lambda value: type(value) in (int, float) and least <= value <= most and not (above and value == least)


def _is_table(holds: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, Mapping) and all(_is_text(name) for name in value) and all(
        holds(one) for one in value.values()
    )  # fmt: skip


def _flag(name: str) -> Key:
    return Key(lambda value: type(value) is bool, f"{name} must be true or false")


def _one_of(name: str, *words: str) -> Key:
    return Key(lambda value: value in words and isinstance(value, str), f"{name} must be {_or(words)}")


def _names(name: str, of: str) -> Key:
    return Key(_is_list, f"{name} must be a list of {of}")


def _or(words: tuple[str, ...]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


MOST = 1e9  # no count and no privacy budget is more
_LEVELS = _is_table(_is_whole(0))
_WHOLE = _is_table(_is_whole(-(10**9), 10**9))
KEYS: Mapping[str, Key] = {
    "purpose": Key(
        lambda value: _is_text(value) and _is_line(LONGEST_PURPOSE)(value), "purpose must be a few words on one line"
    ),
    "groups": _names("groups", "group names"),
    "k": Key(_is_whole(1), "k must be a whole number of at least 1"),
    "formats": Key(lambda value: _is_list(value) and set(value) <= set(FORMATS),
                   f"formats can hold: {', '.join(FORMATS)}"),
    "language": Key(_is_text, "language must be a language code"),
    "largest_suppression": Key(_is_whole(0, MOST_LEFT_OUT), f"largest_suppression must be a whole percentage of at "
                               f"most {MOST_LEFT_OUT}: where more may go, nothing is told coarser and most people go"),
    "archive_only": _flag("archive_only"),
    "levels": Key(_LEVELS, "levels must be a table of whole numbers"),
    "new_ids": _flag("new_ids"),
    "wave": Key(_is_whole(1), "wave must be a whole number of at least 1"),
    "kind": _one_of("kind", "rows", "summary", "tables"),
    "preset": _one_of("preset", *PRESETS),
    "recipient": Key(_is_line(LONGEST_WORDS), "recipient must be a few words on one line"),
    "legal_ground": Key(_is_line(LONGEST_WORDS), "legal_ground must be a few words on one line"),
    "licence": Key(
        lambda value: _is_text(value) and _is_line(LONGEST_WORDS)(value), "licence must be a few words on one line"
    ),
    "variables": _names("variables", "variable names"),
    "languages": _names("languages", "language codes"),
    "instrument_versions": _names("instrument_versions", "versions of the study"),
    "l": Key(_is_table(_is_number(1, MOST)), "l must be a table of numbers of at least 1, by variable"),
    "l_kind": _one_of("l_kind", "distinct", "entropy"),
    "t": Key(_is_table(_is_number(0, 1)), "t must be a table of numbers between 0 and 1, by variable"),
    "local_suppression": _flag("local_suppression"),
    "highest_levels": Key(_LEVELS, "highest_levels must be a table of whole numbers"),
    "order": _names("order", "variable names"),
    "rare": Key(_is_table(_is_whole(2, int(MOST))), "rare must be a table of whole numbers of at least 2, by variable"),
    "top": Key(_WHOLE, "top must be a table of whole numbers, by variable"),
    "bottom": Key(_WHOLE, "bottom must be a table of whole numbers, by variable"),
    "missing": _one_of("missing", "codes", "blank"),
    "open_text": _one_of("open_text", "withheld", "reviewed", "themes"),
    "excel": _flag("excel"),
    "hold_back": _flag("hold_back"),
    "privacy": Key(
        lambda value: _is_table(_is_number(0, MOST, above=True))(value) and set(value) in ({"epsilon"}, {"rho"}),
        "privacy must be a table of one number above 0, called epsilon or rho",
    ),
    "tables": Key(
        lambda value: isinstance(value, list | tuple) and bool(value) and all(map(_is_list, value)),
        "tables must be a list of lists of variable names",
    ),
}  # fmt: skip


def clashes(told: Mapping[str, Any]) -> Iterator[str]:
    """What two keys, each of them well formed, cannot say together; a sentence each."""
    yield from broken_promises(told)
    if "privacy" in told and told.get("kind", "rows") != "tables":
        yield "privacy is the noise of public tables, so kind must be tables"
    if "tables" in told and told.get("kind", "rows") != "tables":
        yield "tables names public tables, so kind must be tables"
    if told.get("local_suppression") and (told.get("preset") != "team" or told.get("archive_only")):
        yield (
            "local_suppression leaves a trace of what was removed, which is for the team alone: it needs "
            'preset = "team", without archive_only'
        )
    for name, level in told.get("levels", {}).items():
        if level > told.get("highest_levels", {}).get(name, level):
            yield f"levels fixes {name} above its highest level"
    for name, value in told.get("bottom", {}).items():
        if value > told.get("top", {}).get(name, value):
            yield f"bottom of {name} is above its top"
