"""codebook.csv: what every variable of a release means as it stands there, then what was withheld, and why."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from instruments.codebook import MISSING_LABELS, codebook_row, codebook_rows, level_in_words
from instruments.model import BLANK, NOT_APPLICABLE, NOT_IN_VERSION, REMOVED, Level
from release.columns import Column
from release.formats.cells import neutral
from release.formats.cut import label_for, words_for
from release.formats.several import names_of
from release.formats.variables import Variable, variables_of
from release.made import Release
from release.table import FORM_VERSION
from release.versions import asked_in, elsewhere, is_lacking

ID_ROW = {
    "variable": "research_id",
    "label": "Id of the participant in releases for this purpose; its last character checks the others",
    "type": "text",
    "privacy": "pseudonym",
    "in_this_release": "first column",
}
RARE_THEME = "left out: too few people have this theme"
MORE = ("in_this_release", "asked_in_versions", "in_other_versions", "in_sav_and_dta")


def codebook_csv(release: Release) -> bytes:
    """The codebook as a table that a spreadsheet opens."""
    known = known_rows(release)
    ours = variables_of(release, release.specification.language)
    told = [ID_ROW]
    told += [
        {**described(release, column, known[column.item.name]), "in_sav_and_dta": "; ".join(elsewhere_in(one, ours))}
        for column, one in zip(release.columns, ours[1:], strict=True)
    ]
    told += [{**known[name], "in_this_release": why_not(release, known[name])} for name in absent(release)]
    told += [{"variable": name, "in_this_release": RARE_THEME} for name in release.rare_themes]
    head = [*known[FORM_VERSION.name], *MORE]
    return _csv(head, [[row.get(name, "") for name in head] for row in told])


def write_codebook_csv(release: Release, variables: Sequence[Variable], path: Path) -> None:
    """Write codebook.csv."""
    path.write_bytes(codebook_csv(release))


def known_rows(release: Release) -> dict[str, dict[str, str]]:
    """The codebook's row of every variable that any version has, as the newest that has it tells it."""
    ordered = release.specification
    newest = release.instruments[0]
    ours = [FORM_VERSION, *(column.item for column in release.columns)]
    return {item.name: codebook_row(newest, item, ordered.groups, ordered.language) for item in ours} | {
        row["variable"]: row
        for version in reversed(release.instruments)
        for row in codebook_rows(version, ordered.groups, ordered.language)
    }


def described(release: Release, column: Column, row: Mapping[str, str]) -> dict[str, str]:
    """The row of one variable as it stands in this release."""
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


def elsewhere_in(one: Variable, ours: Sequence[Variable]) -> Iterator[str]:
    """What is not the same in `.sav` and `.dta`: labels that are too long for them, columns that they have besides."""
    formats = (form for form in ("sav", "dta"))
    for form in formats:
        if label_for(form, one.label) != one.label:
            yield f"the label is cut in .{form}"
        cut = [str(code) for code, words in one.words.items() if words_for(form, words) != words]
        if cut and (form == "sav" or one.kind == "whole"):
            yield f"the words of {', '.join(cut)} are cut in .{form}"
    more = names_of(one, ours)
    if more:
        yield f"with {', '.join(more)} (1: chosen)"
    if one.kind == "text" and len(one.missing) > 3:
        yield "SPSS takes no more than three texts as missing; the others have their words"


def absent(release: Release) -> tuple[str, ...]:
    """The variables that are not in this release."""
    return (*release.withheld, *release.not_archived)


def why_not(release: Release, row: Mapping[str, str]) -> str:
    """Why one is not."""
    if row["variable"] in release.not_archived:
        return "left out of files for an archive"
    return "withheld until a person has reviewed it" if row["privacy"] == "open" else "never released"


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


def _csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return sink.getvalue().encode()
