"""No count under ten is told, and none from 1 to 9 can be worked out from those that are: tried by linear algebra."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations, product

from hypothesis import example, given, settings
from hypothesis import strategies as st

from commands import DEFAULT_STUDY
from instruments.catalogue import load_study
from instruments.model import Instrument
from release.audit import LEAST, Consented, Counted, Table, Tally, consented

# What is put to whom in the default study, cut down: everybody, young people, police, leaders; choices of all and one.
PUT = {
    "young": ("c_info", "c_age", "o_results", "o_quote"),
    "police": ("c_info", "c_po_own", "o_results", "o_quote"),
    "leaders": ("c_info", "c_cl_self", "o_results", "o_quote", "o_cl_named"),
}
CHOICES = ("o_results", "o_quote", "o_cl_named")
REQUIRED = ("c_info", "c_age", "c_po_own", "c_cl_self")
Worlds = dict[str, tuple[int, dict[str, int]]]  # group: how many, and how many of them said yes to each choice
Row = list[Fraction]


@cache
def the_instrument() -> Instrument:
    """Not a fixture: hypothesis would write all of it out for each example."""
    return load_study(DEFAULT_STUDY).instrument


def told_of(world: Worlds) -> Consented:
    instrument, tally = the_instrument(), Tally()
    for group, (number, yes) in world.items():
        for place in range(number):
            said = {name: "yes" if name not in CHOICES or place < yes[name] else "no" for name in PUT[group]}
            tally.add(instrument.digest, "en", said.items())
    (table,) = tally.told({instrument.digest: instrument})
    return table


@st.composite
def worlds(draw: st.DrawFn) -> Worlds:
    world: Worlds = {}
    for group in PUT:
        number = draw(st.one_of(st.integers(0, 14), st.integers(0, 45)))
        yes = {name: draw(st.integers(0, number)) for name in CHOICES}
        world[group] = number, yes
    if not any(number for number, _ in world.values()):
        world["young"] = 1, dict.fromkeys(CHOICES, 1)
    return world


def asked_row(name: str) -> Row:
    return [Fraction(name in PUT[group]) for group in PUT] + [Fraction(0)] * (len(PUT) * len(CHOICES))


def yes_row(name: str) -> Row:
    if name not in CHOICES:
        return asked_row(name)
    cells = [(group, choice) for group in PUT for choice in CHOICES]
    return [Fraction(0)] * len(PUT) + [Fraction(choice == name and name in PUT[group]) for group, choice in cells]


def minus(one: Row, other: Row) -> Row:
    return [first - second for first, second in zip(one, other, strict=True)]


def equations(told: Consented) -> Iterator[Row]:
    """What the page tells exactly, over the unknown numbers of each group and of each group's yeses."""
    if told.people is not None:
        yield asked_row("c_info")
    for one in told.statements:
        if one.asked is not None:
            yield asked_row(one.statement)
        if one.yes is not None:
            yield yes_row(one.statement)
        if one.no is not None:
            yield minus(asked_row(one.statement), yes_row(one.statement))


def small_ones(world: Worlds) -> Iterator[tuple[str, Row]]:
    """Every number from 1 to 9 that could be of interest: of each group, several, each answer, each difference."""
    numbers = [Fraction(world[group][0]) for group in PUT]
    unknown = numbers + [Fraction(world[group][1][choice]) for group in PUT for choice in CHOICES]
    rows: dict[str, Row] = {name: asked_row(name) for name in (*REQUIRED, *CHOICES)}
    rows |= {f"yes {name}": yes_row(name) for name in CHOICES}
    rows |= {f"no {name}": minus(asked_row(name), yes_row(name)) for name in CHOICES}
    rows |= {f"c_info but {one}": minus(asked_row("c_info"), asked_row(one)) for one in (*REQUIRED, *CHOICES)}
    for one, two in combinations(REQUIRED[1:], 2):
        rows[f"neither {one} nor {two}"] = minus(minus(asked_row("c_info"), asked_row(one)), asked_row(two))
    for name, row in rows.items():
        if 1 <= sum(factor * value for factor, value in zip(row, unknown, strict=True)) < LEAST:
            yield name, row


