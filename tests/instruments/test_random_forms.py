"""Random valid forms compile, are shown and answered; random broken ones are told what is wrong, and nothing else."""

from __future__ import annotations

import contextlib
import random
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from app import create_app
from errors import AnswersRefused, Problem
from forms.visit import VisitForm
from instruments.answers import problems_of
from instruments.catalogue import check_study, instrument_from_canonical
from tests.answering import typed_at_random
from tests.conftest import Keys, new_instance
from tests.forms import GROUP, collecting, written
from tests.random_forms import some_form

SEEDS = st.integers(0, 2**48)
FEW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
SOME = settings(FEW, max_examples=40)
MANY = settings(FEW, max_examples=4_000)
Cells = list[list[object]]
# What people leave in cells, and what could break a reader of them.
JUNK = (
    "", " ", "0", "-1", "1e999", "NaN", "TRUE", "yes", "${", "${}", "${a b}", "${nobody}", "..", "/", "'", '"', "((",
    "1 +", "if(1, 2", "end_group", "begin_repeat", "begin_group", "select_one", "select_one few more",
    "select_one ${a}", "rank few other", "geopoint", "trigger", "calculate", "hidden", "note", "range", "text",
    "\u202e", "\u0661",
    "é" * 40, "x" * 3_000, "a" * 33, "__proto__", "constructor", "=1+1", "start=9 end=1", "step=0", "20", "21",
    "start=0 end=999999999 step=0.000001", "regex(., '(a+)+')", "string-length(.) <= 99999999999", "position(..)",
    "sum(${a1})", "not(" * 90 + "1" + ")" * 90, "-" * 290 + "1", "(" * 149 + "1" + ")" * 149, "[unfilled]", "{% raw %}",
    "jr:choice-name(${a1}, '${a1}')",
    "label::English", "label::Klingon (tlh)", "bind::amanah:privacy", "bind::amanah:hierarchy", "constraint_message",
)  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Flask:
    return create_app(new_instance(tmp_path_factory.mktemp("random") / "instance", keys))


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """A new folder, each time."""
    return lambda: tmp_path_factory.mktemp("form") / "form"


def is_usable(app: Flask, form: Path, chance: random.Random, people: int) -> None:
    """A form that is accepted is stored, shown in each language, and believed whatever is answered."""
    instrument = collecting(app, form)[0].instrument
    assert instrument_from_canonical(instrument.canonical) == instrument
    for language in instrument.languages:
        assert app.test_client().get(f"/visit/{GROUP}?lang={language}").status_code == 200
    with app.test_request_context("/"):
        for _ in range(people):
            said = typed_at_random(instrument, GROUP, chance)
            typed = MultiDict([(name, one) for name, values in said.items() for one in values])
            visit = VisitForm(instrument, GROUP, instrument.languages[0], typed)
            assert problems_of(instrument, GROUP, visit.check().answers) == ()


def compiles_and_is_answered(app: Flask, folder: Callable[[], Path], seed: int) -> None:
    chance = random.Random(seed)
    form = written(folder(), **some_form(chance))
    assert [str(problem) for problem in check_study(form) if not problem.is_warning] == []
    is_usable(app, form, chance, people=4)


def is_told_or_usable(app: Flask, folder: Callable[[], Path], seed: int) -> None:
    """A broken form is refused with places, or what is left of it can be used."""
    chance = random.Random(seed)
    form = chance.choice(WAYS)(folder(), broken(some_form(chance, size=6), chance), chance)
    found = check_study(form)
    assert all(is_a_sentence(problem) for problem in found)
    if all(problem.is_warning for problem in found):
        with contextlib.suppress(AnswersRefused):  # a rule that nothing fulfils may have got in
            is_usable(app, form, chance, people=1)


def is_a_sentence(problem: Problem) -> bool:
    """Whether a problem names its file and says something in one line that is no dump of an object."""
    return bool(problem.file and problem.message) and "\n" not in str(problem) and "Traceback" not in str(problem)


