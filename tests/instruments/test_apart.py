"""Rule R6: who somebody is and what they answered are never asked, kept or released together."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from commands import DEFAULT_STUDY
from instruments.catalogue import check_study

CONTACT = "contact/survey.csv"


@pytest.mark.parametrize(
    ("sheet", "before", "after", "says"),
    [
        ("young_person/survey.csv", "research,sensitive", "identity,direct", "only the part contact keeps who"),
        ("demographics/survey.csv", ",research,quasi,,sex,", ",identity,quasi,,sex,", "apart from answers; move it"),
        (CONTACT, "identity,direct", "research,open", "no answer is kept from the part contact"),
        (
            CONTACT,
            "end_group,contact",
            "calculate,v_long" + "," * 23 + "identity,,\nend_group,contact",
            "what somebody types",
        ),
    ],
)
def test_what_stands_in_another_part_than_it_may_is_refused(
    tmp_path: Path, sheet: str, before: str, after: str, says: str
) -> None:
    shutil.copytree(DEFAULT_STUDY, tmp_path / "study")
    path = tmp_path / "study" / sheet
    text = path.read_text("utf-8").replace(before, after, 1)
    if "calculate" in after:
        text = add_column(text, "calculation", "v_long", "concat(${v_name}, '!')")
    path.write_text(text, "utf-8")
    found = [problem for problem in check_study(tmp_path / "study") if says in problem.message]
    assert [(problem.column, problem.is_warning) for problem in found] == [("bind::amanah:stored", False)]
    assert found[0].row is not None


def test_a_statement_outside_the_consent_part_would_be_kept_by_nobody_and_is_refused(tmp_path: Path) -> None:
    shutil.copytree(DEFAULT_STUDY, tmp_path / "study")
    path = tmp_path / "study" / "young_person" / "survey.csv"
    before = ",,,,young_person,research,sensitive,,,,,police"
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, ",,,statement,young_person,identity,sensitive,,,,,police", 1), "utf-8")
    assert any("in the consent part only" in problem.message for problem in check_study(tmp_path / "study"))


def add_column(text: str, column: str, name: str, cell: str) -> str:
    """The sheet with a column more, filled in one row."""
    head, *rows = text.splitlines()
    told = (f'{row},"{cell}"' if f",{name}," in row else f"{row}," for row in rows)
    return "\n".join([f"{head},{column}", *told, ""])
