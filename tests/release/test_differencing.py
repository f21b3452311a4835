"""No sequence of releases lets one to nine people be worked out; an independent reader subtracts every way there is."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release.differencing import held_back, remainders

KEY = b"k" * 32
PEOPLE = [bytes([number]) * 16 for number in range(60)]


def reachable(releases: list[frozenset[bytes]]) -> list[frozenset[bytes]]:
    """Everything that intersections and differences of these sets single out at their finest: no shared code."""
    atoms = []
    for inside in product((True, False), repeat=len(releases)):
        if any(inside):
            atom = frozenset.union(*releases)
            for one, is_in in zip(releases, inside, strict=True):
                atom = atom & one if is_in else atom - one
            atoms.append(atom)
    return [atom for atom in atoms if atom]


def refused(people: frozenset[bytes], *earlier: frozenset[bytes]) -> bool:
    return bool(remainders(people, earlier))


# Cohorts of people who are in or out of a release together, and a few who come and go alone, so that small differences
# and large ones both come up.
cohorts = st.lists(st.integers(0, 5), min_size=1, max_size=6, unique=True)
strays = st.lists(st.integers(0, 59), max_size=6, unique=True)


@st.composite
def wishes(draw: st.DrawFn) -> frozenset[bytes]:
    whole = {number for cohort in draw(cohorts) for number in range(cohort * 10, cohort * 10 + 10)}
    return frozenset(PEOPLE[number] for number in whole ^ set(draw(strays)))


def made_one_after_another(wanted: list[frozenset[bytes]]) -> None:
    made: list[frozenset[bytes]] = []
    for people in wanted:
        kept = people - held_back(people, made, KEY)
        assert remainders(kept, made) == ()
        assert (kept == people) is not refused(people, *made), "nobody is held back where nothing can be worked out"
        if kept:
            made.append(kept)
    # A first release, or one that shares nobody with any other, may be small: then it is not cut out, but given out.
    small = [atom for atom in reachable(made) if len(atom) < 10]
    assert all(atom in made for atom in small)


@given(st.lists(wishes(), min_size=2, max_size=5))
@settings(max_examples=40, deadline=None)
def test_no_sequence_of_releases_cuts_out_one_to_nine_people(wanted: list[frozenset[bytes]]) -> None:
    made_one_after_another(wanted)


@pytest.mark.torture
@given(st.lists(wishes(), min_size=2, max_size=5))
@settings(max_examples=5_000, deadline=None)
def test_none_of_thousands_of_sequences_does(wanted: list[frozenset[bytes]]) -> None:
    made_one_after_another(wanted)


def test_each_way_to_differ_by_few_is_seen_and_the_same_again_is_none() -> None:
    some, few, many = frozenset(PEOPLE[:30]), frozenset(PEOPLE[30:39]), frozenset(PEOPLE[30:40])
    assert not refused(some, some)
    assert refused(some | few, some)
    assert refused(some, some | few)
    assert refused(some | frozenset(PEOPLE[30:31]), some)
    assert not refused(some | many, some)
    assert not refused(few, some), "what shares nobody leaves nothing to subtract"
    assert refused(frozenset(PEOPLE[11:26]), frozenset(PEOPLE[:30]), frozenset(PEOPLE[:20])), "three at a time"


def test_as_few_are_held_back_as_it_takes() -> None:
    some, newcomers = frozenset(PEOPLE[:30]), frozenset(PEOPLE[30:35])
    assert held_back(some | newcomers, [some], KEY) == newcomers
    gone = frozenset(PEOPLE[:27])
    held = held_back(gone, [some], KEY)
    assert len(held) == 7, "three went away, so seven more make ten"
    assert held != held_back(gone, [some], b"x" * 32)
    assert held_back(frozenset(PEOPLE[:12]), [frozenset(PEOPLE[:14])], KEY) == frozenset(PEOPLE[:12])
    assert held_back(frozenset(PEOPLE[:5]), [some], KEY) == frozenset(PEOPLE[:5])
