"""Forms that research teams bring: each is checked, made into a study, answered, and believed at the desk."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import Workbook
from werkzeug.datastructures import MultiDict

from app import create_app
from forms.visit import VisitForm
from instruments.answers import problems_of, settle
from instruments.catalogue import check_study, instrument_from_canonical, load_study
from instruments.model import Value
from instruments.reading.starter import write_study
from instruments.settings import read_toml
from tests.answering import typed_at_random
from tests.conftest import Keys, new_instance
from tests.forms import GROUP, OWN, SAMPLES, named, written

FORMS = [*OWN, *SAMPLES]
PEOPLE = 40


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Flask:
    """A field app, whose words the forms need."""
    return create_app(new_instance(tmp_path_factory.mktemp("forms") / "instance", keys))


@pytest.mark.parametrize("form", FORMS, ids=named)
def test_it_has_no_problem_and_is_the_same_when_it_is_stored_and_read(form: Path) -> None:
    assert [problem for problem in check_study(form) if not problem.is_warning] == []
    instrument = load_study(form).instrument
    again = instrument_from_canonical(instrument.canonical)
    assert (again, again.digest) == (instrument, instrument.digest)


@pytest.mark.parametrize("form", FORMS, ids=named)
def test_it_becomes_a_study_of_its_own(form: Path, tmp_path: Path) -> None:
    write_study(form, tmp_path / "study")
    made = load_study(tmp_path / "study").instrument
    around = load_study(form).instrument
    assert made.digest == around.digest
    # Nothing of the study that comes with the software stands in another team's.
    theirs, own = (
        set(re.findall("working together|police|muslim|mosque|london", words.lower()))
        for words in (made.canonical.decode(), form.read_text("utf-8"))
    )
    assert theirs <= own
    assert read_toml(tmp_path / "study")["plain_path"] is False


def test_a_title_and_a_version_of_several_lines_write_no_settings_of_their_own(tmp_path: Path) -> None:
    odd, book = 'Visitors"\nplain_path = true\n# \\', Workbook()
    for name, rows in {
        "survey": [("type", "name", "label"), ("text", "wish", "What should change?")],
        "settings": [("form_title", "form_id", "version"), (odd, "visitors", odd)],
    }.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    del book["Sheet"]
    book.save(tmp_path / "form.xlsx")
    write_study(tmp_path / "form.xlsx", tmp_path / "study")
    told = read_toml(tmp_path / "study")
    assert (told["plain_path"], told["title"], told["version"]) == (False, *["Visitors' plain_path = true # /"] * 2)


@pytest.mark.parametrize("form", FORMS, ids=named)
def test_whoever_answers_it_is_believed_at_the_desk(form: Path, app: Flask) -> None:
    instrument, chance = load_study(form).instrument, random.Random(3)
    asked = {item.name for item in instrument.research_items("participant") if item.is_asked}
    reached: set[str] = set()
    with app.test_request_context("/"):
        for _ in range(PEOPLE):
            typed = typed_at_random(instrument, "participant", chance)
            visit = VisitForm(
                instrument,
                "participant",
                "en",
                MultiDict([(name, one) for name, said in typed.items() for one in said]),
            )
            answers = visit.check().answers
            assert problems_of(instrument, "participant", answers) == ()
            reached |= {name for name, value in answers.items() if value not in (-8, -9)}
    # Some of what is asked is reached only by few: but of a form nothing stays out of reach altogether.
    assert len(reached & asked) >= len(asked) * 0.6


def test_inside_its_repeat_an_item_is_that_of_this_round(tmp_path: Path) -> None:
    rows = [
        ["type", "name", "label", "calculation", "bind::amanah:most"],
        ["begin_repeat", "child", "A child", "", "3"],
        ["integer", "boys", "How many?", "", ""],
        ["calculate", "most", "", "max(${boys}, 2)", ""],
        ["end_repeat", "", "", "", ""],
        ["calculate", "all", "", "sum(${boys}, 1)", ""],
    ]
    instrument = load_study(written(tmp_path / "form", rows)).instrument
    said: dict[str, Value] = {"child_any": 1, "boys_1": 1, "child_more_1": 1, "boys_2": 5, "child_more_2": 0}
    answers = settle(instrument, GROUP, said)
    assert (answers["most_1"], answers["most_2"], answers["all"]) == ("2", "5", "7")
