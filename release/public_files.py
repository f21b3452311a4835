"""The files of public tables: tables.csv, tables.html, tables.json, README.txt. Pure: writes none of them itself.

A withheld cell looks the same whatever the reason. Percentages come from published counts alone, rounded half up.
"""

from __future__ import annotations

import csv
import io
import json
import textwrap
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

from instruments.model import Instrument
from instruments.scoring import half_up
from privacy.tables import Cell, Crossing
from release.formats.cells import neutral
from release.public_noise import Noisy, budget_in_words
from release.public_tables import MOST_VARIABLES, NO_ANSWER, GroupTables, least_of
from release.specification import Specification
from release.summary import blocks
from release.summary.blocks import Bullets, Heading, Page, Paragraph, Said, Table, in_study
from release.summary.html import html_of
from release.summary.words import WHO

FORMAT, VERSION, WIDTH = "amanah-tables", 1, 110
ALL = "All"
Count = Callable[[Crossing, Cell], int | None]
Told = tuple[GroupTables, Count, int | None]  # a group, what is told of each cell, the error bar where there is one


def exact_files(groups: Sequence[GroupTables], ordered: Specification, newest: Instrument) -> dict[str, bytes]:
    """The files of tables without noise: counts, and what is withheld."""
    least = least_of(ordered)
    told = [(group, _published(group, group.withheld(least)), None) for group in groups]
    mark = f"fewer than {least}, or withheld to protect others"
    words = (
        f'A cell that says "{mark}" (on the page: withheld) has fewer than {least} people, 0 too, or '
        "everybody of its row is in it, or it is withheld so that no other cell can be worked out. Which of these it "
        "is, is not told.",
        f"Of every withheld cell, all that can be worked out from these tables is a span at least {least} wide.",
        "Percentages are of the people of the same row, from published counts, rounded half up.",
        "These tables were checked with each other, and no summary that leaves the team is made of the same people. Do "
        "not publish other exact counts of them beside these: the check does not know those.",
    )
    return _files(told, ordered, newest, (*words, *_same_for_all()), mark)


def noisy_files(
    groups: Sequence[GroupTables], made: Noisy, ordered: Specification, newest: Instrument
) -> dict[str, bytes]:
    """The files of tables with noise: each number with its error bar, no exact count, no percentage."""
    told = [(group, _drawn(numbers), bar) for group, numbers, bar in zip(groups, made.numbers, made.bars, strict=True)]
    words = (
        "Chance was added to every number, so that nobody's taking part can be told from them. A number can be below "
        "0; it is left so, as cutting it off would make sums wrong.",
        "The number without noise is within the error bar 19 times out of 20 (exactly worked out from the noise).",
        made.method,
        budget_in_words(made),
        "The promise is about one person more or fewer, and about these tables: other releases of this study, exact "
        "summaries among them, are not covered by it.",
        "The same order of the same people gives these same numbers again.",
    )
    return _files(told, ordered, newest, (*words, *_same_for_all()), "")


def _same_for_all() -> tuple[str, ...]:
    return (
        "No answer: did not know, would rather not say, left it out, or had a version without the question.",
        "These people are no random sample. Figures describe them and nobody else.",
        WHO,
    )


def _published(group: GroupTables, withheld: frozenset[Cell]) -> Count:
    return lambda _, cell: None if cell in withheld else group.tables.counts[cell]


def _drawn(numbers: dict[tuple[Crossing, Cell], int]) -> Count:
    return lambda names, cell: numbers.get((names, cell))


def _files(
    told: Sequence[Told], ordered: Specification, newest: Instrument, words: Sequence[str], mark: str
) -> dict[str, bytes]:
    lines = [f"Public tables. Purpose: {ordered.purpose}", f"Licence: {ordered.licence}", *words]
    readme = "\n".join("\n".join([*textwrap.wrap(line, WIDTH), ""]) for line in lines)
    document = {
        "format": FORMAT, "version": VERSION, "study": newest.study, "purpose": ordered.purpose,
        "licence": ordered.licence, "words": list(words), "tables": list(_as_json(told)),
    }  # fmt: skip
    return {
        "tables.csv": _csv(told, ordered.language, mark),
        "tables.html": html_of(_page(told, ordered, newest, words), "public tables"),
        "tables.json": f"{json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False)}\n".encode(),
        "README.txt": readme.encode(),
    }


def _cells(told: Told, names: Crossing) -> Iterator[tuple[tuple[str, ...], int | None]]:
    """Each cell of a table as the value of each variable ("" in a margin), with what is told of it."""
    group, count, bar = told
    margins = [""] if bar is None else []
    for values in product(*((*group.values[name], *margins) for name in names)):
        yield values, count(names, _cell(names, values))


