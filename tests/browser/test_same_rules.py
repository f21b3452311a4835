"""The page follows the same rules as Python: one shared file of cases, and random expressions, answers and visits."""

from __future__ import annotations

import json
import random
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser
from werkzeug.datastructures import MultiDict

from app import create_app
from errors import AnswersRefused, ConsentAwaited, ConsentMissing, ConsentRefused, ExpressionError, NotEligible
from fieldwork.plan import plan_of
from fieldwork.study import Study
from forms.visit import VisitForm
from instruments.answers import SENTENCES, check_value, read_value, settle
from instruments.catalogue import load_study
from instruments.consent import gate
from instruments.eligibility import check_eligible
from instruments.expressions import evaluate, parse
from instruments.model import Instrument, Item
from instruments.patterns import PatternRefused, normal_pattern
from instruments.synthetic import synthetic_person
from privacy.documents import canonical
from tests.answering import typed_at_random
from tests.browser.laboratory import Laboratory, laboratory
from tests.conftest import Keys, new_instance
from tests.forms import OWN, SAMPLES, written
from tests.house.served import Served
from tests.random_forms import some_form

FORMS = [*OWN, *SAMPLES]
OWN_VISITS, RANDOM_FORMS = 40, 500
CASES = json.loads((Path(__file__).parents[1] / "vectors" / "expressions_v1.json").read_text("utf-8"))
EXPRESSIONS, VISITS, TEXTS, PATTERNS = 5_000, 240, 4_000, 1_500
# A value with its kind, so that true, 1 and "1" are told apart; numbers bit by bit, with one zero and one NaN.
SHOWN = """
  const shown = (value) => {
    if (typeof value !== "number") return [typeof value, value];
    const bits = new DataView(new ArrayBuffer(8));
    bits.setFloat64(0, value === 0 ? 0 : value);
    return ["number", Number.isNaN(value) ? "nan" : bits.getBigUint64(0).toString(16)];
  };
"""


def shown(value: object) -> list[object]:
    if isinstance(value, bool):
        return ["boolean", value]
    if isinstance(value, str):
        return ["string", value]
    assert isinstance(value, int | float)
    number = float(value)
    if number != number:
        return ["number", "nan"]
    return ["number", f"{struct.unpack('>Q', struct.pack('>d', number or 0.0))[0]:x}"]


@pytest.fixture
def study(standing_study: Study) -> Study:
    """Nothing is stored here, so one study serves every test."""
    return standing_study


@pytest.fixture
def lab(browser: Browser, standing: Served) -> Iterator[Laboratory]:
    with laboratory(browser, standing.url) as ready:
        yield ready


def test_the_page_gives_the_shared_cases_their_values(lab: Laboratory) -> None:
    body = SHOWN + "return told.cases.map(({ tree }) => shown(m.evaluate(tree, told.answers, told.own)));"
    made = lab.call("expressions", body, CASES)
    wanted = [shown(float("nan") if one["result"] == "nan" else one["result"]) for one in CASES["cases"]]
    names = [one["expression"] for one in CASES["cases"]]
    assert [row for row in zip(names, made, wanted, strict=True) if row[1] != row[2]] == []


NAMES = ("age", "kinds", "text", "none", "yes", "missing")
PIECES = (
    "", "0", "1", "-2", "17", "٣", "۴۲", "৭", "1.50", " 3 ", "yes", "no", "a b  c", "سلام", "😀", "é", "e\u0301",
    "x\u00a0y", "\u2003", "\x1f", "\ufeff1", "1e5", "NaN", "true", "00", "-0", ".5", "123456789012345",
)  # fmt: skip


def some_answers(chance: random.Random) -> dict[str, Any]:
    values: dict[str, Any] = {
        "age": chance.choice((0, 5, 17, 25, -2, 999_999_999)),
        "kinds": tuple(sorted(chance.sample(range(1, 12), chance.randint(1, 4)))),
        "text": chance.choice(PIECES),
        "none": -8,
        "yes": chance.choice(("yes", "no")),
    }
    return {name: value for name, value in values.items() if chance.random() < 0.85}


