"""Rows as pyxform is given them: types in one spelling, and `or_other` written out as a choice and a box below.

Appearances that are not used here are left out, as pyxform adds rows for some: `table-list` is a group kept together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from instruments.reading.generated_words import WORDS, Name
from instruments.reading.sheets import Row, Sheet
from instruments.reading.vocabulary import ELSEWHERE, LANGUAGE, OURS, TOGETHER, TRANSLATED, asked, is_unread

ENGLISH = "English (en)"
OTHER = "other"  # the code; XLSForm's own
Cells = dict[str, str]
WORDED = ("survey", "choices")  # sheets whose columns of words name a language


def is_with_other(row: Row) -> bool:
    """Whether a box for another answer stands below this question."""
    found = asked(row.cells.get("type", ""))
    return found is not None and found.other


def other_of(name: str) -> str:
    """The name of that box."""
    return f"{name}_{OTHER}"


def plain_rows(sheets: Mapping[str, Sheet]) -> dict[str, list[Cells]]:
    """The rows of every sheet. A list that is used with `or_other` is copied, as pyxform would add to all its uses."""
    sheets = _with_languages(sheets)
    told = {name: [_read(row.cells) for row in sheet.rows] for name, sheet in sheets.items()}
    columns = _word_columns(sheets["survey"])
    wanted = {found.choices for row in sheets["survey"].rows if (found := asked(row.cells["type"])) and found.other}
    rows = [replace(row, cells=_with_looks(_read(row.cells))) for row in sheets["survey"].rows]
    told["survey"] = [cells for row in rows for cells in _survey_rows(row, columns)]
    for name in sorted(wanted):
        told["choices"] += _with_other(name, told["choices"], _word_columns(sheets["choices"]))
    # pyxform counts on every choice to have the same columns.
    columns = list(dict.fromkeys(column for cells in told["choices"] for column in cells))
    told["choices"] = [{column: cells.get(column, "") for column in columns} for cells in told["choices"]]
    return told


def plain_language(sheets: Mapping[str, Sheet]) -> str:
    """The language of columns that name none, beside others that do, such as `English (en)`; "" where none is needed.

    It is `default_language` in the settings, and English where that says nothing.
    """
    told = [column for name in ("survey", "choices") for column in sheets[name].columns if column.startswith("label")]
    if "label" not in told or told == ["label"] * len(told):
        return ""
    rows = sheets["settings"].rows
    default = rows[0].cells.get("default_language", "") if rows else ""
    return default if LANGUAGE.fullmatch(default) else ENGLISH


def _with_languages(sheets: Mapping[str, Sheet]) -> Mapping[str, Sheet]:
    """The sheets with the language of each column of words in its name."""
    language = plain_language(sheets)
    if not language:
        return sheets
    return {
        name: _in_language(sheet, TRANSLATED[name] if name in WORDED else (), language)
        for name, sheet in sheets.items()
    }


def _in_language(sheet: Sheet, words: Collection[str], language: str) -> Sheet:
    names = {column: f"{column}::{language}" if column in words else column for column in sheet.columns}
    rows = tuple(
        replace(row, cells={names.get(column, column): cell for column, cell in row.cells.items()})
        for row in sheet.rows
    )
    return replace(sheet, columns=tuple(names.values()), rows=rows)


def _read(cells: Mapping[str, str]) -> Cells:
    return {column: cell for column, cell in cells.items() if not is_unread(column) and column != "disabled"}


def _with_looks(cells: Mapping[str, str]) -> Cells:
    looks = [TOGETHER.get(look, look) for look in cells.get("appearance", "").split()]
    used = " ".join(dict.fromkeys(look for look in looks if look not in ELSEWHERE))
    return dict(cells) | ({"appearance": used} if looks else {})


def _survey_rows(row: Row, columns: list[str]) -> Iterator[Cells]:
    found = asked(row.cells["type"])
    if found is None or not (found.choices or found.kind.startswith(("begin", "end"))):
        yield dict(row.cells) | ({"type": found.kind} if found else {})
    elif not found.other:
        yield dict(row.cells) | {"type": f"{found.kind} {found.choices}".strip()}
    else:
        name, ours = row.cells["name"], {key: cell for key, cell in row.cells.items() if key.startswith(OURS)}
        cells = dict(row.cells) | {"type": f"{found.kind} {_copied(found.choices)}"}
        if wanted := cells.get("choice_filter"):
            # The choice that is added has none of the columns, and is always there.
            cells["choice_filter"] = f"({wanted}) or name = '{OTHER}'"
        yield cells
        relevant = f"selected(${{{name}}}, '{OTHER}')"
        private = {OURS + "privacy": "open"} if OURS + "privacy" in ours else {}
        box = {"type": "text", "name": other_of(name), "relevant": relevant}
        yield box | _words("specify", columns) | {key: cell for key, cell in ours.items() if key in CARRIED} | private


CARRIED = {OURS + name for name in ("groups", "on", "stored", "special", "referent")}


def _with_other(name: str, rows: list[Cells], columns: list[str]) -> Iterator[Cells]:
    mine = [cells for cells in rows if cells["list_name"] == name]
    yield from (cells | {"list_name": _copied(name)} for cells in mine)
    if OTHER not in {cells["name"] for cells in mine}:
        yield {"list_name": _copied(name), "name": OTHER} | _words("other", columns)


def _copied(name: str) -> str:
    return f"{name}_or_{OTHER}"


def _word_columns(sheet: Sheet) -> list[str]:
    return [column for column in sheet.columns if column.partition("::")[0] == "label"]


def _words(name: Name, columns: list[str]) -> Cells:
    """Our own words in the languages that have them; where none has, in English, which is then shown as such."""
    found = {column: LANGUAGE.fullmatch(column.partition("::")[2]) for column in columns}
    codes = {column: one.group(1) if one else "en" for column, one in found.items()}
    known = {column: code for column, code in codes.items() if code in WORDS} or {f"label::{ENGLISH}": "en"}
    return {column: WORDS[code][name] for column, code in known.items()}
