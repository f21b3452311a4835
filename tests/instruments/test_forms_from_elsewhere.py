"""What forms of ODK and Kobo ask for beyond what is done here is left out with a word, and never breaks the reading."""

from __future__ import annotations

from pathlib import Path

import pytest

from errors import Problem
from instruments.catalogue import check_study, load_study
from instruments.model import Block, Instrument
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
