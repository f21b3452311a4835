"""Adding and subtracting what a summary tells never leaves the answers of a few people.

The oracle is written apart from the engine: it looks at people one by one and at every small set of them, with whole
numbers modulo a prime, and knows nothing of classes or of singular values.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands import DEFAULT_STUDY
from instruments.catalogue import load_study
from instruments.model import Instrument, Scale
from privacy.table_bounds import Interval, bounds
from release.summary.build import GroupSummary, build_summary
from release.summary.distributions import Distribution, distribution_of
from release.summary.rules import OUTSIDE, TEAM, Rules

PRIME = 2**61 - 1
SMALL = Rules(cell=2, zero_too=False, decimals=2, mean=3, reliability=3)
FAMILY = ("yp_trust", "yp_trust_do", "yp_trust_rel")
ITEMS = ("yp_trust_1", "yp_trust_2", "yp_trust_3", "yp_trust_4")


@cache
def study() -> Instrument:
    """Not a fixture: hypothesis would write the whole study into its report."""
    return load_study(DEFAULT_STUDY).instrument


person = st.fixed_dictionaries(
    {
        "site": st.sampled_from([1, 1, 1, 2, 2, -1]),
        "admin_mode": st.sampled_from(["self", "self", "interviewer"]),
        **{name: st.sampled_from([1, 2, 3, 4, 5, 3, 4, -1]) for name in ITEMS},
    }
)
crowds = st.lists(person, min_size=6, max_size=11)


def frame(people: list[dict[str, int | str]]) -> pl.DataFrame:
    kinds = {name: pl.String if name == "admin_mode" else pl.Int32 for name in ("site", "admin_mode", *ITEMS)}
    return pl.DataFrame(people, schema=kinds).with_columns(pl.lit("young_person").alias(".group"))


def told_of(people: list[dict[str, int | str]], rules: Rules) -> GroupSummary:
    only = replace(study(), scales=tuple(scale for scale in study().scales if scale.name in FAMILY))
    return build_summary(frame(people), [only], ["young_person"], [], rules).groups[0]


def published(told: GroupSummary, people: list[dict[str, int | str]]) -> Iterator[list[int]]:
    """Each published sum as its weights: a number for each person's answer to each item, twelve times as large."""
    for row in told.scales:
        if row.mean:
            here = [row.part is None or str(one[row.part[0]]) == row.part[1] for one in people]
            yield [weight for one, is_in in zip(people, here, strict=True) for weight in _scale(row.scale, one, is_in)]
    for _, block in told.blocks:
        for one in block:
            if one.item.name in ITEMS and (one.mean or len(one.counts) == 5):
                yield [12 * (name == one.item.name and who[name] > 0) for who in people for name in ITEMS]


