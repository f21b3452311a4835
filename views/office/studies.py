"""The study page: what this instance collects for, and what it is set to. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import current_app, render_template

from fieldwork.hold import hold_in_force
from fieldwork.study import Study
from fieldwork.versions import studies_kept, versions
from instruments.catalogue import lacking_words
from instruments.hold_words import hold_words, lacking_languages
from instruments.model import Instrument
from instruments.reviews import Review as Reviewed
from instruments.standing import Standing, standings
from views.field.common import study
from views.languages import interface_in, own_name
from views.office.text_words import texts_in_words
from views.reviews import Review
from views.speaking import language_here

UNREVIEWED = ("draft", "missing")


@dataclass(frozen=True)
class Spoken:
    """A language of the study. `lacking`: texts without words in it; `interface`: how its buttons and messages are.

    `standing`: what was reviewed in it, None for the first language; `is_open`: whether people are asked in it;
    `texts`: what the page calls each of the study's texts.
    """

    name: str
    code: str
    lacking: int
    interface: Review
    standing: Standing | None
    is_open: bool
    texts: Mapping[str, str]

    @property
    def drafts(self) -> list[str]:
        """What nobody has reviewed as it stands now, in words."""
        return [self.texts[name] for name in self.standing.drafts] if self.standing else []

    @property
    def reviewed(self) -> list[tuple[str, Reviewed]]:
        """What was reviewed, in words, each with its review."""
        return [(self.texts[name], one) for name, one in self.standing.reviewed.items()] if self.standing else []


def study_page() -> str:
    """Studies and versions, languages, cut-off, retention, plain path, brackets."""
    served, office = study(), study().stores.office
    return render_template(
        "office/study.html",
        study=served,
        kept={name: versions(office, name) for name in studies_kept(office)},
        languages=tuple(_languages(served)),
        hold=hold_in_force(office),
        hold_words=[
            (own_name(code), code, words)
            for code, words in hold_words(served.settings, served.instrument.languages).items()
        ],
        hold_lacks=[own_name(code) for code in lacking_languages(served.settings, served.instrument.languages)],
    )


def unreviewed_here(instrument: Instrument) -> list[str]:
    """The study's languages whose buttons and messages no native speaker has reviewed, or not all of them, by name."""
    return [own_name(code) for code, one in _interface(instrument).items() if one.status in UNREVIEWED or one.since]


def _languages(served: Study) -> Iterator[Spoken]:
    instrument = served.instrument
    found = {one.language: one for one in standings(instrument, served.settings)}
    for code, interface in _interface(instrument).items():
        lacking, is_open = lacking_words(instrument, code), code in served.languages
        texts = texts_in_words(instrument, served.settings, code, language_here())
        yield Spoken(own_name(code), code, lacking, interface, found.get(code), is_open, texts)


def _interface(instrument: Instrument) -> dict[str, Review]:
    return interface_in(instrument.languages, Path(current_app.root_path) / "translations")
