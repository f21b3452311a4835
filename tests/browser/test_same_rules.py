"""The page follows the same rules as Python: random answers and whole visits. test_same_expressions.py has the rest."""

from __future__ import annotations

import html
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from app import create_app
from errors import AnswersRefused, ConsentAwaited, ConsentMissing, ConsentRefused, NotEligible
from fieldwork.plan import plan_of
from fieldwork.study import Study
from forms.locales import listed
from forms.visit import VisitForm
from instruments.answers import SENTENCES, check_value, read_value, settle
from instruments.catalogue import load_study
from instruments.consent import gate
from instruments.eligibility import check_eligible
from instruments.model import Choice, Instrument, Item, Text
from instruments.synthetic import synthetic_person
from privacy.documents import canonical
from tests.answering import typed_at_random
from tests.browser.laboratory import Laboratory
from tests.conftest import Keys, new_instance
from tests.expressions_at_random import PIECES
from tests.forms import OWN, SAMPLES, written
from tests.random_forms import some_form
from tests.visits import amina
from views.field.words import Unsaid, words

FORMS = [*OWN, *SAMPLES]
OWN_VISITS, RANDOM_FORMS = 15, 500
VISITS, TEXTS = 240, 4_000


@pytest.fixture
def study(standing_study: Study) -> Study:
    """Nothing is stored here, so one study serves every test."""
    return standing_study


def rubbish(chance: random.Random, item: Item) -> list[str]:
    """What somebody, or something, might type or send for an item."""
    codes = [choice.code for choice in item.choices]
    one = (
        lambda: chance.choice(PIECES),
        lambda: chance.choice(codes or ["1"]),
        lambda: f" {chance.choice(codes or ['12'])}\r\n",
        lambda: "".join(chance.choice("ab١ é\t\r\n\x00\x85\ufeff😀9-") for _ in range(chance.randint(0, 12))),
        lambda: "x" * chance.choice((item.max_length, item.max_length + 1, 3)),
        lambda: "b12 8",
        lambda: " ".join(chance.sample(codes, min(2, len(codes)))) if codes else "ß",
    )
    return [chance.choice(one)() for _ in range(chance.choice((0, 1, 1, 1, 2, 3)))]


def test_what_is_typed_is_read_the_same(lab: Laboratory, study: Study) -> None:
    chance = random.Random(11)
    groups = [group.name for group in study.instrument.groups]
    items = {group: plan_of(study, group, "en") for group in groups}
    told, wanted = [], []
    for _ in range(TEXTS):
        group = chance.choice(groups)
        name = chance.choice(items[group]["items"])["name"]
        item = study.instrument.item(name)
        typed = rubbish(chance, item)
        told.append([group, name, typed])
        wanted.append(read(item, typed))
    made = lab.call("answers", PLANS + READ, {"plans": items, "cases": told})
    assert [row for row in zip(told, made, wanted, strict=True) if row[1] != row[2]][:5] == []


PLANS = """
  const plans = Object.fromEntries(Object.entries(told.plans).map(([group, plan]) =>
    [group, { ...plan, items: plan.items.map((item) => ({ ...plan.defaults, ...item })) }]));
"""
READ = """
  return told.cases.map(([group, name, typed]) => {
    try {
      return { value: m.readValue(plans[group].items.find((item) => item.name === name), typed) ?? null };
    } catch (refusal) {
      return { refused: refusal.reason };
    }
  });
"""


def read(item: Item, typed: Sequence[str]) -> dict[str, Any]:
    try:
        value = read_value(item, typed)
    except AnswersRefused as refusal:
        return {"refused": next(name for name, sentence in SENTENCES.items() if sentence == str(refusal))}
    return {"value": list(value) if isinstance(value, tuple) else value}


SAY = """
  document.body.innerHTML = told.form;
  return told.cases.map((codes) => {
    m.say(document.forms[0], { things: codes });
    return document.querySelector("[data-says]").textContent;
  });
"""
THINGS = ("One, two", "{1} & {0}", "ثلاثة", "4")


