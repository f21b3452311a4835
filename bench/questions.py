"""A questionnaire of 500 questions: its page beside a bare Jinja loop of as many inputs, its check beside bare WTForms.

Wanted (on the machine that it was written on): the page in under 100 ms, the check in under 50.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Sequence
from pathlib import Path

from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import Form, StringField
from wtforms.validators import InputRequired, Length

from app import create_app
from bench.instance import make_instance
from bench.measuring import rate, show
from forms.visit import VisitForm
from instruments.reading.starter import write_study
from tests.answering import typed_at_random

QUESTIONS = 500
# In turn: a type and a rule of its own. Every other question but the first of these hangs on the one before these.
TURNS = (
    ("select_one often", ""), ("integer", ". <= 120"), ("text", "string-length(.) <= 100"), ("text", ""),
    ("select_multiple several", ""), ("date", ""), ("decimal", ""), ("select_one often", ""),
)  # fmt: skip
GROUP = "participant"


def bench_questions(folder: Path) -> None:
    """Print both ratios, and both times."""
    write_study(_form(folder / "form"), folder / "study")
    app = create_app(make_instance(folder / "instance", folder / "study")[0])
    page, check = rate(_page(app)), rate(_check(app))
    show(f"pages of {QUESTIONS} questions rendered", page, "bare Jinja loops of as many inputs", rate(_bare_page(app)))
    show(f"visits of {QUESTIONS} questions checked", check, "bare WTForms loops of as many", rate(_bare_check()))
    print(f"{QUESTIONS} questions: rendered in {1000 / page:.0f} ms, checked in {1000 / check:.0f} ms")


def _page(app: Flask) -> Callable[[], object]:
    client = app.test_client()
    return lambda: client.get(f"/visit/{GROUP}")


def _bare_page(app: Flask) -> Callable[[], object]:
    loop = app.jinja_env.from_string(
        '{% for n in range(count) %}<label><input name="{{ n }}">{{ n }}</label>{% endfor %}'
    )
    page = app.test_client().get(f"/visit/{GROUP}").text
    return lambda: loop.render(count=page.count("<input"))


def _check(app: Flask) -> Callable[[], object]:
    instrument = app.extensions["amanah"].instrument
    said = typed_at_random(instrument, GROUP, random.Random(1), blanks=0)
    typed = MultiDict([(name, one) for name, values in said.items() for one in values])

    def check() -> None:
        with app.test_request_context("/"):
            VisitForm(instrument, GROUP, "en", typed).check()

    return check


def _bare_check() -> Callable[[], object]:
    fields = {f"q{one}": StringField(validators=[InputRequired(), Length(max=100)]) for one in range(QUESTIONS)}
    bare, typed = type("Bare", (Form,), fields), MultiDict((f"q{one}", "some words") for one in range(QUESTIONS))
    assert bare(typed).validate()
    return lambda: bare(typed).validate()


def _form(folder: Path) -> Path:
    folder.mkdir()
    questions = [["type", "name", "label", "relevant", "constraint"]] + [_row(one) for one in range(QUESTIONS)]
    choices = [["list_name", "name", "label"]] + [
        [name, one, f"{words} {one}"]
        for name, words in (("often", "Level"), ("several", "Kind"))
        for one in range(1, 6)
    ]
    _write(folder / "survey.csv", questions)
    _write(folder / "choices.csv", choices)
    return folder


def _row(number: int) -> list[str]:
    kind, rule = TURNS[number % len(TURNS)]
    first = number - number % len(TURNS)
    label = f"Question {number}, after ${{q{number - 1}}}?" if number else "Question 0?"
    return [kind, f"q{number}", label, f"${{q{first}}} != 2" if number > first else "", rule]


def _write(file: Path, rows: Sequence[Sequence[object]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as sink:
        csv.writer(sink).writerows(rows)
