"""What each column of a release is, whatever the form it is written in: its label, its codes in words, what is missing.

One description serves every form, so that no two files of a release say different things. Never holds a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from instruments.model import (
    BLANK,
    MISSING_CODES,
    NOT_APPLICABLE,
    NOT_IN_VERSION,
    REMOVED,
    Choice,
    Level,
    Text,
    as_value,
)
from release.columns import Column
from release.formats.missing_words import CHOSEN, missing_words
from release.made import Release
from release.versions import is_lacking

Kind = Literal["whole", "text"]
Measure = Literal["nominal", "ordinal", "scale"]
Code = int | str
CODES = (*MISSING_CODES[:3], NOT_IN_VERSION, *MISSING_CODES[3:])
ID = "research_id"
ID_LABELS = {
    "en": "Id of the participant in releases for this purpose; its last character checks the others",
    "ar": "معرّف المشارك في إصدارات هذا الغرض؛ حرفه الأخير يتحقق من الأحرف الأخرى",
    "ur": "اس مقصد کی ریلیزوں میں شریک کی شناخت؛ آخری حرف باقی حروف کی جانچ کرتا ہے",
    "bn": "এই উদ্দেশ্যের প্রকাশে অংশগ্রহণকারীর আইডি; শেষ অক্ষরটি বাকিগুলো যাচাই করে",
}


@dataclass(frozen=True)
class Variable:
    """One column. `labels`: its codes in words; `missing`: the codes that are no answer, in words.

    The codes are whole numbers where `kind` is "whole", else text. `codes`: what a multiple answer can hold, where it
    stands as it was given; `chosen`: words for not chosen and for chosen. `asked`: the item's type. `level`: how coarse
    it is, 0 as it was asked.
    """

    name: str
    label: str
    kind: Kind
    measure: Measure = "nominal"
    labels: Mapping[Code, str] = field(default_factory=dict)
    missing: Mapping[Code, str] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    chosen: tuple[str, str] = CHOSEN["en"]
    level: int = 0
    privacy: str = ""
    asked: str = "text"
    groups: tuple[str, ...] = ()
    scales: tuple[str, ...] = ()
    special: bool = False

    @property
    def words(self) -> dict[Code, str]:
        """Every code in words, those of no answer last."""
        return {**self.labels, **self.missing}


def variables_of(release: Release, language: str) -> tuple[Variable, ...]:
    """Every column of a release in its order, in words of this language where the study has them."""
    ours = ID_LABELS.get(language.split("-")[0], ID_LABELS["en"])
    first = Variable(ID, ours, "text", privacy="pseudonym")
    return (first, *(_described(release, column, language) for column in release.columns))


def _described(release: Release, column: Column, language: str) -> Variable:
    item, level = column.item, release.levels.get(column.item.name, 0)
    values = release.frame[item.name]
    whole = values.dtype.is_integer()
    labels = _in_words(release, column, level, language)
    several = item.kind in ("select_multiple", "rank") and not level
    return Variable(
        name=item.name,
        label=" ".join(item.label.in_language(language).split()) or item.name,
        kind="whole" if whole else "text",
        measure=_measure(column, level, whole),
        labels={} if several else {_code(code, whole): words for code, words in labels.items() if _fits(code, whole)},
        missing={_code(str(code), whole): words for code, words in _missing(release, column, language).items()},
        codes=labels if several and item.kind == "select_multiple" else {},
        chosen=CHOSEN.get(language.split("-")[0], CHOSEN["en"]),
        level=level,
        privacy=item.privacy,
        asked=item.kind,
        groups=item.on_for,
        scales=item.scales,
        special=item.special_category,
    )


def _measure(column: Column, level: int, whole: bool) -> Measure:
    if whole and column.item.kind == "integer" and not level:
        return "scale"
    return "ordinal" if whole and (column.item.scales or column.item.kind == "integer") else "nominal"


def _code(code: str, whole: bool) -> Code:
    return int(code) if whole else code


def _fits(code: str, whole: bool) -> bool:
    return not whole or isinstance(as_value(code), int)


def _in_words(release: Release, column: Column, level: int, language: str) -> dict[str, str]:
    """The codes of answers, by an earlier version's words where the newest has none."""
    if column.item.name == "respondent_group":
        return {name: text.in_language(language) for name, text in _titles(release) if name in _groups(release)}
    if level and column.hierarchy:
        return dict(_coarse(column.hierarchy.levels[level - 1], language))
    versions = (*reversed(tuple(column.versions.values())), column.item)
    told = [choice for item in versions for choice in item.choices if not _is_none(choice)]
    return {choice.code: choice.label.in_language(language) for choice in told}


def _groups(release: Release) -> Sequence[str]:
    return release.specification.groups


def _titles(release: Release) -> Iterator[tuple[str, Text]]:
    return ((group.name, group.title) for version in reversed(release.instruments) for group in version.groups)


def _coarse(level: Level, language: str) -> Iterator[tuple[str, str]]:
    return ((category.code, category.label.in_language(language)) for category in level.categories)


def _missing(release: Release, column: Column, language: str) -> dict[int, str]:
    """The codes that are no answer: what the study offers, what the software sets, and whatever stands there."""
    asides = [one for one in column.item.choices if _is_none(one)]
    possible = {int(one.code) for one in asides} | _found(release.frame[column.item.name])
    possible |= {REMOVED, NOT_APPLICABLE, BLANK} if column.item.is_asked else set()
    possible |= {NOT_IN_VERSION} if is_lacking(release, column) else set()
    words = missing_words(language)
    ours = {int(one.code): one.label.in_language(language) for one in asides if one.label.speaks(language)}
    told = {**words, **ours}
    return {code: told[code] for code in CODES if code in possible}


def _is_none(choice: Choice) -> bool:
    """Whether a code is no answer: what stands aside, and -6 where a variable has words of its own for it."""
    return choice.aside or choice.code == str(REMOVED)


def _found(values: pl.Series) -> set[int]:
    different = values.unique()
    return {int(code) for code in different.filter(different.cast(pl.String).is_in([str(code) for code in CODES]))}
