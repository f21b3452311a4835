"""The shared files of cases: Python's half. tests/browser/test_same_expressions.py holds the page to the same files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from errors import ExpressionError
from instruments.expressions import ARGUMENTS, Result, evaluate, parse, spell
from instruments.rules.functions import FUNCTIONS

VECTORS = Path(__file__).parents[1] / "vectors"
NAMES = ("expressions_v1.json", "expressions_v2.json")
FILES = {name: json.loads((VECTORS / name).read_text("utf-8")) for name in NAMES}


def cases() -> Iterator[Any]:
    for name, told in FILES.items():
        given = {"own": told["own"], "today": told.get("today", ""), "columns": told.get("columns", {})}
        for case in told["cases"]:
            yield pytest.param({**given, "answers": answers(told), **case}, id=f"{name[12:14]} {case['expression']}")


def answers(told: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in told["answers"].items()}


def kind_of(value: Result) -> str:
    if isinstance(value, bool):
        return "truth"
    return "text" if isinstance(value, str) else "number"


@pytest.mark.parametrize("case", list(cases()))
def test_an_expression_of_the_shared_files_has_its_tree_and_its_value(case: dict[str, Any]) -> None:
    tree = parse(case["expression"], case["columns"])
    assert json.loads(json.dumps(tree)) == case["tree"]
    assert parse(spell(tree), case["columns"]) == tree
    if case["kind"] == "read only":
        with pytest.raises(ExpressionError, match="whoever compiles a study puts something in its place"):
            evaluate(tree, case["answers"])
        return
    found = evaluate(tree, case["answers"], case["own"], case["today"], case["columns"])
    assert kind_of(found) == case["kind"]
    # What JSON cannot say as a number stands there in words: nan, inf, -inf.
    wanted = float(case["result"]) if case["kind"] == "number" else case["result"]
    assert found == wanted or (found != found and wanted != wanted)


def test_every_function_has_a_case() -> None:
    written = " ".join(case["expression"] for case in FILES["expressions_v2.json"]["cases"])
    assert [name for name in {*ARGUMENTS, *FUNCTIONS} if f"{name}(" not in written] == []
