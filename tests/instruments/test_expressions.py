"""Relevance and constraints mean what XLSForm means by them, and what is not understood is refused with a sentence."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import ExpressionError
from instruments.expressions import evaluate, fold_digits, holds, names, parse
from instruments.rules.unsupported import FUNCTIONS

ANSWERS = {"age": 17, "kinds": (1, 3), "text": "سلام", "none": -8, "yes": "yes"}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("7 mod 3", 1), ("-7 mod 3", -1), ("1 div 2", 0.5), ("- 2 + 5", 3),
        ("${age} >= 16 and ${age} <= 17", True), ("${age} = '17'", True), ("${age} != 17", False),
        ("${missing} = ''", True), ("${missing} < 5", False), ("not(${missing} = 1)", True),
        ("selected(${kinds}, '3')", True), ("selected(${kinds}, '2')", False), ("count-selected(${kinds})", 2),
        ("count-selected(${missing})", 0), ("string-length(${text})", 4), ("${yes} = 'yes' or 1 div 0 = 2", True),
        ("if(${age} < 18, 'young', 'grown')", "young"), ("coalesce(${missing}, 'else')", "else"),
        ("regex('B12 8', '^[A-Z]{1,2}[0-9][0-9A-Z]? [0-9]$')", True), ("number('١٢') + 1", 13), ("int(3.9)", 3),
        ("'a' = 'a' and 'a' != 'b'", True), ("${none} = -8", True), ("1 = 1 = 1", True),
    ],
)  # fmt: skip
def test_an_expression_has_its_value(text: str, result: object) -> None:
    assert evaluate(parse(text), ANSWERS) == result


def test_a_dot_is_the_answer_itself() -> None:
    tree = parse(". = -2 or (. >= 16 and . <= 25)")
    assert [age for age in (-2, 15, 16, 25, 26) if holds(tree, {}, age)] == [-2, 16, 25]


def test_a_tree_is_json_and_names_its_items() -> None:
    tree = parse("selected(${a}, '1') or not(${b} > 2)")
    assert json.loads(json.dumps(tree)) == [
        "or",
        ["call", "selected", ["ref", "a"], ["text", "1"]],
        ["not", [">", ["ref", "b"], ["number", 2]]],
    ]
    assert names(tree) == {"a", "b"}


@pytest.mark.parametrize(
    "text",
    ["1 +", "(1", "1)", "${a", "foo(1)", "selected(1)", "a b", "'open", "1 2", "", "regex(., '(a+)+')",
     "regex(., ${a})", "regex(., '[')", "regex(., 'a*a*a*b')", "regex(., '(?i)a')", "pulldata('a')", "now()", "@@",
     "(" * 400 + "1" + ")" * 400, " + ".join("1" * 400)],
)  # fmt: skip
def test_what_is_not_understood_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        parse(text)
    assert len(str(refusal.value)) > 20


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_that_is_refused_by_design_says_why(name: str) -> None:
    with pytest.raises(ExpressionError, match=rf"{name}\(\) (is refused: .+[.] .+|is an old name: .+)"):
        parse(f"{name}(${{a}}, 1) = 2")


@given(st.text("0123456789+-*()<>=.'\"${}a, andorivm", max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        evaluate(parse(text), {}, 1)
    except ExpressionError:
        pass


@pytest.mark.parametrize(
    "text", ["(" * 149 + "1" + ")" * 149, " + ".join("1" * 150), "-" * 149 + "1", "not(" * 149 + "1" + ")" * 149]
)
def test_the_longest_expression_can_be_followed(text: str) -> None:
    assert isinstance(evaluate(parse(text), {}), bool | int | float)


@pytest.mark.parametrize("text", ["int(.)", ". mod 3", ". div 0", "-(.)", ". * .", "number(.) + 1"])
def test_numbers_beyond_all_bounds_do_no_harm(text: str) -> None:
    for own in ("9" * 400, "-" + "9" * 400, "", "٩" * 400):
        assert isinstance(evaluate(parse(text), {}, own), int | float)


@pytest.mark.parametrize(("typed", "fits"), [("B12 8", True), ("B12 8\n", False), ("XXB12 8", False), ("B१2 8", False)])
def test_a_pattern_matches_the_whole_text(typed: str, fits: bool) -> None:
    assert holds(parse("regex(., '^[A-Z]{1,2}[0-9][0-9A-Z]? [0-9]$')"), {}, typed) is fits


def test_digits_of_three_scripts_are_folded() -> None:
    assert fold_digits("٠١٢٣٤٥٦٧٨٩ ۰۱۲۳۴۵۶۷۸۹ ০১২৩৪৫৬৭৮৯") == "0123456789 0123456789 0123456789"