def some_expression(chance: random.Random, depth: int = 0) -> str:
    if depth > 4 or chance.random() < 0.25:
        quoted = "'" + chance.choice(PIECES) + "'"
        number = chance.choice(("0", "1", "3", "17", "0.1", "2.5", "100000", "0.00003", "123456789012345"))
        return chance.choice((quoted, number, "${" + chance.choice(NAMES) + "}", "."))
    inner = [some_expression(chance, depth + 1) for _ in range(3)]
    operator = chance.choice(("or", "and", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod"))
    calls = (
        f"selected({inner[0]}, {inner[1]})",
        f"count-selected({inner[0]})",
        f"string-length({inner[0]})",
        f"number({inner[0]})",
        f"int({inner[0]})",
        f"if({inner[0]}, {inner[1]}, {inner[2]})",
        f"coalesce({inner[0]}, {inner[1]})",
        f"not({inner[0]})",
        f"regex({inner[0]}, '{chance.choice(('[0-9]+', '..', 'a.*', '[^a]', 'yes|no', '-?[0-9]{1,3}'))}')",
        f"-{inner[0]}",
        f"({inner[0]})",
    )
    return chance.choice((f"{inner[0]} {operator} {inner[1]}", chance.choice(calls)))


def differing(lab: Laboratory, seed: int, count: int) -> list[object]:
    """Random expressions of which Python and the page make something else."""
    chance = random.Random(seed)
    told, wanted = [], []
    while len(told) < count:
        expression, answers = some_expression(chance), some_answers(chance)
        own = chance.choice((None, 3, "٤", "a b"))
        try:
            tree = parse(expression)
        except ExpressionError:
            continue
        told.append([tree, answers, own])
        wanted.append(shown(evaluate(tree, answers, own)))
    body = SHOWN + "return told.map(([tree, answers, own]) => shown(m.evaluate(tree, answers, own)));"
    made = lab.call("expressions", body, told)
    return [row for row in zip(told, wanted, made, strict=True) if row[1] != row[2]]


def test_random_expressions_mean_the_same(lab: Laboratory) -> None:
    assert differing(lab, 2026, EXPRESSIONS)[:3] == []


@pytest.mark.torture
def test_a_million_random_expressions_mean_the_same(lab: Laboratory) -> None:
    for seed in range(100):
        assert (seed, differing(lab, seed, 10_000)[:3]) == (seed, [])


def some_pattern(chance: random.Random) -> str:
    atoms = (
        "a", "b", "é", "😀", " ", "-", "/", "_", "~", "&", ".", r"\d", r"\w", r"\s", r"\S", r"\D", r"\W", r"\.", r"\-",
        r"\\", r"\x41", r"\u00e9", "[a-c]", "[^a]", r"[\w-]", r"[\d.]", "[&~|]", r"[\]x]", "(ab|c)", "(a)", "|", r"\n",
    )  # fmt: skip
    ends = ("", "", "", "?", "*", "+", "{2}", "{1,3}", "{,2}", "+?")
    return "".join(chance.choice(atoms) + chance.choice(ends) for _ in range(chance.randint(1, 5)))


def test_random_patterns_match_the_same(lab: Laboratory) -> None:
    chance = random.Random(7)
    texts = [
        "",
        "a",
        "ab",
        "abc",
        "A1",
        "é",
        "😀",
        "a b",
        "--",
        "..",
        "\n",
        "x]",
        "\\",
        "٣",
        "ba",
        "aab",
        "a\tb",
        "_-~",
        "cab",
    ]
    kept = []
    while len(kept) < PATTERNS:
        pattern = some_pattern(chance)
        try:
            kept.append((pattern, normal_pattern(pattern)))
        except PatternRefused:
            continue
    # What was kept means what was written, in Python's own reading of it restricted to ASCII classes.
    wanted = [[re.fullmatch(normal, text) is not None for text in texts] for _, normal in kept]
    plainly = [[re.fullmatch(pattern, text, re.ASCII) is not None for text in texts] for pattern, _ in kept]
    assert [row[0] for row in zip(kept, wanted, plainly, strict=True) if row[1] != row[2]] == []
    body = """return told.patterns.map((pattern) =>
      told.texts.map((text) => m.evaluate(["call", "regex", ["text", text], ["text", pattern]], {})));"""
    made = lab.call("expressions", body, {"patterns": [normal for _, normal in kept], "texts": texts})
    assert [row[0] for row in zip(kept, made, wanted, strict=True) if row[1] != row[2]] == []


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
    contact = {name: str(relevant[name]) for name in relevant if form._is_contact(name)}
    return {
        "outcome": "taken",
        "refused": misread,
        "rules": broken,
        "answers": {name: list(one) if isinstance(one, tuple) else one for name, one in settled.items()},
        "contact": contact,
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
