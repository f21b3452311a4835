"""The one shared file of cases: Python's half. tests/browser/test_same_rules.py holds the page to the same file."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from instruments.expressions import evaluate, parse

CASES = json.loads((Path(__file__).parents[1] / "vectors" / "expressions_v1.json").read_text("utf-8"))
ANSWERS = {name: tuple(value) if isinstance(value, list) else value for name, value in CASES["answers"].items()}


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["expression"])
def test_an_expression_of_the_shared_file_has_its_tree_and_its_value(case: dict[str, Any]) -> None:
    tree = parse(case["expression"])
    assert json.loads(json.dumps(tree)) == case["tree"]
    found = evaluate(tree, ANSWERS, CASES["own"])
    if case["result"] == "nan":
        assert isinstance(found, float)
        assert math.isnan(found)
    else:
        assert found == case["result"]
        assert isinstance(found, bool) == (case["kind"] == "truth")
        assert isinstance(found, str) == (case["kind"] == "text")
