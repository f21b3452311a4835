"""Values removed or recoded: never more than asked for, and checked again from the result."""

from __future__ import annotations

import random
from collections import Counter

import polars as pl

from privacy.disclosure.coding import bottom_coded, rare_removed, rare_values, top_coded
from privacy.disclosure.loss import entropy_loss, entropy_of, share_lost
from privacy.disclosure.remainders import difference, is_small, leaves_few
from privacy.disclosure.suppression import suppress_cells


def test_a_few_values_are_removed_and_everyone_then_stands_among_k() -> None:
    for seed in range(40):
        rng = random.Random(seed)
        frame = pl.DataFrame({name: [rng.randint(1, 3) for _ in range(60)] for name in "abc"})
        k = rng.randint(2, 6)
        made = suppress_cells(frame, ["a", "b", "c"], k, ["c", "a"])
        sizes = Counter(made.frame.rows())
        stays = [row for place, row in enumerate(made.frame.rows()) if place not in set(made.failing)]
        assert all(sizes[row] >= k for row in stays)
        changed = [(old, new) for old, new in zip(frame.rows(), made.frame.rows(), strict=True) if old != new]
        assert all(b in (a, -6) for old, new in changed for a, b in zip(old, new, strict=True))
        removed = sum(made.cells.values())
        assert removed == sum(b == -6 for _, new in changed for b in new)
        # Who stood among k before loses nothing.
        before = Counter(frame.rows())
        assert all(before[old] < k for old, _ in changed)


def test_one_value_is_enough_where_one_person_differs_in_one() -> None:
    frame = pl.DataFrame({"a": [1, 1, 1, 1, 1, 1], "b": [1, 1, 1, 2, 3, 4]})
    made = suppress_cells(frame, ["a", "b"], 3, ["b"])
    assert (made.frame["b"].to_list(), made.cells, list(made.failing)) == ([1, 1, 1, -6, -6, -6], {"b": 3}, [])


def test_far_numbers_stand_at_the_bound_and_missing_codes_stay() -> None:
    ages = pl.Series("age", [-9, -2, 0, 16, 25, 40])
    assert top_coded(ages, 24).to_list() == [-9, -2, 0, 16, 24, 24]
    assert bottom_coded(ages, 18).to_list() == [-9, -2, 18, 18, 25, 40]


def test_rare_categories_go_together_and_never_as_the_only_ones() -> None:
    codes = pl.Series("role", [1] * 20 + [2] * 12 + [3] * 2)
    assert rare_values(codes, 5) == [3]
    # Two people removed would be the two of role 3: the next rarer role goes with them.
    assert Counter(rare_removed(codes, 5, -6).to_list()) == {1: 20, -6: 14}
    assert rare_removed(pl.Series("role", [1] * 5 + [2] * 5), 5, -6).to_list() == [1] * 5 + [2] * 5


def test_loss_by_hand() -> None:
    fine, coarse = pl.Series("f", [1, 2, 3, 4]), pl.Series("c", [0, 0, 1, 1])
    assert (entropy_loss(fine, coarse), entropy_of(fine), share_lost(fine, coarse)) == (1.0, 2.0, 0.5)
    assert entropy_loss(fine, fine) == 0.0


def test_a_difference_of_one_to_nine_tells() -> None:
    people = [bytes([n]) for n in range(30)]
    assert difference(set(people), set(people[:21])).tells
    assert not difference(set(people), set(people[:20])).tells
    assert not difference(set(people), set(people)).tells
    assert difference(set(people[:25]), set(people)).new == 5
    assert [is_small(n) for n in (0, 1, 9, 10)] == [False, True, True, False]
    assert leaves_few(12, 11)
    assert not leaves_few(12, 12)
