"""Texts as the cells of a row, one column a language, and every text that an instrument holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from instruments.model import Instrument, Text
from instruments.reading.card_dates import CARD_DATE, card_date

Cells = dict[str, str]


@dataclass(frozen=True)
class Columns:
    """The languages of an instrument as headings name them: the study's own in its order, then any other."""

    headings: Mapping[str, str]
    cut_off_days: int

    @classmethod
    def of(cls, instrument: Instrument) -> Columns:
        """The columns that the texts of this instrument need."""
        spoken = {language for text in texts_of(instrument) for language, _ in text.translations}
        codes = dict.fromkeys([*instrument.languages, *sorted(spoken)])
        return cls({code: f"{_name(code)} ({code})" for code in codes}, instrument.cut_off_days)

    def cells(self, kind: str, text: Text | None) -> Cells:
        """The cells of a text; none for none."""
        translations = text.translations if text else ()
        return {f"{kind}::{self.headings[language]}": words for language, words in translations}

    def filled(self, kind: str, text: Text | None) -> Cells:
        """The same, with the last day on the card as the bracket that it was: it follows the cut-off, once edited."""
        spoken = text.translations if text else ()
        told = [(one, words.replace(card_date(self.cut_off_days, one), CARD_DATE)) for one, words in spoken]
        return self.cells(kind, Text(tuple(told))) | self.heard(text)

    def heard(self, text: Text | None) -> Cells:
        """The cells that name the recordings of a text, by the name that their content gives them."""
        recordings = text.recordings if text else ()
        return {f"media::audio::{self.headings[language]}": name for language, name in recordings}

    def titles(self, text: Text) -> Cells:
        """The cells of a title: the first language in the column `title`, the others in their own."""
        return self.led_by("title", dict(text.translations))

    def led_by(self, kind: str, spoken: Mapping[str, str]) -> Cells:
        """Words of a setting: those in the first language in the column of this name, the others in their own."""
        first = next(iter(self.headings))
        others = {f"{kind}::{self.headings[one]}": words for one, words in spoken.items() if one != first and words}
        return {kind: spoken.get(first, "")} | others


def texts_of(instrument: Instrument) -> Iterator[Text]:
    """Every text that participants are shown or staff read."""
    for part in instrument.parts:
        for block in part.blocks:
            yield from (text for item in block.items for text in item.texts)
            yield from filter(None, (block.title,))
        yield from filter(None, (part.title,))
    yield from (group.title for group in instrument.groups)
    yield from (scale.title for scale in instrument.scales)
    levels = (level for hierarchy in instrument.hierarchies for level in hierarchy.levels)
    yield from (category.label for level in levels for category in level.categories)


def _name(code: str) -> str:
    """The English name of a language, which stands before its code in a heading."""
    from babel import Locale

    return str(Locale("en").languages.get(code.partition("-")[0].lower()) or code)
