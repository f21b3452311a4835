"""A tree can be written as an expression, and is the same when it is read again: also what a study is compiled to."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands import DEFAULT_STUDY
from errors import ExpressionError, InstrumentError
from instruments.catalogue import load_study
from instruments.expressions import evaluate, parse, spell
from instruments.model import Instrument, Item, Tree
from instruments.rules.spelling import columns_of
from tests.expressions_at_random import COLUMNS, some_expression

FORMS = sorted((Path(__file__).parent / "data" / "forms").iterdir())
EXPRESSIONS = 5_000


def again(tree: Tree) -> Tree:
    return parse(spell(tree), columns_of(tree))


def test_random_expressions_are_the_same_when_written_and_read_again() -> None:
    chance, read = random.Random(31), 0
    while read < EXPRESSIONS:
        try:
            tree = parse(some_expression(chance, read_only=True), COLUMNS)
        except ExpressionError:
            continue
        read += 1
        assert repr(again(tree)) == repr(tree), spell(tree)


def test_only_the_brackets_that_are_needed_are_written() -> None:
    written = "(1 + 2) * 3 - (4 - 5) - -6 div (7 * 8) > 0 and (not(1 or 0) or - (2 - 1) = -1)"
    assert spell(parse(written)) == "(1 + 2) * 3 - (4 - 5) - -6 div (7 * 8) > 0 and (not(1 or 0) or -(2 - 1) = -1)"


def items(instrument: Instrument) -> Iterator[Item]:
    return (item for part in instrument.parts for block in part.blocks for item in block.items)


def trees_of(instrument: Instrument) -> Iterator[Tree]:
    for item in items(instrument):
        yield from filter(None, (item.relevant, item.constraint, item.calculation, item.choice_filter))


def calculated(instrument: Instrument) -> Tree:
    [tree] = [item.calculation for item in items(instrument) if item.calculation]
    return tree


def test_every_rule_of_the_shipped_studies_can_be_written_and_read_again() -> None:
    trees = [tree for path in (DEFAULT_STUDY, *FORMS) for tree in trees_of(load_study(Path(path)).instrument)]
    assert len(trees) > 100
    assert [spell(tree) for tree in trees if repr(again(tree)) != repr(tree)] == []


ROUNDS = """
| survey |
| | type | name | label | constraint | calculation | repeat_count | bind::amanah:most |
| | integer | people | How many? | . <= 20 | | | |
| | begin_repeat | member | Member | | | ${people} | 20 |
| | integer | years | How old? | | | | |
| | select_one place | home | Where? | | | | |
| | end_repeat | | | | | | |
| | select_one place | from | From where? | | | | |
| | calculate | rule | | | RULE | | |
| choices |
| | list_name | name | label |
"""
LONG_RULES = (
    "count(${member})",
    "sum(${years}) div count(${member})",
    "concat(max(${years}), ' ', indexed-repeat(${years}, ${member}, indexed-repeat(${years}, ${member}, 2)))",
    "jr:choice-name(indexed-repeat(${home}, ${member}, 1), '${home}')",
)


def compiled(folder: Path, rule: str, places: int, words: str = "Place") -> Instrument:
    text = ROUNDS.replace("RULE", rule) + "".join(f"| | place | p{n} | {words} {n} |\n" for n in range(places))
    (folder / "form.md").write_text(text, "utf-8")
    return load_study(folder / "form.md").instrument


@pytest.mark.parametrize("rule", LONG_RULES)
def test_what_repeats_and_choices_are_written_out_to_can_be_read_again(tmp_path: Path, rule: str) -> None:
    trees = list(trees_of(compiled(tmp_path, rule, places=20)))
    assert max(len(spell(tree)) for tree in trees) > 500
    assert [spell(tree) for tree in trees if repr(again(tree)) != repr(tree)] == []


def test_the_words_of_choices_may_hold_both_kinds_of_quotes(tmp_path: Path) -> None:
    words = """The "Lion's" inn"""
    tree = calculated(compiled(tmp_path, "jr:choice-name(${from}, '${from}')", 2, words))
    assert repr(again(tree)) == repr(tree)
    assert evaluate(tree, {"from": "p1"}) == f"{words} 1"


def test_a_list_of_four_hundred_choices_has_its_words(tmp_path: Path) -> None:
    tree = calculated(compiled(tmp_path, "jr:choice-name(${from}, '${from}')", 400))
    assert repr(again(tree)) == repr(tree)
    assert evaluate(tree, {"from": "p399"}) == "Place 399"


@pytest.mark.parametrize(
    ("rule", "places"),
    [
        ("jr:choice-name(${from}, '${from}')", 2_000),
        ("indexed-repeat(${years}, ${member}, " * 9 + "1" + ")" * 9, 2),
        ("jr:choice-name(" * 9 + "${from}" + ", '${from}')" * 9, 20),
    ],
    ids=["many choices", "rounds of rounds", "words of words"],
)
def test_what_could_not_be_read_again_is_refused_at_its_row(tmp_path: Path, rule: str, places: int) -> None:
    with pytest.raises(InstrumentError) as refusal:
        compiled(tmp_path, rule, places)
    [problem] = refusal.value.problems
    assert (problem.row, problem.column) == (10, "calculation")
    assert "put a part of it into a row of type calculate" in problem.message


def grouped(folder: Path, depth: int) -> Instrument:
    deep = "${a} + (" * depth + "${a} + 1" + ")" * depth
    rows = "".join(f"| | begin_group | g{n} | Group | {deep} > 0 or ${{a}} = 9 |\n" for n in range(9))
    text = f"| survey |\n| | type | name | label | relevant |\n| | integer | a | A? | |\n{rows}| | text | b | B? | |\n"
    (folder / "form.md").write_text(text + "| | end_group | | | |\n" * 9, "utf-8")
    return load_study(folder / "form.md").instrument


def test_groups_around_a_question_make_its_rule_longer(tmp_path: Path) -> None:
    tree = grouped(tmp_path, 69).item("b").relevant
    assert tree
    assert repr(again(tree)) == repr(tree)


def test_and_are_refused_where_they_make_it_too_long(tmp_path: Path) -> None:
    with pytest.raises(InstrumentError, match="row 13, column relevant: this is too long once every round"):
        grouped(tmp_path, 74)
