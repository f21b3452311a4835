"""Withheld cells stay withheld: every table that could be behind what is published is counted out without a solver."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.table_bounds import Interval, Moves, bounds
from privacy.tables import Cell, Crossing, Tables, is_ring, narrow_cells, primary, tables_of, withhold

SMALL = {"a": ("x", "y"), "b": ("1", "2"), "c": ("p", "q")}
LINKED: tuple[Crossing, ...] = (("a", "b"), ("a", "c"))
SHAPES = [LINKED, (("a", "b"),), (("a", "b", "c"),)]
EMPTY: Cell = frozenset()


@st.composite
def small_tables(draw: st.DrawFn, most: int = 4) -> Tables:
    """Tables of a few people, small enough to count out every other one."""
    crossings = draw(st.sampled_from(SHAPES))
    names = sorted({name for shape in crossings for name in shape})
    people = draw(
        st.lists(st.fixed_dictionaries({name: st.sampled_from(SMALL[name]) for name in names}), max_size=most)
    )
    return tables_of(people, crossings, SMALL)


def inner(tables: Tables) -> list[Cell]:
    wholes = {whole for whole, _ in tables.sums}
    return [cell for cell in tables.counts if cell not in wholes]


def worlds(tables: Tables, hidden: frozenset[Cell], most: int) -> Iterator[Mapping[Cell, int]]:
    """Every set of tables of whole numbers that adds up and agrees with what is published. Solves nothing."""
    cells = inner(tables)
    choices = [range(most + 1) if cell in hidden else (tables.counts[cell],) for cell in cells]
    for numbers in product(*choices):
        world: dict[Cell, int] = dict(zip(cells, numbers, strict=True))
        if adds_up(tables, world) and all(world[cell] == tables.counts[cell] for cell in world.keys() - hidden):
            yield world


def adds_up(tables: Tables, world: dict[Cell, int]) -> bool:
    """Fill in the margins, the finest first; False where two ways to one margin differ."""
    for whole, parts in sorted(tables.sums, key=lambda one: -len(one[0])):
        total = sum(world[part] for part in parts)
        if world.setdefault(whole, total) != total:
            return False
    return True


@settings(max_examples=40, deadline=None)
@given(small_tables(), st.data())
def test_bounds_are_those_of_every_table_counted_out(tables: Tables, data: st.DataObject) -> None:
    shown = [cell for cell in tables.counts if cell != EMPTY]
    hidden = frozenset(data.draw(st.lists(st.sampled_from(shown), max_size=6, unique=True)))
    found = bounds(tables.counts, tables.sums, hidden, hidden)
    possible = list(worlds(tables, hidden, tables.counts[EMPTY]))
    assert possible
    for cell in hidden:
        numbers = [world[cell] for world in possible]
        assert found[cell] == Interval(min(numbers), max(numbers))


@settings(max_examples=30, deadline=None)
@given(small_tables(most=7), st.booleans())
def test_nothing_withheld_can_be_worked_out_from_what_is_published(tables: Tables, zero_too: bool) -> None:
    least = 2
    hidden = withhold(tables, least, zero_too)
    assert primary(tables, least, zero_too) <= hidden
    # With the total withheld too, no end holds a world; counting up to a few more people than there are is enough.
    possible = list(worlds(tables, hidden, tables.counts[EMPTY] + least)) if len(inner(tables)) <= 4 else []
    for cell in hidden if possible else ():
        numbers = [world[cell] for world in possible]
        assert max(numbers) - min(numbers) >= least
    assert not narrow_cells(tables, hidden, least)


def crossed(rows: Mapping[str, tuple[int, ...]]) -> Tables:
    """A table of these counts by row."""
    people = [
        {"r": row, "c": str(at)} for row, told in rows.items() for at, count in enumerate(told) for _ in range(count)
    ]
    width = len(next(iter(rows.values())))
    return tables_of(people, [("r", "c")], {"r": tuple(rows), "c": tuple(map(str, range(width)))})


def cell(**told: str) -> Cell:
    return frozenset(told.items())


def test_small_counts_zero_and_a_row_all_alike_are_withheld_for_their_own_sake() -> None:
    tables = crossed({"x": (30, 9, 12), "y": (0, 40, 0), "z": (25, 25, 25)})
    outside, inside = primary(tables, 10, zero_too=True), primary(tables, 5, zero_too=False)
    assert {cell(r="x", c="1"), cell(r="y", c="0"), cell(r="y", c="1")} <= outside
    assert cell(r="y", c="1") in inside
    assert not {cell(r="y", c="0"), cell(r="x", c="1")} & inside


def test_one_small_cell_takes_others_with_it() -> None:
    tables = crossed({"x": (30, 3, 40), "y": (50, 60, 70)})
    assert narrow_cells(tables, [cell(r="x", c="1")], 10)  # from the row's sum
    hidden = withhold(tables, 10, zero_too=True)
    assert len(hidden) == 4
    assert EMPTY not in hidden


def test_two_small_cells_that_hold_each_other_too_tightly_are_not_enough() -> None:
    tables = crossed({"x": (3, 2, 40), "y": (4, 3, 70)})
    first = primary(tables, 10, zero_too=True)
    assert narrow_cells(tables, first, 10)
    assert not narrow_cells(tables, withhold(tables, 10, zero_too=True), 10)


def test_linked_tables_are_protected_together() -> None:
    values = {"a": ("x", "y"), "b": ("1", "2"), "c": ("p", "q")}
    people = [{"a": "x", "b": "1", "c": "p"}] * 4 + [{"a": "x", "b": "2", "c": "q"}] * 30
    people += [{"a": "y", "b": b, "c": c} for b in "12" for c in "pq" for _ in range(20)]
    tables = tables_of(people, LINKED, values)
    alone = withhold(tables_of(people, [("a", "b")], values), 10, zero_too=True)
    both = withhold(tables, 10, zero_too=True)
    assert not narrow_cells(tables, both, 10)
    assert narrow_cells(tables, alone | {cell(a="x", c="p")}, 10)  # the second table gives its own small cell away


def test_whole_numbers_are_looked_at_where_fractions_would_seem_wider() -> None:
    # Half of each of x, y and z would make s one and a half; with whole people s is at most one.
    sums = [("one", ("x", "y", "a")), ("two", ("y", "z", "b")), ("three", ("x", "z", "c")), ("s", ("x", "y", "z"))]
    counts = {"one": 1, "two": 1, "three": 1, "s": 1, "x": 1, "y": 0, "z": 0, "a": 0, "b": 1, "c": 0}
    assert bounds(counts, sums, set("sxyzabc"), ["s"]) == {"s": Interval(0, 1)}


def test_the_solver_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert bounds({"all": 3, "a": 1, "b": 2}, [("all", ("a", "b"))], ["a", "b"], ["a"]) == {"a": Interval(0, 3)}
    assert capfd.readouterr() == ("", "")


def test_of_too_few_people_nothing_is_told() -> None:
    tables = crossed({"x": (3, 2), "y": (1, 3)})
    assert withhold(tables, 10, zero_too=True) == tables.counts.keys()
    within = crossed({"x": (3, 0), "y": (1, 0)})  # a zero alone would be told within the team
    assert withhold(within, 5, zero_too=False) == within.counts.keys()


def test_tables_that_share_only_published_margins_are_solved_apart() -> None:
    tables = tables_of([{"a": "x", "b": "1", "c": "p"}], LINKED, SMALL)
    one, other = cell(a="x", b="1"), cell(a="x", c="p")
    apart, together = (Moves(tables.counts, tables.sums, staying) for staying in (tables.links, ()))
    assert apart.part(one) != apart.part(other)
    assert together.part(one) == together.part(other)
    assert together.size(together.part(one)) == len(tables.counts)


def test_margins_that_tables_share_are_withheld_last() -> None:
    values = {"s": ("1", "2"), **{name: tuple("abc") for name in "pqr"}}
    people = [
        {"s": s, "p": p, "q": "abc"[at % 3], "r": p} for s in "12" for p in "abc" for at in range(3 if p == s else 40)
    ]
    people += [{"s": "1", "p": "a", "q": "b", "r": "c"}] * 4
    tables = tables_of(people, [("s", name) for name in "pqr"], values)
    assert not withhold(tables, 10, zero_too=True) & tables.links


@pytest.mark.parametrize(
    ("crossings", "ring"),
    [
        ([("a", "b"), ("b", "c"), ("c", "a")], True),
        ([("a", "b"), ("b", "c"), ("c", "d")], False),
        ([("a", "b"), ("b", "c"), ("c", "a"), ("a", "b", "c")], False),
        ([("a", "b"), ("b", "c"), ("c", "d"), ("d", "a")], True),
        ([("a",), ("b",)], False),
        ([()], False),
    ],
)
def test_tables_that_hang_together_in_a_ring_are_known(crossings: list[Crossing], ring: bool) -> None:
    assert is_ring(crossings) is ring


@pytest.mark.torture
@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries({"s": st.sampled_from("12"), "p": st.sampled_from("abcd"), "q": st.sampled_from("abcd")}),
        max_size=150,
    )
)
def test_many_tables_of_a_survey_are_protected(people: list[dict[str, str]]) -> None:
    values = {"s": ("1", "2"), "p": tuple("abcd"), "q": tuple("abcd")}
    tables = tables_of(people, [("s", "p"), ("s", "q")], values)
    hidden = withhold(tables, 10, zero_too=True)
    assert not narrow_cells(tables, hidden, 10)
    assert all(tables.counts[one] >= 10 for one in tables.counts.keys() - hidden)
