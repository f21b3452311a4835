"""The twelve people of the study's expected results: what a summary shows of them, and what it must not."""

from __future__ import annotations

from fractions import Fraction

import polars as pl
import pytest

from instruments.model import Instrument
from instruments.scoring import half_up
from release.summary.build import GroupSummary, build_summary
from release.summary.rules import TEAM, Rules
from tests.summaries import twelve

# Section 3: scale, valid n, mean, standard deviation; or why it is not shown.
SHOWN = [
    ("yp_fair", 10, "3.22", "1.1734"), ("yp_trust", 11, "3.12", "1.0681"), ("yp_trust_do", 11, "3.14", "1.1851"),
    ("yp_value", 11, "3.30", "0.9827"), ("yp_emo", 10, "3.03", "1.0701"), ("yp_mosq", 10, "3.20", "0.9775"),
    ("yp_focus", 10, "2.80", "1.1106"),
]  # fmt: skip
# Section 4, with the limit of complete people lowered.
ALPHAS = {"yp_fair": (8, "0.9558"), "yp_trust": (10, "0.9510"), "yp_value": (10, "0.8602"), "yp_emo": (9, "0.9321")}
SHARES = {
    "yp_fair": ("2.1", "12.5"), "yp_trust": ("2.1", "8.3"), "yp_value": ("0.0", "11.1"), "yp_open": ("16.7", "8.3"),
    "yp_emo": ("2.1", "8.3"), "yp_mosq": ("4.2", "8.3"), "yp_focus": ("8.3", "8.3"),
}  # fmt: skip


def group_of(instrument: Instrument, people: pl.DataFrame, rules: Rules = TEAM) -> GroupSummary:
    return build_summary(people, [instrument], ["young_person"], [], rules).groups[0]


@pytest.fixture(scope="module")
def told(instrument: Instrument) -> GroupSummary:
    return group_of(instrument, twelve())


def test_means_are_shown_as_expected(told: GroupSummary) -> None:
    found = [
        (row.scale.name, row.mean.number, half_up(row.mean.mean, 2), half_up(row.mean.deviation, 4))
        for row in told.scales
        if row.mean
    ]
    assert found == SHOWN


def test_a_facet_of_other_people_and_nine_people_are_withheld_with_their_number(told: GroupSummary) -> None:
    whole = {row.scale.name: (row.why, row.mean) for row in told.scales if row.part is None}
    assert whole["yp_trust_rel"] == ("facet", None)
    assert whole["yp_open"] == ("few", None)


def test_no_mean_of_a_site_or_a_way_of_asking_is_shown(told: GroupSummary) -> None:
    parts = {row.part for row in told.scales if row.part}
    assert parts == {("site", "1"), ("site", "2"), ("admin_mode", "self"), ("admin_mode", "interviewer")}
    assert not [row for row in told.scales if row.part and row.mean]


def test_a_filter_that_leaves_one_person_over_is_refused_and_one_of_all_is_not(instrument: Instrument) -> None:
    but_one = twelve().with_columns(site=pl.Series([1] * 10 + [2, 1], dtype=pl.Int32))
    assert not [row for row in group_of(instrument, but_one).scales if row.part and row.part[0] == "site" and row.mean]
    alike = twelve().with_columns(site=pl.lit(1, pl.Int32))
    shown = {row.scale.name for row in group_of(instrument, alike).scales if row.part == ("site", "1") and row.mean}
    assert shown == {name for name, *_ in SHOWN}


def test_alpha_needs_thirty_complete_people_and_is_exact_where_the_limit_is_lowered(
    instrument: Instrument, told: GroupSummary
) -> None:
    assert {row.mean.alpha for row in told.scales if row.mean} == {None}
    lowered = group_of(instrument, twelve(), Rules(cell=5, zero_too=False, decimals=2, reliability=8))
    found = {row.scale.name: row.mean for row in lowered.scales if row.mean}
    for name, (complete, exact) in ALPHAS.items():
        assert found[name].complete == complete
        assert half_up(Fraction(found[name].alpha or 0), 4) == exact


def test_missing_shares_are_withheld_as_fewer_than_five_people_stand_behind_each(
    instrument: Instrument, told: GroupSummary
) -> None:
    assert {(one.dont_know, one.not_said) for one in told.missing} == {(None, None)}
    counted = group_of(instrument, twelve(), Rules(cell=1, zero_too=False, decimals=2))
    shares = {one.scale.name: (one.dont_know, one.not_said) for one in counted.missing}
    assert {
        name: tuple(half_up((share or Fraction(0)) * 100, 1) for share in both) for name, both in shares.items()
    } == SHARES


def test_counts_of_answers_are_none_or_five_or_more(told: GroupSummary) -> None:
    counts = [count for _, block in told.blocks for one in block for count in one.counts]
    assert all(count == 0 or count >= 5 for count in counts)


def test_nothing_is_told_of_nine_people(instrument: Instrument) -> None:
    nine = group_of(instrument, twelve().head(9))
    assert (nine.people, nine.scales, nine.blocks, nine.missing) == (None, (), (), ())