def broken(form: dict[str, Any], chance: random.Random) -> dict[str, Cells]:
    """A form with some things changed that should not have been."""
    sheets = {name: [list(row) for row in rows] for name, rows in form.items()}
    for _ in range(chance.randint(1, 4)):
        chance.choice(BREAKS)(sheets[chance.choice(("survey", "survey", "choices", "settings"))], chance)
    if chance.random() < 0.05:
        del sheets[chance.choice(sorted(sheets))]
    return sheets


def put_in(rows: Cells, chance: random.Random) -> None:
    row = chance.choice(rows)
    if row:
        letters = "".join(chance.choices(string.printable + "${}()'éب", k=chance.randint(1, 12)))
        row[chance.randrange(len(row))] = chance.choice((chance.choice(JUNK), chance.choice(JUNK), letters))


def swap(rows: Cells, chance: random.Random) -> None:
    one, other = chance.choice(rows), chance.choice(rows)
    if one and other:
        at, to = chance.randrange(len(one)), chance.randrange(len(other))
        one[at], other[to] = other[to], one[at]


def take_out_row(rows: Cells, chance: random.Random) -> None:
    if len(rows) > 1:
        del rows[chance.randrange(len(rows))]


def repeat_row(rows: Cells, chance: random.Random) -> None:
    rows.insert(chance.randrange(len(rows) + 1), list(chance.choice(rows)))


def take_out_column(rows: Cells, chance: random.Random) -> None:
    at = chance.randrange(30)
    for row in rows:
        del row[at : at + 1]


def add_column(rows: Cells, chance: random.Random) -> None:
    for number, row in enumerate(rows):
        row.append(chance.choice(JUNK[-5:]) if not number else chance.choice(JUNK))


BREAKS = (put_in, put_in, put_in, swap, take_out_row, repeat_row, take_out_column, add_column)


def as_folder(folder: Path, sheets: dict[str, Cells], chance: random.Random) -> Path:
    return written(folder, sheets.pop("survey", ()), **sheets)


def as_markdown(folder: Path, sheets: dict[str, Cells], chance: random.Random) -> Path:
    lines: list[str] = []
    for name, rows in sheets.items():
        lines += [f"| {name} |", *(f"| | {' | '.join(map(str, row))} |" for row in rows)]
    return saved(folder, ".md", "\n".join(lines).encode("utf-8", "replace"), chance)


def as_workbook(folder: Path, sheets: dict[str, Cells], chance: random.Random) -> Path:
    book = openpyxl.Workbook()
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            with contextlib.suppress(openpyxl.utils.exceptions.IllegalCharacterError):
                sheet.append(row)
    folder.mkdir()
    book.save(folder / "as_made.xlsx")
    return saved(folder, ".xlsx", (folder / "as_made.xlsx").read_bytes(), chance)


def saved(folder: Path, kind: str, data: bytes, chance: random.Random) -> Path:
    """The file, sometimes with some bytes changed or its end cut off."""
    folder.mkdir(exist_ok=True)
    content = bytearray(data)
    if chance.random() < 0.2:
        for _ in range(chance.randint(1, 5)):
            content[chance.randrange(len(content))] = chance.randrange(256)
    if chance.random() < 0.05:
        del content[chance.randrange(len(content)) :]
    (folder / f"form{kind}").write_bytes(content)
    return folder / f"form{kind}"


WAYS = (as_folder, as_folder, as_markdown, as_workbook)


@FEW
@given(seed=SEEDS)
def test_random_valid_forms_are_shown_and_answered(app: Flask, folder: Callable[[], Path], seed: int) -> None:
    compiles_and_is_answered(app, folder, seed)


@SOME
@given(seed=SEEDS)
def test_random_broken_forms_are_told_what_is_wrong(app: Flask, folder: Callable[[], Path], seed: int) -> None:
    is_told_or_usable(app, folder, seed)


@pytest.mark.torture
@MANY
@given(seed=SEEDS)
def test_thousands_of_valid_forms(app: Flask, folder: Callable[[], Path], seed: int) -> None:
    compiles_and_is_answered(app, folder, seed)


@pytest.mark.torture
@settings(MANY, max_examples=20_000)
@given(seed=SEEDS)
def test_thousands_of_broken_forms(app: Flask, folder: Callable[[], Path], seed: int) -> None:
    is_told_or_usable(app, folder, seed)
