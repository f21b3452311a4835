"""Open text in a release: only as a person has reviewed it, and only of who agreed to be quoted; else its themes.

What was not reviewed, and what somebody does not want quoted, becomes -6. A theme is a column of 0 and 1, and one that
fewer than k people of the release have is in none. Knows nothing of how texts are reviewed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from errors import ReleaseError
from instruments.model import REMOVED, Choice, Item, Text
from release.coarsening import MISSING_CELLS
from release.columns import Column
from release.specification import Specification

NOT_REVIEWED = (
    "No answer in people's own words has been {} for this study yet. Do that at the desk first, or leave open_text out "
    "of the specification."
)
DONE = {"reviewed": "reviewed", "themes": "given themes by both coders"}
TAKEN = "{} is the name of a variable of the study already. Give the theme another code."
# What the codes of a theme mean, in the languages of the study.
SAID: Mapping[str, tuple[tuple[str, str], ...]] = {
    "0": (
        ("en", "Both coders: not in the answer"), ("ar", "رأى المُرمّزان أنه ليس في الإجابة"),
        ("ur", "دونوں کوڈروں کے مطابق جواب میں نہیں"), ("bn", "দুই কোডারের মতে উত্তরে নেই"),
    ),
    "1": (
        ("en", "Both coders: in the answer"), ("ar", "رأى المُرمّزان أنه في الإجابة"),
        ("ur", "دونوں کوڈروں کے مطابق جواب میں ہے"), ("bn", "দুই কোডারের মতে উত্তরে আছে"),
    ),
}  # fmt: skip
UNTOLD = (
    ("en", "Not coded by both, or the coders differ"), ("ar", "لم يرمّزه الاثنان، أو اختلفا"),
    ("ur", "دونوں نے کوڈ نہیں کیا، یا ان میں اختلاف ہے"), ("bn", "দুজনে কোড করেননি, অথবা তাঁদের মত ভিন্ন"),
)  # fmt: skip


@dataclass(frozen=True)
class Themed:
    """One theme of one question: the name of its column, its words, and of whom both coders said what."""

    name: str
    item: str
    words: str
    told: Mapping[bytes, bool] = field(repr=False)


@dataclass(frozen=True)
class Texts:
    """What stands in a release for people's words: by variable, the reviewed text of each participant; or themes."""

    words: Mapping[str, Mapping[bytes, str]] = field(default_factory=dict, repr=False)
    themes: tuple[Themed, ...] = ()


def open_columns(known: Mapping[str, Column], ordered: Specification, texts: Texts) -> dict[str, Column]:
    """These columns, with those of open text as something that is released where the order wants it."""
    if ordered.open_text == "withheld":
        return dict(known)
    if not any(texts.words.values()) and not texts.themes:
        raise ReleaseError(NOT_REVIEWED.format(DONE[ordered.open_text]))
    found: dict[str, Column] = {}
    for name, column in known.items():
        found[name] = _released(column) if column.item.privacy == "open" and name in texts.words else column
        found |= {one.name: _of_theme(column, one) for one in texts.themes if one.item == name}
    if taken := [one.name for one in texts.themes if one.name in known]:
        raise ReleaseError(TAKEN.format(taken[0]))
    return found


def with_texts(people: pl.DataFrame, ordered: Specification, texts: Texts) -> pl.DataFrame:
    """These people with what stands for their words. Nothing of what they wrote stays but what was reviewed."""
    if ordered.open_text == "withheld":
        return people
    reviewed = [_reviewed(people, name, texts.words[name]) for name in texts.words if name in people.columns]
    return people.with_columns([_theme(people, one) for one in texts.themes if one.item in people.columns] + reviewed)


def rare_themes(frame: pl.DataFrame, texts: Texts, ordered: Specification) -> Iterator[str]:
    """The themes that too few of these people have: who knows somebody's story would find them by it."""
    for one in texts.themes:
        least = max(ordered.k, ordered.rare.get(one.name, 0))
        if one.name in frame.columns and int((frame[one.name] == 1).sum()) < least:
            yield one.name


def _reviewed(people: pl.DataFrame, name: str, told: Mapping[bytes, str]) -> pl.Expr:
    reviewed = pl.when(_may_be_quoted(people)).then(_of_each(told, pl.String))
    return _unless_missing(name, reviewed.fill_null(str(REMOVED)), pl.String).alias(name)


def _theme(people: pl.DataFrame, one: Themed) -> pl.Expr:
    said = _of_each({label: int(found) for label, found in one.told.items()}, pl.Int32)
    return _unless_missing(one.item, said.fill_null(REMOVED), pl.Int32).alias(one.name)


def _of_each(told: Mapping[bytes, str | int], kind: type[pl.DataType]) -> pl.Expr:
    labels = pl.Series(list(told), dtype=pl.Binary)
    values = pl.Series(list(told.values()), dtype=kind)
    return pl.col(".participant").replace_strict(labels, values, default=None, return_dtype=kind)


def _unless_missing(name: str, told: pl.Expr, kind: type[pl.DataType]) -> pl.Expr:
    """What is told of words; a code that is no answer stays as it is, and so does nothing."""
    absent = pl.col(name).is_null() | pl.col(name).is_in(list(MISSING_CELLS))
    return pl.when(absent).then(pl.col(name).cast(kind, strict=False)).otherwise(told)


def _may_be_quoted(people: pl.DataFrame) -> pl.Expr:
    # Who was never asked did not agree.
    return pl.col(".o_quote").fill_null(False) if ".o_quote" in people.columns else pl.lit(False)


def _released(column: Column) -> Column:
    """A column whose texts were reviewed. Versions that promised to withhold more than open text still do."""
    versions = {
        digest: replace(item, privacy="sensitive") if item.privacy == "open" else item
        for digest, item in column.versions.items()
    }
    return replace(column, item=replace(column.item, privacy="sensitive"), versions=versions)


def _of_theme(column: Column, one: Themed) -> Column:
    """The column of a theme: asked of whom and where its question was. What somebody said of their own is sensitive."""
    versions = {digest: _theme_item(item, one) for digest, item in column.versions.items()}
    return Column(_theme_item(column.item, one), None, versions, column.asked)


def _theme_item(item: Item, one: Themed) -> Item:
    label = Text(tuple((language, f"{one.words} · {words}") for language, words in item.label.translations))
    codes = (*((code, Text(words)) for code, words in SAID.items()), (str(REMOVED), Text(UNTOLD)))
    return Item(
        one.name,
        "select_one",
        label,
        choices=tuple(Choice(code, words) for code, words in codes),
        on_for=item.on_for,
        privacy=item.privacy if item.privacy == "direct" else "sensitive",
        special_category=item.special_category,
    )
