"""l and t by hand, and by plain Python: what belonging to a class tells of an answer."""

from __future__ import annotations

import math

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.disclosure.criteria import Criteria, failing_rows
from privacy.disclosure.diversity import diversity, t_closeness
from tests.privacy.disclosure import oracle

ROWS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from([-2, 1, 2, 3])), min_size=1, max_size=40)


def test_the_salaries_of_the_paper() -> None:
    # Li, Li, Venkatasubramanian 2007, section 3.4: {3k, 4k, 5k} against nine salaries of 3k to 11k is 0.375.
    frame = pl.DataFrame({"class": [1, 1, 1, 2, 2, 2, 3, 3, 3], "salary": [3, 4, 5, 6, 8, 11, 7, 9, 10]})
    assert math.isclose(t_closeness(frame, ["class"], "salary", True), 0.375)
    assert math.isclose(t_closeness(frame, ["class"], "salary"), 2 / 3)


@settings(deadline=None)
@given(ROWS)
def test_of_any_table(rows: list[tuple[int, int]]) -> None:
    frame = pl.DataFrame({"class": [one for one, _ in rows], "said": [said for _, said in rows]})
    each = [[rows[place][1] for place in places] for places in oracle.of_class([(one,) for one, _ in rows]).values()]
    whole = [said for _, said in rows]
    found = diversity(frame, ["class"], "said")
    assert found.distinct == min(map(oracle.distinct, each))
    assert math.isclose(found.entropy, min(map(oracle.entropy, each)))
    assert found.people == sum(len(one) for one in each if len(set(one)) == 1)
    assert math.isclose(found.most_guessed, max(max(one.count(said) for said in one) / len(one) for one in each))
    for ordered in (False, True):
        farthest = max(oracle.moved(one, whole, ordered) for one in each)
        assert math.isclose(t_closeness(frame, ["class"], "said", ordered), farthest, abs_tol=1e-9)


def test_whom_a_question_was_never_put_to_gives_no_answer_away() -> None:
    frame = pl.DataFrame({"class": [1, 1, 2, 2]})
    said = pl.DataFrame({"said": [None, None, 1, 1]})
    assert failing_rows(frame, ["class"], Criteria(2, {"said": 2}), said).to_list() == [False, False, True, True]


def test_t_is_measured_against_what_stays() -> None:
    # Class 3 is too small. Without it classes 1 and 2 are alike; with it they would differ from the whole.
    frame = pl.DataFrame({"class": [1, 1, 2, 2, 3]})
    said = pl.DataFrame({"said": [1, 2, 1, 2, 9]})
    assert failing_rows(frame, ["class"], Criteria(2, t={"said": 0.1}), said).to_list() == [False] * 4 + [True]


def test_t_is_measured_again_after_a_class_went() -> None:
    # All of class 1 say 1: it goes. Beside class 3, of which all say 2, class 2 was near to the whole only with it.
    frame = pl.DataFrame({"class": [1] * 4 + [2] * 5 + [3] * 10})
    said = pl.DataFrame({"said": [1] * 4 + [1, 1, 1, 2, 2] + [2] * 10})
    gone = failing_rows(frame, ["class"], Criteria(2, t={"said": 0.39}), said)
    assert gone.to_list() == [True] * 9 + [False] * 10
