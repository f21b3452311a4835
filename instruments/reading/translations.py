"""What goes wrong between the languages of a form: a bracket or an answer left out, two choices with the same words.

Compares each column of words with the first of its kind in the sheet. Knows no language: whether words are good ones a
person must say (instruments/standing.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache

from errors import Problem
from instruments.open_brackets import BRACKET
from instruments.reading.card_dates import CARD_DATE
from instruments.reading.references import REFERENCE
from instruments.reading.sheets import Row, Sheet, is_classified
from instruments.reading.vocabulary import TRANSLATED

SHORT = 30  # characters: below, a word more doubles a text
TOO_LONG = 2  # times as long as in the first language
LETTERS = re.compile(r"[^\W\d_]+")
MARKS = (("${", REFERENCE, "${%s}"), ("[", BRACKET, "[%s]"))
SHEETS = ("survey", "choices")


def translation_problems(sheets: Mapping[str, Sheet]) -> Iterator[Problem]:
    """What is wrong between languages, so that people would be asked or told something else."""
    # In a form made elsewhere a bracket is plain words, such as [READ OUT].
    marks = MARKS if is_classified(sheets["survey"]) else MARKS[:1]
    for sheet, row, first, column in _pairs(sheets):
        # The last day on a card may be written out in one language: its number is checked elsewhere.
        told, said = (row.cells[one].replace(CARD_DATE, "") for one in (first, column))
        for sign, pattern, written in marks:
            if sign in told or sign in said:
                wanted, found = pattern.findall(told), pattern.findall(said)
                yield from _unlike(sheet, row, column, written, Counter(wanted), Counter(found))
    yield from _merged(sheets["choices"])


def translation_remarks(sheets: Mapping[str, Sheet]) -> Iterator[Problem]:
    """What a person should look at between languages."""
    for sheet, row, first, column in _pairs(sheets):
        told, said = row.cells[first], row.cells[column]
        if len(told) >= SHORT and len(said) > TOO_LONG * len(told):
            told_so = f"this is more than twice as long as {first}; is it the same?"
            yield Problem(sheet.file, told_so, row.number, column, said, is_warning=True)
        if not said.isascii() and (mixed := [word for word in LETTERS.findall(said) if is_mixed(word)]):
            told_so = f"letters of two scripts stand in one word: {', '.join(mixed)}; write it anew"
            yield Problem(sheet.file, told_so, row.number, column, is_warning=True)


@lru_cache(maxsize=20_000)
def is_mixed(word: str) -> bool:
    """Whether letters of two scripts stand in a word, which looks right and is found by no search."""
    if word.isascii():
        return False
    return len({unicodedata.name(letter, "?").split()[0] for letter in word if letter.isalpha()}) > 1


def _pairs(sheets: Mapping[str, Sheet]) -> Iterator[tuple[Sheet, Row, str, str]]:
    """Each text that has words in the first column of its kind and in another: sheet, row, both columns."""
    for name in SHEETS:
        for first, others in _columns(name, sheets[name]):
            for row in sheets[name].rows:
                filled = (column for column in others if row.cells.get(first) and row.cells.get(column))
                yield from ((sheets[name], row, first, column) for column in filled)


def _columns(name: str, sheet: Sheet) -> Iterator[tuple[str, tuple[str, ...]]]:
    for kind in TRANSLATED[name]:
        first, *others = [column for column in sheet.columns if column.partition("::")[0] == kind] or [""]
        if others:
            yield first, tuple(others)


def _unlike(
    sheet: Sheet, row: Row, column: str, written: str, wanted: Counter[str], found: Counter[str]
) -> Iterator[Problem]:
    lacking, more = wanted - found, found - wanted
    if lacking or more:
        told = [f"lacks {written % name}" for name in lacking] + [f"has {written % name} too often" for name in more]
        yield Problem(sheet.file, f"unlike the first language, this {' and '.join(told)}", row.number, column)


def _merged(sheet: Sheet) -> Iterator[Problem]:
    """Choices of a list that differ in another language and not in this one: nobody could tell them apart."""
    columns = [column for column in sheet.columns if column.partition("::")[0] == "label"]
    if len(columns) < 2:
        return
    seen: dict[tuple[str, str, str], Row] = {}
    for row in sheet.rows:
        for column in columns:
            said = " ".join(row.cells.get(column, "").casefold().split())
            other = seen.setdefault((row.cells.get("list_name", ""), column, said), row)
            if said and other is not row and _differ(row, other, [one for one in columns if one != column]):
                told = f"the choice in row {other.number} has the same words in this language; write them apart"
                yield Problem(sheet.file, told, row.number, column, row.cells[column])


def _differ(row: Row, other: Row, columns: list[str]) -> bool:
    return any(row.cells.get(one) and other.cells.get(one) and row.cells[one] != other.cells[one] for one in columns)
