"""Whoever checks a form is told of everything that is wrong in its sheets at once, each with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import Workbook

from instruments.catalogue import check_study
from study_commands import study
from tests.forms import written

FORM = """
| survey |
| | type | name | label | relevant | constraint | calculation | choice_filter |
| | select_one yn | a | Do you? | | | | region = ${where |
| | geopoint | place | Where are you? | | | | |
| | text | b | You said ${nothing} | ${c} = 1 | . = | | |
| | start | s | | | | | |
| | calculate | d | | | | now() | |
| choices |
| | list_name | name | label | region |
| | yn | 1 | Yes | x |
| | yn | 0 | No | y |
"""


def test_every_kind_of_problem_is_told_at_once_with_its_row_and_column(tmp_path: Path) -> None:
    form = tmp_path / "form.md"
    form.write_text(FORM, "utf-8")
    found = {(problem.row, problem.column) for problem in check_study(form) if not problem.is_warning}
    assert found >= {
        (4, "choice_filter"), (5, "type"), (6, "label"), (6, "relevant"), (6, "constraint"), (7, "type"),
        (8, "calculation"),
    }  # fmt: skip


def test_a_name_of_no_question_is_told_with_what_stands_there(tmp_path: Path) -> None:
    form = tmp_path / "form.md"
    form.write_text(FORM, "utf-8")
    told = next(problem for problem in check_study(form) if (problem.row, problem.column) == (6, "relevant"))
    assert "'c'" in told.message
    assert told.text == "${c} = 1"


FORM_WITH_A_FORMULA = {
    "survey": [
        ["type", "name", "label"],
        ["text", "sum", "=1+1"],
        ["selectone agree", "a", "Do you agree?"],
        ["text", "first name", "Which?"],
        ["begin_group", "rest", "The rest"],
        ["text", "why", "Why?"],
    ],
    "choices": [["list_name", "name", "label"], ["agree", "1", "Yes"], ["agree", "1", "No"]],
}


def test_a_cell_that_cannot_be_read_hides_no_other_row_and_no_other_sheet(tmp_path: Path) -> None:
    book = Workbook()
    for name, rows in FORM_WITH_A_FORMULA.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    del book["Sheet"]
    book.save(tmp_path / "form.xlsx")
    found = check_study(tmp_path / "form.xlsx")
    places = {(one.file.rpartition(" ")[2], one.row, one.column): one.message for one in found}
    assert set(places) == {
        ("survey", 2, "label"), ("survey", 3, "type"), ("survey", 4, "name"), ("survey", 5, "type"),
        ("choices", 3, "name"),
    }  # fmt: skip
    assert len(found) == len(places)
    assert "did you mean select_one?" in places["survey", 3, "type"]
    assert "write 'first_name'" in places["survey", 4, "name"]
    assert "add a row end_group" in places["survey", 5, "type"]
    assert found.may_be_more


@pytest.mark.parametrize(
    ("kinds", "row", "told"),
    [
        (["begin_group", "end_repeat"], 4, "the group of row 2 ends first"),
        (["end_group"], 3, "take it out"),
        (["begin_repeat"], 2, "add a row end_repeat"),
        (["begin_group", "end group"], 0, ""),
    ],
)
def test_groups_that_do_not_end_and_ends_of_none_are_told_with_their_row(
    tmp_path: Path, kinds: list[str], row: int, told: str
) -> None:
    lines = [[kind, f"g{number}", "A group"] if kind[0] == "b" else [kind, "", ""] for number, kind in enumerate(kinds)]
    asked = ["text", "wish", "A wish?"]
    around = [lines[0], asked, *lines[1:]] if kinds[0][0] == "b" else [asked, *lines]
    problems = check_study(written(tmp_path / "form", [["type", "name", "label"], *around]))
    found = [one for one in problems if not one.is_warning]
    assert [(one.row, one.column) for one in found] == ([(row, "type")] if row else [])
    assert all(told in one.message for one in found)


def test_only_checks_that_could_not_be_made_promise_more(tmp_path: Path) -> None:
    head, wish = ["type", "name", "label", "relevant"], ["text", "wish", "A wish?", "${later} = 'x'"]
    rows = [head, wish, ["text", "later", "B?", ""]]
    found = check_study(written(tmp_path / "late", rows))
    assert not found.may_be_more
    assert [one.row for one in found if not one.is_warning] == [2]
    told = check_in_shell(written(tmp_path / "early", [*rows, ["geopoint", "place", "Where?", ""]]))
    assert "1 problem(s) in" in told
    assert told.rstrip().endswith("Some checks could not be made yet: more may appear once these are mended.")


def check_in_shell(form: Path) -> str:
    result = CliRunner().invoke(study, ["check", str(form)])
    assert result.exit_code == 1
    return result.output
