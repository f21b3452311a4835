"""Write a release: data, what they mean, what risk remains, signed. All or nothing; the same in, the same out."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from errors import Cancelled
from instruments.codebook import MISSING_LABELS, codebook_row, codebook_rows, level_in_words
from instruments.model import BLANK, NOT_APPLICABLE, NOT_IN_VERSION, REMOVED, Level
from release.dataset import Report
from release.manifest import sign_folder
from release.placing import new_folder, write_private
from release.readme import readme_of
from release.report.about import about
from release.report.figures import as_json
from release.report.page import as_page
from release.table import FORM_VERSION
from release.versions import asked_in, elsewhere, is_lacking
from storage.journal_key import Signer

if TYPE_CHECKING:
    from release.columns import Column
    from release.made import Release

ID_ROW = {
    "variable": "research_id",
    "label": "Id of the participant in releases for this purpose; its last character checks the others",
    "type": "text",
    "privacy": "pseudonym",
    "in_this_release": "first column",
}
FORMULA = re.compile(r"[=+@\t\r]|-(?!\d+(\.\d+)?$)")


Stop = Callable[[], bool]


def write_release(
    release: Release, out: Path, signer: Signer, report: Report = lambda done, whole: None, stop: Stop = lambda: False
) -> None:
    """Write every file into a new folder (0700). Raises ReleaseError; then nothing is left behind.

    `stop` is asked between files: whether somebody wants it no more.
    """
    with new_folder(out) as folder:
        fill(folder, release, report, stop)
        sign_folder(folder, about(release), signer)
        ask(stop)


def fill(folder: Path, release: Release, report: Report, stop: Stop) -> None:
    """Write what a release holds but the manifest."""
    for done, (name, made) in enumerate(MADE.items(), 1):
        ask(stop)
        write_private(folder / name, made(release))
        report(done, len(MADE))


def ask(stop: Stop) -> None:
    """Raise Cancelled where somebody wants it no more."""
    if stop():
        raise Cancelled("The release was cancelled. Nothing was written.")


def neutral(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; numbers, negative codes too, stay as they are."""
    return f"'{cell}" if FORMULA.match(cell) else cell


def _cells(release: Release) -> Iterator[tuple[str, ...]]:
    return (tuple(map(str, row)) for row in release.frame.iter_rows())


def _csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return sink.getvalue().encode()


def _codebook(release: Release) -> bytes:
    """What every variable of data.csv means as it stands there, then what was withheld."""
    ordered = release.specification
    newest = release.instruments[0]
    known = {FORM_VERSION.name: codebook_row(newest, FORM_VERSION, ordered.groups, ordered.language)} | {
        row["variable"]: row
        for version in reversed(release.instruments)
        for row in codebook_rows(version, ordered.groups, ordered.language)
    }
    told = [ID_ROW]
    told += [_described(release, column, known[column.item.name]) for column in release.columns]
    told += [{**known[name], "in_this_release": _why_not(release, known[name])} for name in _absent(release)]
    head = [*known[FORM_VERSION.name], "in_this_release", "asked_in_versions", "in_other_versions"]
    return _csv(head, [[row.get(name, "") for name in head] for row in told])


def _described(release: Release, column: Column, row: Mapping[str, str]) -> dict[str, str]:
    level = release.levels.get(column.item.name, 0)
    told = {
        **row,
        "in_this_release": f"released at level {level}",
        "asked_in_versions": ", ".join(asked_in(release, column)),
        "in_other_versions": " || ".join(elsewhere(release, column)),
    }
    if column.item.name == "respondent_group":
        told["codes"] = " | ".join(_group_codes(release))
    elif level and column.hierarchy:
        told["codes"] = " | ".join(_coarse_codes(column, column.hierarchy.levels[level - 1], release))
    if is_lacking(release, column):
        lacking = f"{NOT_IN_VERSION} = {MISSING_LABELS[NOT_IN_VERSION]}"
        told["codes"] = " | ".join(filter(None, (told["codes"], lacking)))
    return told


def _group_codes(release: Release) -> Iterator[str]:
    ordered = release.specification
    titles = {group.name: group.title for version in reversed(release.instruments) for group in version.groups}
    yield from (f"{name} = {titles[name].in_language(ordered.language)}" for name in ordered.groups if name in titles)


def _coarse_codes(column: Column, level: Level, release: Release) -> Iterator[str]:
    language = release.specification.language
    if level.rule == "suppressed":
        yield f"every answer is {REMOVED}: {MISSING_LABELS[REMOVED]}"
        return
    if level.rule != "categories":
        yield level_in_words(level, language)
    yield from (f"{category.code} = {category.label.in_language(language)}" for category in level.categories)
    if column.item.is_asked:
        aside = [int(choice.code) for choice in column.item.choices if choice.aside]
        yield from (f"{code} = {MISSING_LABELS[code]}" for code in (*aside, REMOVED, NOT_APPLICABLE, BLANK))


def _absent(release: Release) -> tuple[str, ...]:
    return (*release.withheld, *release.not_archived)


def _why_not(release: Release, row: Mapping[str, str]) -> str:
    if row["variable"] in release.not_archived:
        return "left out of files for an archive"
    return "withheld until a person has reviewed it" if row["privacy"] == "open" else "never released"


def _data(release: Release) -> bytes:
    return _csv(["research_id", *(column.item.name for column in release.columns)], _cells(release))


def _readme(release: Release) -> bytes:
    return readme_of(release).encode()


MADE: Mapping[str, Callable[[Release], bytes]] = {
    "data.csv": _data,
    "codebook.csv": _codebook,
    "README.txt": _readme,
    "disclosure.json": as_json,
    "disclosure.html": as_page,
}
