"""Load a study from its folder, check it, describe it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from errors import InstrumentError, Problem
from instruments.model import Instrument, Item, Part
from instruments.reading.checks import loosened, risk_words_of
from instruments.reading.compile import compile_study
from instruments.reading.sources import Source, source_of, whole
from instruments.reading.xlsform import Form
from instruments.recordings import remarks_on_recordings
from instruments.settings import FILE, StudySettings
from instruments.sheets_to_read import easy_read_remarks
from instruments.stored import instrument_from_canonical as instrument_from_canonical
from instruments.workbooks import Workbook

MOST_NAMED = 12  # items in one warning


@dataclass(frozen=True)
class StudyDefinition:
    """A study as its sheets tell it, and what a person should look at before it is used."""

    instrument: Instrument
    settings: StudySettings
    path: Path
    warnings: tuple[Problem, ...]


def load_study(path: Path) -> StudyDefinition:
    """The study at this path: a folder, a whole study in one workbook, or one form that a study is put around.

    Raises InstrumentError with every problem found.
    """
    return _compiled(source_of(path), path)


def study_in(book: Workbook) -> StudyDefinition:
    """The whole study in this workbook, wherever it came from. Raises InstrumentError with every problem found."""
    return _compiled(whole(book), Path())


def _compiled(source: Source, path: Path) -> StudyDefinition:
    return _defined(source, source.forms(), path)


def _defined(source: Source, forms: Mapping[str, Form], path: Path) -> StudyDefinition:
    file = source.written.file
    asks = next((forms[part["form"]].file for part in source.told["parts"] if part["name"] == "questionnaire"), "")
    instrument = compile_study(source.told, forms, source.written, source.media)
    heard = () if source.media.trusts else tuple(remarks_on_recordings(instrument, source.media))
    if wrong := tuple(problem for problem in heard if not problem.is_warning):
        raise InstrumentError(wrong)
    warnings = (*(found for form in forms.values() for found in form.warnings), *untranslated(instrument, file, asks))
    looked_at = (
        *reviewed(instrument, file), *loosened(instrument.items, file), *easy_read_remarks(instrument, file),
        *heard,
    )  # fmt: skip
    return StudyDefinition(instrument, source.settings, path, (*warnings, *looked_at))


class Found(tuple[Problem, ...]):
    """Everything that was found in a study. `may_be_more`: whether some checks could not be made because of it."""

    may_be_more: bool

    def __new__(cls, problems: Iterable[Problem], may_be_more: bool = False) -> Found:
        """These problems, warnings last."""
        made = super().__new__(cls, sorted(problems, key=lambda problem: problem.is_warning))
        made.may_be_more = may_be_more
        return made


def check_study(path: Path) -> Found:
    """Everything that is wrong with a study or a form, warnings last; empty when it can be used as it stands."""
    try:
        source = source_of(path)
        forms = source.forms()
    except InstrumentError as error:
        # What stands between the questions is looked at once each of them can be read.
        return Found(error.problems, may_be_more=True)
    try:
        return Found(_defined(source, forms, path).warnings)
    except InstrumentError as error:
        return Found(error.problems)


def untranslated(instrument: Instrument, file: str = FILE, asks: str = "") -> Iterator[Problem]:
    """A warning for each language of a study in which some of its words are missing: of what it asks, and around that.

    `asks`: the file of the questionnaire, where it is another than that of the settings.
    """
    for language in instrument.languages:
        lacking = {part.name: _lacking(part, language) for part in instrument.parts}
        asked = lacking.pop("questionnaire", [])
        if asked:
            named = ", ".join(asked[:MOST_NAMED]) + (" …" if len(asked) > MOST_NAMED else "")
            told = f"{len(asked)} items lack words in {language!r}; they are shown in another, marked: {named}"
            yield Problem(asks or file, told, is_warning=True)
        parts = [name for name, items in lacking.items() if items]
        if parts:
            count = sum(map(len, lacking.values()))
            told = f"{count} texts around it (the parts {', '.join(parts)}) lack words in {language!r} and are shown in"
            told += " another, marked; write them in the sheets of these parts"
            yield Problem(file, f"{told}, which `flask study new` makes around a form", is_warning=True)


def lacking_words(instrument: Instrument, language: str) -> int:
    """How many of a study's texts have no words in this language, and are shown in another."""
    return sum(len(_lacking(part, language)) for part in instrument.parts)


def _lacking(part: Part, language: str) -> list[str]:
    # What is worked out or recorded is shown to nobody.
    items = (item for block in part.blocks for item in block.items if item.kind not in ("calculate", "hidden"))
    return [item.name for item in items if any(not text.speaks(language) for text in item.texts)]


def reviewed(instrument: Instrument, file: str = FILE) -> Iterator[Problem]:
    """A warning for each item whose words hint at one person's own risk, and which is asked by an ethics decision."""
    items = (item for part in instrument.parts for block in part.blocks for item in block.items)
    for item in items:
        if item.ethics and (found := risk_words_of(item)):
            told = (
                f"{item.name} is asked with the words {', '.join(found)} (rule R4), by ethics reference {item.ethics}"
            )
            yield Problem(file, told, is_warning=True)


def describe(instrument: Instrument) -> str:
    """The study in lines of text: groups, parts, items with their privacy class."""
    lines = [f"{instrument.study} {instrument.version}  {instrument.digest}"]
    for group in instrument.groups:
        lines.append(f"\n{group.name}: {group.title.in_language(instrument.languages[0])}")
        for part in instrument.visit(group.name):
            lines.append(f"  {part.name}")
            lines += [
                _line(item, instrument.languages[0])
                for block in part.blocks
                for item in block.items
                if item.kind != "note"
            ]
    return "\n".join(lines)


def _line(item: Item, language: str) -> str:
    kept = item.kept if item.kept == "nowhere" else f"{item.kept}, {item.privacy}"
    return f"    {item.name:<18} {item.kind:<16} {kept:<22} {item.label.in_language(language)[:70]}"
