"""What is wrong in a workbook that is a whole study is named by sheet and row; nothing in it ends in another error."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from errors import InstrumentError, Problem
from instruments.catalogue import check_study, load_study, study_in
from instruments.model import Instrument
from instruments.workbooks import Workbook, read_bytes
from instruments.writing import workbook_of
from tests.workbooks_edited import edited, row_of, with_row, without_row

ROUNDS = 25
AGE = {"kind": "category", "name": "age", "code": "16-17"}
WHITE = {"kind": "category", "name": "ethnic_group", "code": "21"}


@pytest.fixture(scope="module")
def whole(instrument: Instrument) -> Workbook:
    return read_bytes("study.xlsx", workbook_of(instrument))


def problems(book: Workbook) -> tuple[Problem, ...]:
    try:
        return study_in(book).warnings
    except InstrumentError as error:
        return error.problems


@pytest.mark.parametrize(
    ("row", "column", "words", "says"),
    [
        ({"name": "cut_off_days"}, "value", "soon", "whole number"),
        ({"name": "cut_off_days"}, "value", "3", "cut_off_days must be 7 to 90"),
        ({"name": "cut_off_days"}, "value", "", "needs this"),
        ({"name": "cut_off_days"}, "name", "cut_off", "no setting of this name"),
        ({"name": "cut_off_days"}, "name", "id", "sheet settings, column form_id"),
        ({"name": "cut_off_days"}, "name", "quotas", "rows of its own kind"),
        ({"name": "cut_off_days"}, "kind", "setings", "no kind of row"),
        ({"name": "cut_off_days"}, "title", "Days", "does not use this"),
        ({"name": "consent_route"}, "value", "nod", "consent_route must be one of"),
        ({"name": "languages"}, "value", "en English", "no code of a language"),
        ({"name": "languages"}, "value", "en ur ar bn so tr de", "languages lists 'de'"),
        ({"name": "minor_consent"}, "name", "consent_route", "already"),
        ({"kind": "release", "name": "k"}, "value", "1", "release.k must be 2 or more"),
        ({"kind": "release", "name": "k"}, "name", "kk", "no release of this name"),
        ({"kind": "release", "name": "diversity"}, "value", "mosk_part", "mosk_part"),
        ({"kind": "group", "name": "police_officer"}, "minimum_age", "old", "whole number"),
        ({"kind": "group", "name": "police_officer"}, "name", "young_person", "already"),
        ({"kind": "scale", "name": "yp_fair"}, "group", "young_people", "no group 'young_people'"),
        ({"kind": "scale", "name": "yp_fair"}, "minimum_answered", "9", "wants 9 answered"),
        ({"kind": "scale", "name": "yp_trust_do"}, "parent", "yp_truth", "yp_truth"),
        (WHITE, "members", "1 2 3 4", "no category takes the code 5"),
        (AGE, "level", "7", "without a gap"),
        (AGE, "code", "18-21", "already"),
        ({"kind": "level", "name": "month"}, "rule", "day", "rule must be one of"),
        ({"kind": "level", "name": "month"}, "level", "x", "whole number"),
    ],
)
def test_a_mistake_is_named_by_its_row(
    whole: Workbook, row: dict[str, str], column: str, words: str, says: str
) -> None:
    found = problems(edited(whole, (("amanah", row, column), words)))
    named = [problem for problem in found if says in str(problem)]
    assert named, found
    assert named[0].file == "study.xlsx, sheet amanah"
    assert named[0].row is not None
    if says not in ("already", "without a gap"):
        assert named[0].row == row_of(whole, "amanah", row).number


def test_what_is_missing_is_named(whole: Workbook) -> None:
    for name in ("cut_off_days", "languages", "sheet_version"):
        found = problems(without_row(whole, "amanah", {"kind": "setting", "name": name}))
        assert any(f"the setting {name!r} is missing" in problem.message for problem in found), found
    found = problems(edited(whole, (("settings", {"form_id": "working_together"}, "form_id"), "")))
    assert [(problem.file, problem.row, problem.column) for problem in found] == [
        ("study.xlsx, sheet settings", 2, "form_id")
    ]


def test_columns_that_are_not_known_are_named(whole: Workbook) -> None:
    sheet = whole["amanah"]
    columns = ("sort", "title::Urdu", *sheet.columns[2:])
    rows = tuple(replace(row, cells=dict(zip(columns, row.cells.values(), strict=True))) for row in sheet.rows)
    book = Workbook({**whole, "amanah": replace(sheet, columns=columns, rows=rows)}, ())
    found = {(problem.row, problem.column) for problem in problems(book)}
    assert found == {(1, "sort"), (1, "title::Urdu"), (1, "kind"), (1, "name")}


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        ({"kind": "quota", "name": "young_person", "value": "60"}, None),
        ({"kind": "quota", "name": "young_people", "value": "60"}, "no group 'young_people'"),
        ({"kind": "retention", "name": "backup_day", "value": "3"}, "no retention of this name"),
        ({"kind": "switched_on", "name": "po_rank"}, "needs this"),
        ({"kind": "switched_on", "name": "po_rang", "value": "why"}, "po_rang"),
        ({"kind": "setting", "name": "plain_path", "value": "maybe"}, "yes or no"),
        ({"kind": "level", "name": "nowhere"}, "no item uses the hierarchy 'nowhere'"),
    ],
)
def test_a_row_more_is_read_or_named(whole: Workbook, edit: dict[str, str], says: str | None) -> None:
    book = with_row(whole, "amanah", edit)
    found = problems(book)
    if says is None:
        assert found == ()
        return
    last = book["amanah"].rows[-1].number
    assert [(problem.row, says in problem.message) for problem in found] == [(last, True)], found


@pytest.mark.parametrize(
    ("row", "column", "words", "says"),
    [
        ({"name": "part_consent"}, "bind::amanah:part", "", "every row stands in the group of a part"),
        ({"name": "part_consent"}, "bind::amanah:part", "consents", "is not one of"),
        ({"name": "statements"}, "bind::amanah:part", "support", "stands in no other group"),
        ({"name": "statements"}, "type", "note", "ends a group that has not begun"),
        ({"type": "end_group", "name": "statements"}, "type", "note", "'statements' stands in row"),
        ({"name": "yp_fair_1"}, "bind::amanah:part", "support", "only rows of type begin_group have this"),
        ({"name": "yp_fair_1"}, "bind::amanah:hierarchy", "agee", "sheet amanah declares no hierarchy 'agee'"),
        ({"name": "yp_fair_1"}, "appearance", "statement", "a statement is kept in the identity vault"),
        ({"name": "po_years"}, "bind::amanah:longest", "many", "no number of characters"),
        ({"name": "age"}, "appearance", "statement", "a statement is a select_one"),
        ({"name": "yp_fair_1"}, "type", "geopoint", "is refused"),
    ],
)
def test_a_mistake_in_the_survey_is_named_by_its_row(
    whole: Workbook, row: dict[str, str], column: str, words: str, says: str
) -> None:
    found = problems(edited(whole, (("survey", row, column), words)))
    assert any(says in str(problem) and problem.row and "sheet survey" in str(problem) for problem in found), found


def test_problems_of_both_sheets_are_named_at_once(whole: Workbook) -> None:
    book = edited(
        whole,
        (("amanah", {"name": "cut_off_days"}, "value"), "soon"),
        (("survey", {"name": "yp_fair_1"}, "type"), "geopoint"),
    )
    assert {problem.file for problem in problems(book)} == {"study.xlsx, sheet amanah", "study.xlsx, sheet survey"}


def test_titles_may_be_said_in_other_languages() -> None:
    form = Path(__file__).parent / "data" / "forms" / "arabic_services.md"
    book = read_bytes("study.xlsx", workbook_of(load_study(form).instrument))
    spoken = edited(book, (("amanah", {"kind": "group"}, "title::Arabic (ar)"), "مشارك"))
    instrument = study_in(spoken).instrument
    assert instrument.groups[0].title.translations == (("en", "Participant"), ("ar", "مشارك"))
    again = study_in(read_bytes("study.xlsx", workbook_of(instrument))).instrument
    assert again.digest == instrument.digest


def test_a_form_of_a_study_has_no_settings_of_its_own(tmp_path: Path) -> None:
    form = tmp_path / "form.md"
    survey = "| survey |\n| | type | name | label | bind::amanah:part |\n| | begin_group | g | G | contact |\n"
    form.write_text(survey + "| | text | q | Q | |\n| | end_group | | | |\n", "utf-8")
    found = check_study(form)
    assert [(problem.row, problem.column) for problem in found if not problem.is_warning] == [(3, "bind::amanah:part")]


def test_nothing_that_the_sheets_may_hold_ends_in_another_error(whole: Workbook) -> None:
    chance = random.Random(5)
    for _ in range(ROUNDS):
        book = whole
        for _ in range(chance.choice((1, 2, 6))):
            name = chance.choice(("amanah", "amanah", "survey", "settings", "choices"))
            row, other = chance.choice(book[name].rows), chance.choice(book[name].rows)
            column = chance.choice(book[name].columns)
            words = chance.choice(("", other.cells[column], "0", "-1", "x" * 300, "${no}", "[new]", "begin_group"))
            book = edited(book, ((name, dict(row.cells), column), words))
        problems(book)