def _cell(names: Crossing, values: Sequence[str]) -> Cell:
    return frozenset((name, value) for name, value in zip(names, values, strict=True) if value)


def _percent(told: Told, names: Crossing, values: Sequence[str]) -> str:
    """The share of the last variable's value in its row, where both counts are published."""
    if told[2] is not None or not names or not values[-1]:
        return ""
    part, whole = told[1](names, _cell(names, values)), told[1](names, _cell(names, (*values[:-1], "")))
    return half_up(Fraction(100 * part, whole), 1) if part is not None and whole else ""


def _label(group: GroupTables, name: str, value: str, language: str) -> Said:
    if value in ("", NO_ANSWER):
        return Said(ALL if not value else "No answer")
    labels = {choice.code: choice.label for choice in group.items[name].choices}
    return in_study(labels[value], language) if value in labels else Said(value)


def _csv(told: Sequence[Told], language: str, mark: str) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    places = range(1, MOST_VARIABLES + 1)
    columns = [f"{word}_{place}" for place in places for word in ("variable", "code", "label")]
    writer.writerow(["group", "table", *columns, "count", "percent", "error_95"])
    for one in told:
        for number, names in enumerate(one[0].crossings, 1):
            for values, count in _cells(one, names):
                said = [word for name, value in zip(names, values, strict=True) for word in (
                    name, value or "all", _label(one[0], name, value, language).words)]  # fmt: skip
                said += [""] * (3 * MOST_VARIABLES - len(said))
                shown = [mark if count is None else str(count), _percent(one, names, values)]
                row = [one[0].group.name, str(number), *said, *shown, "" if one[2] is None else str(one[2])]
                writer.writerow([neutral(cell) for cell in row])
    return text.getvalue().encode()


def _as_json(told: Sequence[Told]) -> Iterator[dict[str, Any]]:
    for one in told:
        for names in one[0].crossings:
            cells = [
                {"values": list(values), "count": count, "percent": _percent(one, names, values) or None}
                for values, count in _cells(one, names)
            ]
            yield {"group": one[0].group.name, "variables": list(names), "error_95": one[2], "cells": cells}


def _page(told: Sequence[Told], ordered: Specification, newest: Instrument, words: Sequence[str]) -> Page:
    return Page(in_study(newest.title, ordered.language), tuple(_blocks(told, ordered, words)))


def _blocks(told: Sequence[Told], ordered: Specification, words: Sequence[str]) -> Iterator[blocks.Block]:
    yield Paragraph(Said(f"Public tables. Purpose: {ordered.purpose}. Licence: {ordered.licence}."))
    yield Heading(2, Said("How to read these tables"))
    yield Bullets(tuple(map(Said, words)))
    for one in told:
        yield Heading(2, in_study(one[0].group.title, ordered.language))
        for names in one[0].crossings:
            yield _table(one, names, ordered.language)


def _table(one: Told, names: Crossing, language: str) -> Table:
    """A row for each value of all variables but the last, whose values are the columns."""
    group, last = one[0], names[-1:]
    heads = [*product(*((*group.values[name], *([""] if one[2] is None else [])) for name in last))]
    rows = {values[: len(names) - len(last)]: None for values, _ in _cells(one, names)}
    caption = " × ".join(group.items[name].label.in_language(language) for name in names) or group.group.name
    labels = (_label(group, last[0], told[0], language) if told else Said(ALL) for told in heads)
    shown = tuple(_row(one, names, start, heads, language) for start in rows)
    return Table(Said(caption, language), (Said(", ".join(names[:-1])), *labels), shown, language)


def _row(
    one: Told, names: Crossing, start: tuple[str, ...], heads: Sequence[tuple[str, ...]], language: str
) -> tuple[blocks.Cell, ...]:
    first = ", ".join(_label(one[0], name, value, language).words for name, value in zip(names, start, strict=False))
    return (blocks.Cell(Said(first or ALL)), *(_shown(one, names, (*start, *head)) for head in heads))


def _shown(one: Told, names: Crossing, values: tuple[str, ...]) -> blocks.Cell:
    count, share = one[1](names, _cell(names, values)), _percent(one, names, values)
    if count is None:
        return blocks.Cell(Said("withheld"))
    beside = f" ({share} %)" if share else f" ± {one[2]}" if one[2] is not None else ""
    return blocks.Cell(Said(f"{count}{beside}"), is_number=True)
