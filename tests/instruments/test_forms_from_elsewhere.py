"""What forms of ODK and Kobo ask for beyond what is done here is left out with a word, and never breaks the reading."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from errors import Problem
from instruments.catalogue import check_study, load_study
from instruments.model import Block, Instrument
from instruments.reading.starter import write_study
from instruments.reading.vocabulary import ELSEWHERE
from tests.forms import Rows, written

LIST = [["list_name", "name", "label"], ["agree", "1", "Yes"], ["agree", "2", "No"]]


def wrong(problems: tuple[Problem, ...]) -> list[Problem]:
    return [problem for problem in problems if not problem.is_warning]


def blocks(instrument: Instrument) -> list[Block]:
    return [block for part in instrument.parts if part.name == "questionnaire" for block in part.blocks]


def matrix(look: str, each: str = "") -> Rows:
    return [
        ["type", "name", "label", "appearance"],
        ["begin_group", "trust", "How far do you agree?", look],
        ["select_one agree", "t1", "Staff are polite", each],
        ["select_one agree or_other", "t2", "Staff explain", each],
        ["end_group", "", "", ""],
    ]


@pytest.mark.parametrize("look", ["table-list", "field-list table-list", "table-list w2"])
def test_a_matrix_is_asked_as_ordinary_questions_that_stay_together(tmp_path: Path, look: str) -> None:
    form = written(tmp_path / "form", matrix(look), LIST)
    warned = [problem for problem in check_study(form) if "table-list" in problem.message]
    assert [(one.row, one.column, one.is_warning) for one in warned] == [(2, "appearance", True)]
    [block] = blocks(load_study(form).instrument)
    assert [item.name for item in block.items] == ["t1", "t2", "t2_other"]
    assert block.together
    assert [choice.code for choice in block.items[0].choices] == ["1", "2"]


def test_no_appearance_from_elsewhere_adds_a_row_or_takes_one(tmp_path: Path) -> None:
    for number, look in enumerate(sorted(ELSEWHERE)):
        form = written(tmp_path / str(number), matrix(look, look), LIST)
        [block] = blocks(load_study(form).instrument)
        assert [item.name for item in block.items] == ["t1", "t2", "t2_other"], look


@pytest.mark.parametrize(
    ("kind", "constraint", "shown"),
    [
        ("integer", ". >= -10 and . <= 40", "-10"),
        ("decimal", ". < 0", "-1"),
        ("integer", ". = -99 or . >= 0", "-99"),
        ("integer", ". >= 0 and . <= 120", ""),
        ("integer", ". > -1", ""),
        ("integer", ". <= 40", ""),
        ("text", ". != '-5'", ""),
    ],
)
def test_a_constraint_for_numbers_below_zero_is_told(tmp_path: Path, kind: str, constraint: str, shown: str) -> None:
    rows = [["type", "name", "label", "constraint"], [kind, "cold", "How cold was it?", constraint]]
    problems = check_study(written(tmp_path / "form", rows))
    found = [one for one in problems if one.column == "constraint"]
    assert wrong(problems) == []
    assert [one.row for one in found] == ([2] if shown else [])
    assert all(f"people cannot type {shown}," in one.message for one in found)


@pytest.mark.parametrize(
    ("kind", "default", "told"),
    [
        ("integer", "-5", "a whole number from 0"),
        ("integer", "50", "its own constraint refuses"),
        ("integer", "5", ""),
        ("select_one agree", "3", "a code of its list"),
        ("select_one agree", "2", ""),
        ("select_multiple agree", "1 3", "a code of its list"),
        ("date", "yesterday", "a date such as"),
        ("date", "2026-01-31", ""),
    ],
)
def test_a_default_that_the_question_would_refuse_is_refused(
    tmp_path: Path, kind: str, default: str, told: str
) -> None:
    limit = ". <= 40" if kind == "integer" else ""
    rows = [["type", "name", "label", "default", "constraint"], [kind, "asked", "What?", default, limit]]
    found = wrong(check_study(written(tmp_path / "form", rows, LIST)))
    assert [(one.row, one.column) for one in found] == ([(2, "default")] if told else [])
    assert all(told.replace("its own", "own") in one.message for one in found)


@pytest.mark.parametrize("column", ["$kuid", "$autoname", "hxl", "Tags", "note", "kuid", "_remark", "kobo--lock"])
def test_a_column_that_changes_no_question_is_passed_over(tmp_path: Path, column: str) -> None:
    form = written(tmp_path / "form", [["type", "name", "label", column], ["text", "wish", "A wish?", "x1"]])
    problems = check_study(form)
    assert wrong(problems) == []
    assert [(one.row, one.column) for one in problems if "not read" in one.message] == [(1, column)]
    assert [item.name for block in blocks(load_study(form).instrument) for item in block.items] == ["wish"]


@pytest.mark.parametrize(("cell", "rows"), [("yes", [2]), ("TRUE", [2]), ("no", []), ("false", []), ("", [])])
def test_a_row_that_is_switched_off_is_never_asked_in_silence(tmp_path: Path, cell: str, rows: list[int]) -> None:
    survey = [["type", "name", "label", "disabled"], ["text", "wish", "A wish?", cell], ["text", "why", "Why?", "no"]]
    problems = check_study(written(tmp_path / "form", survey))
    assert [one.row for one in problems if one.column == "disabled"] == rows
    assert bool(wrong(problems)) == bool(rows)


def test_a_list_of_no_question_is_told_and_a_choice_of_no_list_refused(tmp_path: Path) -> None:
    survey = [["type", "name", "label"], ["select_one agree", "asked", "What?"]]
    unused = written(tmp_path / "unused", survey, [*LIST, ["spare", "1", "A"], ["spare", "2", "B"]])
    found = [(one.row, one.is_warning) for one in check_study(unused) if one.column == "list_name"]
    assert found == [(4, True)]
    without = written(tmp_path / "without", survey, [*LIST, ["", "3", "Maybe"]])
    assert [(one.row, one.column) for one in wrong(check_study(without))] == [(4, "list_name")]


STYLES = {
    "**Bold** words": True, "_Slanted_ words": True, "# A heading": True, "[a link](http://x.example)": True,
    "<b>bold</b>": True, "You said ${asked_a_b} and ${c_d_}": False, "Fill in: ____": False, "2 * 3 * 4": False,
    "under_score_name": False, "a < b and c > d": False, "No #1": False,
}  # fmt: skip


@pytest.mark.parametrize(("words", "styled"), STYLES.items())
def test_signs_for_bold_and_the_like_are_shown_as_they_are_and_told(tmp_path: Path, words: str, styled: bool) -> None:
    rows = [["text", "asked_a_b", "A?"], ["text", "c_d_", "B?"], ["note", "said", words]]
    problems = check_study(written(tmp_path / "form", [["type", "name", "label"], *rows]))
    assert [one.row for one in problems if "as they are written" in one.message] == [4] * styled


def test_brackets_in_a_form_of_the_teams_own_are_plain_words(tmp_path: Path) -> None:
    rows = [
        ["type", "name", "label"],
        ["text", "wish", "[READ OUT] A wish?"],
        ["text", "why", "[Why](http://x.example)"],
    ]
    form = written(tmp_path / "form", rows)
    assert wrong(check_study(form)) == []
    item = load_study(form).instrument.item("wish")
    assert item.label.in_language("en") == "[READ OUT] A wish?"
    write_study(form, tmp_path / "study")
    assert wrong(check_study(tmp_path / "study")) == []


def test_a_bracket_that_the_study_does_not_fill_in_is_told_where_it_stands(tmp_path: Path) -> None:
    form = written(tmp_path / "form", [["type", "name", "label"], ["text", "wish", "A wish?"]])
    write_study(form, tmp_path / "study")
    sheet = tmp_path / "study" / "information" / "survey.csv"
    text = sheet.read_text("utf-8")
    assert "[institution]" in text
    sheet.write_text(text.replace("[institution]", "[instituton]", 1), "utf-8")
    lines = enumerate(csv.reader(sheet.read_text("utf-8").splitlines()), 1)
    row = next(number for number, line in lines if "[instituton]" in str(line))
    found = wrong(check_study(tmp_path / "study"))
    assert [(one.file, one.row, one.column) for one in found] == [("information/survey.csv", row, "label")]
    assert "[instituton]" in found[0].message


ARABIC = "label::Arabic (ar)"


@pytest.mark.parametrize(("default", "language"), [("", "en"), ("default", "en"), ("French (fr)", "fr")])
def test_a_column_without_a_language_beside_others_is_english_or_the_default_language(
    tmp_path: Path, default: str, language: str
) -> None:
    rows = [["type", "name", "label", ARABIC, "hint"], ["select_one agree or_other", "asked", "A wish", "ب", "A hint"]]
    choices = [["list_name", "name", "label", ARABIC], ["agree", "1", "Sure", "ا"]]
    settings = [["form_title", "default_language"], ["A form", default]]
    form = written(tmp_path / "form", rows, choices, settings)
    assert wrong(check_study(form)) == []
    instrument = load_study(form).instrument
    item = instrument.item("asked")
    assert dict(item.label.translations) == {"ar": "ب", language: "A wish"}
    assert item.hint is not None
    assert dict(item.hint.translations) == {language: "A hint"}
    assert dict(item.choices[0].label.translations) == {"ar": "ا", language: "Sure"}


def test_two_columns_of_one_language_are_told_with_sheet_column_and_remedy(tmp_path: Path) -> None:
    rows = [["type", "name", "label", "label::English (en)"], ["text", "asked", "Un souhait ?", "A wish?"]]
    [found] = wrong(check_study(written(tmp_path / "form", rows)))
    assert (found.file, found.row, found.column) == ("form/survey.csv", 1, "label")
    assert "default_language in the sheet settings" in found.message


def test_words_of_ours_that_a_language_lacks_are_english_and_told(tmp_path: Path) -> None:
    head = ["type", "name", "label::French (fr)", "label::Turkish (tr)"]
    rows = [head, ["select_one agree or_other", "asked", "Quoi ?", "Ne?"], ["begin_repeat", "r", "R", "R"]]
    rows += [["text", "t", "T ?", "T?"], ["end_repeat", "", "", ""]]
    choices = [["list_name", "name", *head[2:]], ["agree", "1", "Oui", "Evet"]]
    form = written(tmp_path / "form", rows, choices)
    assert wrong(check_study(form)) == []
    item = load_study(form).instrument.item("asked_other")
    assert not item.label.speaks("fr")
    assert item.label.speaks("tr")
    assert not load_study(form).instrument.item("r_any").label.speaks("fr")
    told = next(one.message for one in check_study(form) if "'fr'" in one.message and "asked" in one.message)
    assert "asked_other" in told
    only = written(tmp_path / "only", [row[:3] for row in rows], [row[:3] for row in choices])
    assert load_study(only).instrument.item("asked_other").label.translations == (("en", "Please say which"),)


def test_what_the_form_lacks_and_what_the_texts_around_it_lack_are_told_apart(tmp_path: Path) -> None:
    rows = [["type", "name", "label", ARABIC, "calculation"], ["text", "asked", "A wish?", "", ""]]
    rows += [["text", "why", "Why?", "ب", ""], ["calculate", "made", "", "", "${asked}"]]
    told = [one for one in check_study(written(tmp_path / "form", rows)) if "lack words in 'ar'" in one.message]
    assert [one.file for one in told] == ["form/survey.csv", "study.toml"]
    # What is worked out is shown to nobody, and lacks nothing.
    assert told[0].message.endswith("marked: asked")
    assert "information, consent, contact" in told[1].message