def _scale(scale: Scale, person: dict[str, int | str], is_in: bool) -> list[int]:
    answered = [name for name in scale.items if int(person[name]) > 0]
    if not is_in or len(answered) < scale.minimum_answered:
        return [0] * len(ITEMS)
    return [12 // len(answered) * (name in answered) for name in ITEMS]


def rank(rows: list[list[int]]) -> int:
    found, left = 0, [list(row) for row in rows]
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((place for place in range(found, len(left)) if left[place][column] % PRIME), None)
        if pivot is None:
            continue
        left[found], left[pivot] = left[pivot], left[found]
        inverse = pow(left[found][column], -1, PRIME)
        for place in range(found + 1, len(left)):
            factor = left[place][column] * inverse % PRIME
            left[place] = [(one - factor * other) % PRIME for one, other in zip(left[place], left[found], strict=True)]
        found += 1
    return found


def gives_away(rows: list[list[int]], people: int, few: int) -> bool:
    """Whether some combination of rows is of so few people alone: without their columns the rank is lower."""
    whole, width = rank(rows), len(ITEMS)
    for gone in itertools.combinations(range(people), few):
        kept = [place for place in range(people * width) if place // width not in gone]
        if rank([[row[place] for place in kept] for row in rows]) < whole:
            return True
    return False


@settings(max_examples=25, deadline=None)
@given(people=crowds)
def test_no_sum_of_fewer_people_than_a_mean_needs_follows(people: list[dict[str, int | str]]) -> None:
    rows = list(published(told_of(people, SMALL), people))
    assert not gives_away(rows, len(people), SMALL.mean - 1)


@pytest.mark.torture
@settings(max_examples=1500, deadline=None)
@given(people=crowds)
def test_no_sum_of_few_people_follows_however_long_one_looks(people: list[dict[str, int | str]]) -> None:
    rows = list(published(told_of(people, SMALL), people))
    assert not gives_away(rows, len(people), SMALL.mean - 1)


def test_one_person_who_left_out_one_question_hides_another_question() -> None:
    """Forty answered all, one left out the last: mean and all four questions would tell that one's answers."""
    whole = [{name: place % 5 + 1 for name in ITEMS} for place in range(40)]
    people = [{"site": 1, "admin_mode": "self", **one} for one in whole]
    assert _hidden(told_of(people, TEAM)) == []
    people.append({"site": 1, "admin_mode": "self", **dict.fromkeys(ITEMS, 4), "yp_trust_4": -1})
    assert _hidden(told_of(people, TEAM)) == ["yp_trust_4"]


def _hidden(told: GroupSummary) -> list[str]:
    return [one.item.name for _, block in told.blocks for one in block if one.item.name in ITEMS and one.number is None]


def rows_of(counts: tuple[int, ...]) -> pl.DataFrame:
    answers = [value for value, count in enumerate(counts, 1) for _ in range(count)]
    return pl.DataFrame({"yp_overt_1": pl.Series(answers, dtype=pl.Int32)})


def fits(told: Distribution, counts: tuple[int, ...]) -> bool:
    """Whether people who answered like this would have been told of in the same way."""
    if sum(counts) != told.number:
        return False
    grouped = tuple(sum(counts[int(code) - 1] for code in group) for group in told.answers)
    mean = sum(value * count for value, count in enumerate(counts, 1))
    return grouped == told.counts and (told.mean is None or mean == told.mean.mean * sum(counts))


def solved(told: Distribution) -> dict[str, Interval]:
    """What the solver of public tables works out of each answer, from the row's number and what was taken together."""
    counts = {"all": told.number or 0} | {
        f"with {group[0]}": count for group, count in zip(told.answers, told.counts, strict=True)
    }
    hidden = [code for group in told.answers if len(group) > 1 for code in group]
    sums = [("all", tuple(f"with {group[0]}" for group in told.answers))]
    sums += [(f"with {group[0]}", group) for group in told.answers if len(group) > 1]
    return bounds({**counts, **dict.fromkeys(hidden, 0)}, sums, hidden, hidden)


@settings(max_examples=60, deadline=None)
@given(counts=st.tuples(*[st.integers(0, 16)] * 5), rules=st.sampled_from([TEAM, OUTSIDE]))
def test_no_answer_of_too_few_people_can_be_worked_out(counts: tuple[int, ...], rules: Rules) -> None:
    """Every way in which people may have answered is tried; each answer that is not told could be a whole cell."""
    told = distribution_of(study().item("yp_overt_1"), rows_of(counts), rules)
    if not told.counts:
        return
    assert all(count >= rules.cell or (count == 0 and not rules.zero_too) for count in told.counts)
    if len(told.counts) == 3:
        low, middle, high = told.counts
        ways = itertools.product(range(low + 1), range(high + 1))
        fitting = [one for a, e in ways if fits(told, one := (a, low - a, middle, high - e, e))]
        # Where nobody gave either answer, the team may know that: then neither is hidden.
        hidden = [place for place in (0, 1, 3, 4) if (low if place < 2 else high)]
        spans = [[one[place] for one in fitting] for place in hidden]
        assert all(max(span) >= rules.cell and (not told.mean or max(span) - min(span) >= rules.cell) for span in spans)
        assert all(solved(told)[str(place + 1)].is_wide(rules.cell) for place in hidden)


def test_a_mean_near_the_end_of_its_scale_is_withheld() -> None:
    item = study().item("yp_overt_1")
    assert distribution_of(item, rows_of((46, 4, 0, 0, 0)), TEAM).mean is None
    assert distribution_of(item, rows_of((50, 0, 0, 0, 0)), TEAM).counts == ()
    assert distribution_of(item, rows_of((30, 0, 20, 0, 0)), TEAM).mean is not None