class Chosen:
    """What was chosen of the things, said as the plain path says it."""

    def __init__(self, codes: Sequence[str], language: str) -> None:
        self.codes, self.language = codes, language

    def said(self, _name: str) -> str:
        """The words of the things."""
        return listed([THINGS[int(code)] for code in self.codes], self.language)


@pytest.mark.parametrize("language", ["en", "ar", "ml"])
def test_what_was_chosen_is_said_back_the_same(lab: Laboratory, language: str) -> None:
    """Of Malayalam, whose lists end in a word; the browser itself is not asked how a language lists things."""
    cases = [[str(at) for at in range(count)] for count in range(len(THINGS) + 1)]
    boxes = [f'<p class="choice"><input name="things" value="{at}">{one}</p>' for at, one in enumerate(THINGS)]
    asks = Text(((language, "${things}"),))
    form = f"<form>{''.join(boxes)}{words(asks, language, Unsaid())}</form>"
    made = lab.call("form", SAY, {"form": form, "cases": cases})
    plain = [words(asks, language, Chosen(codes, language)).striptags() for codes in cases]
    assert made == [html.unescape(one) for one in plain]


VISIT = """
  await load("functions");
  return told.cases.map(([group, typed]) => {
    const plan = plans[group], { values, refused } = m.readAll(plan, (name) => typed[name] ?? []);
    if (!m.isEligible(plan, values)) return { outcome: "not_eligible" };
    const consent = m.consentOf(plan, values);
    if (consent.refused) return { outcome: "refused" };
    if (consent.missing.length) return { outcome: "missing", missing: consent.missing };
    const counting = m.answered(plan, values);
    const rules = plan.items.filter((item) => item.part !== "understanding" && item.name in counting
      && m.whyNot(plan, item, counting[item.name], counting)).map((item) => item.name);
    const { answers, contact } = m.settle(plan, values), { route, statements, choices } = consent;
    return { outcome: "taken", refused: Object.keys(refused).sort(), rules: rules.sort(), answers, contact,
      route, statements, choices, blanks: m.blanks(plan, values).map((item) => item.name) };
  });
"""


def in_python(instrument: Instrument, group: str, typed: dict[str, list[str]]) -> dict[str, Any]:
    """What the plain path makes of a visit."""
    form = VisitForm(instrument, group, "en", MultiDict([(name, one) for name, said in typed.items() for one in said]))
    values = form.values
    misread = sorted(field.item.name for field in form.refused)
    said = {name: str(value) for name, value in values.items() if form.items[name].kind == "statement"}
    age = values.get("age")
    try:
        check_eligible(instrument, group, values)
        consent = gate(instrument, group, age if isinstance(age, int) else None, said)
    except NotEligible:
        return {"outcome": "not_eligible"}
    except ConsentRefused:
        return {"outcome": "refused"}
    except (ConsentMissing, ConsentAwaited) as missing:
        return {"outcome": "missing", "missing": list(missing.statements)}
    relevant = form.counting
    understood = {item.name for item in instrument.items_of(group, "understanding")}
    checked = {name for name in relevant if name in form.items and name not in understood}
    broken = sorted(name for name in checked if check_value(form.items[name], relevant[name], relevant, form.today))
    settled = settle(instrument, group, values, form.today)
    return {
        "outcome": "taken",
        "refused": misread,
        "rules": broken,
        "answers": {name: list(one) if isinstance(one, tuple) else one for name, one in settled.items()},
        "contact": form.contact_in(relevant),
        "route": consent.route,
        "statements": [list(one) for one in consent.statements],
        "choices": dict(consent.choices),
        "blanks": [item.name for item in form.blanks()],
    }


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Flask:
    """Its sentences are all that is asked of it."""
    return create_app(new_instance(tmp_path_factory.mktemp("sentences") / "instance", keys))


