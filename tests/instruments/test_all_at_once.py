"""Whoever checks a form is told of everything that is wrong in its sheets at once, each with its place."""

from __future__ import annotations

from pathlib import Path

from instruments.catalogue import check_study

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
