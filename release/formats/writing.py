"""Write a release in every form that was asked for, into a folder that is there. Same release, same bytes.

Refuses, before anything is written, names that a form cannot hold. Writes data, codebook, and how scales are worked
out; the README, the disclosure report and the manifest are others' (release/export.py). No file tells a person's score.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from polars.exceptions import PolarsError
from pyreadstat import ReadstatError

from errors import ReleaseError
from release.formats.codebook import write_codebook_csv
from release.formats.datapackage import write_datapackage
from release.formats.ddi import write_ddi
from release.formats.names import refuse_names
from release.formats.page import write_page
from release.formats.scoring import NAMES, writer_of
from release.formats.spss import ranges, write_sav
from release.formats.stata import write_dta
from release.formats.tables import write_csv, write_parquet
from release.formats.variables import Variable, variables_of
from release.made import Release

Report = Callable[[int, int], None]
Writer = Callable[[Release, Sequence[Variable], Path], None]
# Form → its files. Those in BY_LANGUAGE are written once for each language of labels.
FORMATS: Mapping[str, Mapping[str, Writer]] = {
    "csv": {"data.csv": write_csv},
    "parquet": {"data.parquet": write_parquet},
    "sav": {"data.sav": write_sav},
    "dta": {"data.dta": write_dta},
    "codebook": {"codebook.html": write_page},
    "ddi": {"ddi.xml": write_ddi},
    "datapackage": {"datapackage.json": write_datapackage},
    "scoring": {name: writer_of(name) for name in NAMES},
}
BY_LANGUAGE = ("sav", "dta", "codebook")
UNWRITTEN = (
    "{} could not be written: the disk is full, or that form cannot hold these data. Nothing was written. Make room or "
    "leave the form out, and make it again. If the ledger knows of it already, that is no hindrance: the same people "
    "again are never refused."
)
READ_CSV = ("datapackage", "scoring")  # they describe data.csv, or read it


def refuse_formats(release: Release) -> None:
    """Raise ReleaseError where a release cannot be written in the forms that were asked for."""
    formats = release.specification.formats
    alone = [form for form in formats if form in READ_CSV and "csv" not in formats]
    if alone:
        raise ReleaseError(f"{' and '.join(alone)} need data.csv. Add csv to the formats. Nothing was written.")
    refuse_names(release.frame.columns, formats)
    if "sav" in formats and release.specification.missing == "codes":
        for one in variables_of(release, release.specification.language):
            ranges(one, release.frame[one.name])


def write_formats(release: Release, folder: Path, report: Report = lambda done, whole: None) -> tuple[str, ...]:
    """Write every file of the forms that were asked for and the codebook; returns their names. Raises ReleaseError.

    `report` is called after each file and may raise, to stop.
    """
    refuse_formats(release)
    deeds = tuple(_deeds(release))
    told = {language: variables_of(release, language) for language in release.specification.label_languages}
    for done, (name, write, language) in enumerate(deeds, 1):
        path = folder / name
        try:
            write(release, told[language], path)
        except (PolarsError, ReadstatError):  # their words say nothing to act on, and could hold an answer
            raise ReleaseError(UNWRITTEN.format(name)) from None
        path.chmod(0o600)
        report(done, len(deeds))
    return tuple(name for name, _, _ in deeds)


def _deeds(release: Release) -> Iterator[tuple[str, Writer, str]]:
    """Each file with who writes it and the language of its labels; the first language's has no tag in its name."""
    ordered = release.specification
    yield "codebook.csv", write_codebook_csv, ordered.language
    for form in (one for one in FORMATS if one in ordered.formats):
        languages = ordered.label_languages if form in BY_LANGUAGE else (ordered.language,)
        for name, write in FORMATS[form].items():
            yield from ((_tagged(name, language, ordered.language), write, language) for language in languages)


def _tagged(name: str, language: str, first: str) -> str:
    stem, _, ending = name.rpartition(".")
    return name if language == first else f"{stem}.{language}.{ending}"
