"""The page gives every expression the value that Python gives it: the shared cases, and expressions at random."""

from __future__ import annotations

import itertools
import json
import random
import re
import struct
from pathlib import Path
from typing import Any

import pytest

from errors import ExpressionError
from instruments.expressions import evaluate, parse, spell
from instruments.rules.patterns import normal_pattern
from tests.browser.laboratory import Laboratory
from tests.expressions_at_random import COLUMNS, some_answers, some_columns, some_expression, some_own
from tests.patterns_at_random import ALIKE, LONG_TEXTS, NEAR_THE_LIMIT, REPEATS, TEXTS, some_patterns

VECTORS = Path(__file__).parents[1] / "vectors"
EXPRESSIONS, PATTERNS, SLOW_ONES = 5_000, 1_000, 40
TODAY = "2026-03-01"
MILLISECONDS = 3_000  # for one answer; here it takes a twentieth of that
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


def wanted_of(case: dict[str, Any]) -> list[object]:
    """A result of the shared cases; what JSON cannot say as a number stands there in words."""
    return shown(float(case["result"]) if case["kind"] == "number" else case["result"])


@pytest.mark.parametrize("name", ["expressions_v1.json", "expressions_v2.json"])
def test_the_page_gives_the_shared_cases_their_values(lab: Laboratory, name: str) -> None:
    told = json.loads((VECTORS / name).read_text("utf-8"))
    told["cases"] = [one for one in told["cases"] if one["kind"] != "read only"]
    body = """await load("functions");
      const given = { own: told.own, today: told.today, columns: told.columns };
      return told.cases.map((one) => {
        const { own, today, columns } = { ...given, ...one };
        return shown(m.evaluate(one.tree, told.answers, own, today, columns));
      });"""
    made = lab.call("expressions", SHOWN + body, told)
    wanted = [wanted_of(one) for one in told["cases"]]
    names = [one["expression"] for one in told["cases"]]
    assert [row for row in zip(names, made, wanted, strict=True) if row[1] != row[2]] == []


def differing(lab: Laboratory, seed: int, count: int) -> list[object]:
    """Random expressions of which Python and the page make something else."""
    chance = random.Random(seed)
    told, wanted = [], []
    while len(told) < count:
        try:
            tree = parse(some_expression(chance), COLUMNS)
        except ExpressionError:
            continue
        given = [tree, some_answers(chance), some_own(chance), chance.choice((TODAY, "")), some_columns(chance)]
        told.append(given)
        wanted.append(shown(evaluate(*given)))
    # As text: handing over so many nested lists one by one takes several times as long.
    body = """await load("functions");
      return JSON.parse(told).map((given) => shown(m.evaluate(...given)));"""
    made = lab.call("expressions", SHOWN + body, json.dumps(told))
    return [(spell(row[0][0]), row) for row in zip(told, wanted, made, strict=True) if row[1] != row[2]]


def test_random_expressions_mean_the_same(lab: Laboratory) -> None:
    assert differing(lab, 2026, EXPRESSIONS)[:3] == []


@pytest.mark.torture
def test_a_million_random_expressions_mean_the_same(lab: Laboratory) -> None:
    for seed in range(100):
        assert (seed, differing(lab, seed, 10_000)[:3]) == (seed, [])


@pytest.mark.filterwarnings("ignore:Possible set difference")  # what is written may hold two hyphens; what is kept not
def test_random_patterns_match_the_same(lab: Laboratory) -> None:
    kept = list(itertools.islice(some_patterns(random.Random(7)), PATTERNS))
    normal = [normal_pattern(pattern) for pattern in kept]
    # What was kept means what was written, in Python's own reading of it restricted to ASCII classes.
    wanted = [[re.fullmatch(pattern, text) is not None for text in TEXTS] for pattern in normal]
    plainly = [[re.fullmatch(pattern, text, re.ASCII) is not None for text in TEXTS] for pattern in kept]
    assert [row[0] for row in zip(kept, wanted, plainly, strict=True) if row[1] != row[2]] == []
    body = """return told.patterns.map((pattern) =>
      told.texts.map((text) => m.evaluate(["call", "regex", ["text", text], ["text", pattern]], {})));"""
    made = lab.call("expressions", body, {"patterns": normal, "texts": TEXTS})
    assert [row[0] for row in zip(kept, made, wanted, strict=True) if row[1] != row[2]] == []


def test_no_pattern_that_is_kept_takes_long_in_the_page(lab: Laboratory) -> None:
    kept = [*NEAR_THE_LIMIT, *itertools.islice(some_patterns(random.Random(3), ALIKE, REPEATS), SLOW_ONES)]
    body = """return told.patterns.map((pattern) => Math.max(...told.texts.map((text) => {
        const start = performance.now();
        m.evaluate(["call", "regex", ["text", text], ["text", pattern]], {});
        return performance.now() - start;
      })));"""
    took = lab.call("expressions", body, {"patterns": [normal_pattern(one) for one in kept], "texts": LONG_TEXTS})
    assert [row for row in zip(kept, took, strict=True) if row[1] >= MILLISECONDS] == []
