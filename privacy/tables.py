"""Tables of counts that tell of nobody: which cells are withheld, so that what is told does not give them away.

A cell is what it says of its people ({site: 1, sex: 2}); a margin says less, so one cell that stands in two tables is
one cell, and the tables are linked by it. Primary: a cell with too few people, and a row of which everybody is in one
cell. Secondary: more cells, until what is published, with every sum that it must add up to, leaves each withheld cell
at least `least` wide (privacy/table_bounds.py solves for that exactly). Never published: why a cell is withheld.

Cox, "Suppression methodology and statistical disclosure control" (JASA 75, 1980): primary and secondary cells and
sums. Fischetti and Salazar-González (JASA 95, 2000): what must be protected, as linear programs. de Wolf, "HiTaS"
(2002): linked tables are protected together. Cells are added by the program of Robertson (1993): no claim is made that
as few as possible are withheld.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

from privacy.table_bounds import Moves, Sum, bounds

Cell = frozenset[tuple[str, str]]  # variable and value, of each variable that it fixes
Crossing = tuple[str, ...]  # the variables of a table
TOTAL: Cell = frozenset()  # fixes nothing: everybody
SMALL = 200  # cells of a part whose bounds are all worked out anew in no time


@dataclass(frozen=True)
class Tables:
    """Linked tables of the same people. `counts` of every cell and margin; `sums`: a margin and its parts.

    `links`: the margins that several tables share, and the total. They are withheld last.
    """

    counts: Mapping[Cell, int] = field(repr=False)
    sums: tuple[Sum[Cell], ...] = field(repr=False)
    links: frozenset[Cell] = field(repr=False)


def tables_of(
    people: Iterable[Mapping[str, str]], crossings: Sequence[Crossing], values: Mapping[str, Sequence[str]]
) -> Tables:
    """The tables of these people with all their margins. `values`: every value that a variable can have."""
    everybody = tuple(people)
    counts: dict[Cell, int] = {}
    for names in _margins(crossings):
        found = Counter(tuple(person[name] for name in names) for person in everybody)
        for told in product(*(values[name] for name in names)):
            counts[frozenset(zip(names, told, strict=True))] = found[told]
    return Tables(counts, tuple(_sums(counts, crossings, values)), frozenset(_links(counts, crossings)))


def is_ring(crossings: Sequence[Crossing]) -> bool:
    """Whether tables hang together in a ring (a-b, b-c, c-a), so that more follows from them than their sums say.

    Graham's and Yu and Ozsoyoglu's reduction: where it takes everything away, cells that add up can always be people.
    """
    left = [set(names) for names in crossings]
    while True:
        seen = Counter(name for names in left for name in names)
        lone = [{name for name in names if seen[name] > 1} for names in left]
        kept = [
            names
            for place, names in enumerate(lone)
            if not any(names < other or (names == other and place < at) for at, other in enumerate(lone) if at != place)
        ]
        if kept == left:
            return any(kept) and len(kept) > 1
        left = kept


def primary(tables: Tables, least: int, zero_too: bool) -> frozenset[Cell]:
    """The cells that are withheld for their own sake: too few people, or everybody of a row in one cell."""
    few = {cell for cell, count in tables.counts.items() if count < least and (zero_too or count)}
    alike = {
        part
        for whole, parts in tables.sums
        for part in parts
        if tables.counts[part] == tables.counts[whole] and len(parts) > 1 and tables.counts[whole]
    }
    return frozenset(few | alike)


def withhold(tables: Tables, least: int, zero_too: bool) -> frozenset[Cell]:
    """Every cell that is not published: those of `primary`, and more until none of them can be worked out.

    Afterwards what can be worked out of each is an interval at least `least` wide: never one number, and never only
    numbers below `least`.
    """
    withheld = set(primary(tables, least, zero_too))
    looked_at: Collection[Cell] = frozenset(withheld)
    while looked_at:
        if TOTAL in withheld:
            return frozenset(tables.counts)  # of people too few to be counted, nothing is told
        found = bounds(tables.counts, tables.sums, withheld, looked_at)
        narrow = {cell: found[cell].low + least for cell in looked_at if not found[cell].is_wide(least)}
        more = _more(tables, withheld, narrow, least) or _fewest(tables, withheld, narrow)
        withheld |= more
        looked_at = narrow.keys() | more  # what was wide stays wide: to withhold more only widens
    return frozenset(withheld)


def _more(tables: Tables, withheld: Collection[Cell], narrow: Mapping[Cell, int], least: int) -> set[Cell]:
    """Cells that open the narrow ones up to their levels. In a small part one at a time, as it may open the others."""
    moves, more, done = Moves(tables.counts, tables.sums, tables.links - frozenset(withheld)), set[Cell](), set[int]()
    for cell in sorted(narrow, key=lambda one: (tables.counts[one], sorted(one))):
        part = moves.part(cell)
        if part in done and (moves.size(part) <= SMALL or _is_open(tables, {*withheld, *more}, cell, least)):
            continue
        found = moves.moved({*withheld, *more}, cell, narrow[cell])
        if found is None:  # only where a shared margin moves too
            return more | _with_links(tables, {*withheld, *more}, cell, narrow[cell])
        done.add(part)
        more |= found
    return more


def _fewest(tables: Tables, withheld: Collection[Cell], narrow: Mapping[Cell, int]) -> set[Cell]:
    """The published cell of fewest people: where fractions of people would do for the program, and people do not."""
    shown = tables.counts.keys() - withheld
    return {min(shown, key=lambda one: (tables.counts[one], sorted(one)))} if narrow else set()


def _is_open(tables: Tables, withheld: Collection[Cell], cell: Cell, least: int) -> bool:
    return bounds(tables.counts, tables.sums, withheld, [cell])[cell].is_wide(least)


def _with_links(tables: Tables, withheld: Collection[Cell], cell: Cell, level: int) -> frozenset[Cell]:
    found = Moves(tables.counts, tables.sums, [TOTAL]).moved(withheld, cell, level)
    return frozenset([TOTAL]) if found is None else found


def narrow_cells(tables: Tables, withheld: Iterable[Cell], least: int) -> frozenset[Cell]:
    """The withheld cells that what is published gives away to less than `least`: none, of what `withhold` chose."""
    hidden = frozenset(withheld)
    found = bounds(tables.counts, tables.sums, hidden, hidden)
    return frozenset(cell for cell in hidden if not found[cell].is_wide(least))


def _margins(crossings: Sequence[Crossing]) -> Iterator[Crossing]:
    """Every table and margin once, the variables of each in one order."""
    seen: set[frozenset[str]] = set()
    for names in crossings:
        for size in range(len(names) + 1):
            for fewer in combinations(names, size):
                if frozenset(fewer) not in seen:
                    seen.add(frozenset(fewer))
                    yield fewer


def _links(counts: Mapping[Cell, int], crossings: Sequence[Crossing]) -> Iterator[Cell]:
    shapes = {frozenset(names) for names in crossings}
    for cell in counts:
        fixed = {name for name, _ in cell}
        if not fixed or sum(fixed <= shape for shape in shapes) > 1:
            yield cell


def _sums(
    counts: Mapping[Cell, int], crossings: Sequence[Crossing], values: Mapping[str, Sequence[str]]
) -> Iterator[Sum[Cell]]:
    shapes = {frozenset(names) for names in _margins(crossings)}
    for whole in counts:
        fixed = frozenset(name for name, _ in whole)
        for shape in sorted((one for one in shapes if one > fixed and len(one) == len(fixed) + 1), key=sorted):
            (name,) = shape - fixed
            yield whole, tuple(whole | {(name, value)} for value in values[name])