def test_whole_visits_become_the_same_records(lab: Laboratory, study: Study, app: Flask) -> None:
    chance = random.Random(5)
    plans = {group.name: plan_of(study, group.name, "en") for group in study.instrument.groups}
    cases, wanted = [], []
    for number in range(VISITS):
        person = synthetic_person(study.instrument, chance)
        typed = {name: list(said) for name, said in person.typed.items()}
        names = [item["name"] for item in plans[person.group]["items"]]
        for name in chance.sample(names, number % 12):
            typed[name] = rubbish(chance, study.instrument.item(name))
        cases.append([person.group, typed])
        with app.test_request_context("/"):
            wanted.append(in_python(study.instrument, person.group, typed))
    made = lab.call("answers", PLANS + VISIT, {"plans": plans, "cases": cases})
    outcomes = {one["outcome"] for one in wanted}
    assert outcomes == {"taken", "refused", "missing", "not_eligible"}
    rows = zip(cases, made, wanted, strict=True)
    assert [row for row in rows if canonical(row[1]) != canonical(row[2])][:2] == []


def differing_records(lab: Laboratory, study: Study, app: Flask, form: Path, visits: int) -> list[object]:
    """Visits of a form, with some rubbish in them, of which Python and the page make different records."""
    instrument, chance = load_study(form).instrument, random.Random(form.stem)
    plans = {"participant": plan_of(replace(study, instrument=instrument), "participant", "en")}
    names = [item["name"] for item in plans["participant"]["items"] if item["kind"] not in ("calculate", "note")]
    cases, wanted = [], []
    for number in range(visits):
        typed = typed_at_random(instrument, "participant", chance)
        for name in chance.sample(names, min(len(names), number % 6)):
            typed[name] = rubbish(chance, instrument.item(name))
        cases.append(["participant", typed])
        with app.test_request_context("/"):
            wanted.append(in_python(instrument, "participant", typed))
    made = lab.call("answers", PLANS + VISIT, {"plans": plans, "cases": cases})
    assert "taken" in {one["outcome"] for one in wanted}
    rows = zip(cases, made, wanted, strict=True)
    return [row for row in rows if canonical(row[1]) != canonical(row[2])]


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_visits_of_own_forms_become_the_same_records(lab: Laboratory, study: Study, app: Flask, form: Path) -> None:
    assert differing_records(lab, study, app, form, OWN_VISITS)[:2] == []


@pytest.mark.torture
def test_visits_of_random_forms_become_the_same_records(
    lab: Laboratory, study: Study, app: Flask, tmp_path: Path
) -> None:
    for seed in range(RANDOM_FORMS):
        form = written(tmp_path / f"form{seed}", **some_form(random.Random(seed)))
        assert (seed, differing_records(lab, study, app, form, 20)[:1]) == (seed, [])


def test_contact_details_chosen_from_a_list_are_kept_the_same(lab: Laboratory, study: Study, app: Flask) -> None:
    ways = tuple(Choice(code, Text((("en", code),))) for code in ("call", "letter", "2"))
    how = replace(study.instrument.item("v_contact_how"), kind="select_multiple", choices=ways, constraint=None)
    parts = [replace(part, blocks=tuple(replace(block, items=tuple(how if item.name == how.name else item
             for item in block.items)) for block in part.blocks)) for part in study.instrument.parts]  # fmt: skip
    instrument = replace(study.instrument, parts=tuple(parts))
    plans = {"young_person": plan_of(replace(study, instrument=instrument), "young_person", "en")}
    typed = amina(instrument, o_results="yes", v_contact_how=["letter", "2", "call"])
    with app.test_request_context("/"):
        wanted = in_python(instrument, "young_person", typed)
    assert wanted["contact"] == {"v_contact_how": "2 call letter"}
    assert lab.call("answers", PLANS + VISIT, {"plans": plans, "cases": [["young_person", typed]]}) == [wanted]