def rank(rows: Sequence[Row]) -> int:
    left, found = [list(row) for row in rows], 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((row for row in left[found:] if row[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        left.insert(found, pivot)
        for row in left[found + 1 :]:
            factor = row[column] / pivot[column]
            row[:] = [value - factor * other for value, other in zip(row, pivot, strict=True)]
        found += 1
    return found


def few(number: int, yes: int = 0) -> tuple[int, dict[str, int]]:
    return number, dict.fromkeys(CHOICES, min(yes, number))


@settings(max_examples=60, deadline=None)
@given(worlds())
@example({"young": few(30), "police": few(20, 20), "leaders": few(7, 3)})
@example({"young": few(30), "police": few(5), "leaders": few(7)})
@example({"young": few(30, 29), "police": few(20, 20), "leaders": few(0)})
@example({"young": few(9), "police": few(0), "leaders": few(0)})
@example({"young": few(11, 10), "police": few(0), "leaders": few(0)})
def test_no_number_from_one_to_nine_is_told_or_follows(world: Worlds) -> None:
    told = told_of(world)
    shown = [number for one in told.statements for number in (one.asked, one.yes, one.no) if number is not None]
    assert all(number >= LEAST for number in shown)
    known = list(equations(told))
    before = rank(known)
    for name, row in small_ones(world):
        assert rank([*known, row]) > before, f"{name} follows from what is told"


def test_the_attack_itself_finds_what_a_careless_table_tells() -> None:
    careless = [asked_row(name) for name in REQUIRED[:3]]
    leaders = minus(minus(asked_row("c_info"), asked_row("c_age")), asked_row("c_po_own"))
    assert rank([*careless, leaders]) == rank(careless)
    assert rank([asked_row("c_info"), leaders]) == 2


def counted(world: Worlds, name: str) -> Counted:
    return next(one for one in told_of(world).statements if one.statement == name)


def test_what_is_told_where_there_are_enough_and_where_there_are_not() -> None:
    world = {"young": few(30, 12), "police": few(20, 20), "leaders": few(7, 3)}
    assert counted(world, "c_info") == Counted("c_info", False, 57, 57)
    assert counted(world, "c_age") == Counted("c_age", False), "the 7 leaders would follow"
    assert counted(world, "c_cl_self") == Counted("c_cl_self", False)
    whole = world | {"leaders": few(12)}
    assert [counted(whole, name).asked for name in REQUIRED] == [62, 30, 20, 12]
    assert counted(world | {"leaders": few(0)}, "c_cl_self") == Counted("c_cl_self", False), "nobody: told like a few"
    assert counted(world, "o_results") == Counted("o_results", True, 57, 35, 22)
    nearly = {"young": few(30, 29), "police": few(20, 20), "leaders": few(0)}
    assert counted(nearly, "o_results") == Counted("o_results", True, 50, yes_at_least=41)
    everybody = {"young": few(30, 30), "police": few(20, 20), "leaders": few(0)}
    assert counted(everybody, "o_results") == counted(nearly, "o_results"), "0 and 1 look alike"
    hardly = {"young": few(30, 1), "police": few(20, 0), "leaders": few(0)}
    assert counted(hardly, "o_results") == Counted("o_results", True, 50, no_at_least=41)
    ten = {"young": few(11, 10), "police": few(0), "leaders": few(0)}
    assert counted(ten, "o_results") == Counted("o_results", True, 11)


def seen(strata: dict[str, int], yes: int = 0) -> Consented:
    """What is told of so many people of each group, of whom so many young people want the results."""
    people = Counter({frozenset(PUT[group]): number for group, number in strata.items() if number})
    table = Table(people, Counter({name: number for name, number in said_yes(strata, yes).items() if number}))
    return consented("digest", "en", table, the_instrument())


def said_yes(strata: dict[str, int], yes: int) -> dict[str, int]:
    asked = {name: sum(number for group, number in strata.items() if name in PUT[group]) for name in REQUIRED}
    return asked | {"o_results": yes}


def test_bounds_pin_no_number_from_one_to_nine_either() -> None:
    """Every world of up to thirty people: those that look alike on the page never agree on a small group of people."""
    alike: dict[Consented, list[dict[str, int]]] = {}
    for young, police in product(range(31), repeat=2):
        for leaders in range(31 - young - police):
            world = {"young": young, "police": police, "leaders": leaders}
            if any(world.values()):
                alike.setdefault(seen(world), []).append(world)
    for several in alike.values():
        for groups in (*combinations(PUT, 1), *combinations(PUT, 2), tuple(PUT)):
            sizes = {sum(world[group] for group in groups) for world in several}
            assert len(sizes) > 1 or not 1 <= sizes.pop() < LEAST, (groups, several)
    nine = {"young": 9, "police": 9, "leaders": 0}
    assert len(alike[seen(nine)]) > 1, "nine and nine are not told by their sum"


def test_bounds_pin_no_small_number_of_answers() -> None:
    alike: dict[Consented, set[tuple[int, int]]] = {}
    for number in range(1, 41):
        for yes in range(number + 1):
            alike.setdefault(seen({"young": number}, yes), set()).add((yes, number - yes))
    for answers in alike.values():
        for found in zip(*answers, strict=True):
            assert len(set(found)) > 1 or not 1 <= found[0] < LEAST
