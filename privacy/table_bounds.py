"""What can be worked out of withheld cells: the least and the most that each can be, given all that is published.

Everything a reader has goes in: published counts, every sum of every table that shares a cell, and that counts are
whole and not negative. Linear programs by HiGHS; where an end is not reached by whole numbers, solved again over whole
numbers, so that an interval is never said to be wider than it is. Reads and writes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import highspy

C = TypeVar("C", bound=Hashable)
Sum = tuple[C, tuple[C, ...]]  # a whole and its parts
NO_END = 10**6  # what no sum holds down: more people than any table has
CLOSE = 1e-6


@dataclass(frozen=True)
class Interval:
    """The least and the most that a cell can be; `high` None where nothing holds it."""

    low: int
    high: int | None

    def is_wide(self, least: int) -> bool:
        """Whether it leaves at least this much open."""
        return self.high is None or self.high - self.low >= least


def bounds(
    counts: Mapping[C, int], sums: Sequence[Sum[C]], withheld: Collection[C], wanted: Iterable[C]
) -> dict[C, Interval]:
    """What can be worked out of these withheld cells."""
    asked = set(wanted)
    found: dict[C, Interval] = {}
    for cells, rows in _components(counts, sums, withheld):
        ours = [cell for cell in cells if cell in asked]
        if ours:
            program = _Program(cells, rows)
            found |= {cell: program.interval(cell) for cell in ours}
    return found


class Moves(Generic[C]):
    """Ways to make a withheld cell larger, every sum still holding, while some published cells stay as they are."""

    def __init__(self, counts: Mapping[C, int], sums: Sequence[Sum[C]], staying: Collection[C]) -> None:
        self._counts = counts
        self._parts = [(cells, rows) for cells, rows in _components(counts, sums, counts.keys() - frozenset(staying))]
        self._of = {cell: place for place, (cells, _) in enumerate(self._parts) for cell in cells}

    def part(self, cell: C) -> int:
        """Which of the parts that do not hang together the cell is in."""
        return self._of[cell]

    def size(self, part: int) -> int:
        """How many cells it has."""
        return len(self._parts[part][0])

    def moved(self, withheld: Collection[C], target: C, level: int) -> frozenset[C] | None:
        """The published cells that must be withheld too, so that the target could be as much as `level`.

        Of all ways, one that moves the fewest published people; None where there is none.
        """
        cells, rows = self._parts[self._of[target]]
        solver, goal = _quiet(), float(level - self._counts[target])
        for cell in cells:  # how far each count goes up, and how far down
            cost = 0.0 if cell in withheld else 1.0 + self._counts[cell]
            for sign, most in ((1, float(NO_END)), (-1, float(self._counts[cell]))):
                is_target, fixed = cell == target, max(goal * sign, 0.0)
                _column(solver, cost, fixed if is_target else 0.0, fixed if is_target else most)
        for row, _ in rows:
            _row(solver, [(2 * at + down, value * (1 - 2 * down)) for at, value in row for down in (0, 1)], 0.0)
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        told = solver.getSolution().col_value
        gone = (cell for at, cell in enumerate(cells) if abs(told[2 * at] - told[2 * at + 1]) > CLOSE)
        return frozenset(cell for cell in gone if cell not in withheld)


class _Program:
    """The withheld cells of one component, with what their sums must come to."""

    def __init__(self, cells: Sequence[object], rows: Sequence[tuple[list[tuple[int, float]], float]]) -> None:
        self._at = {cell: place for place, cell in enumerate(cells)}
        self._solver = _quiet()
        for _ in cells:
            _column(self._solver, 0.0, 0.0, float(NO_END))
        for row, total in rows:
            _row(self._solver, row, total)

    def interval(self, cell: object) -> Interval:
        """The ends for one cell, reached by whole numbers."""
        low, high = (self._end(self._at[cell], sign) for sign in (1.0, -1.0))
        return Interval(low, None if high >= NO_END else high)

    def _end(self, place: int, sign: float) -> int:
        self._solver.changeColCost(place, sign)
        value, is_whole = self._solved(place)
        if not is_whole:
            value = self._over_whole_numbers(place)
        self._solver.changeColCost(place, 0.0)
        return round(value)

    def _over_whole_numbers(self, place: int) -> float:
        each = range(len(self._at))
        for one in each:
            self._solver.changeColIntegrality(one, highspy.HighsVarType.kInteger)
        value, _ = self._solved(place)
        for one in each:
            self._solver.changeColIntegrality(one, highspy.HighsVarType.kContinuous)
        return value

    def _solved(self, place: int) -> tuple[float, bool]:
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise ArithmeticError("the bounds of a table were not found, though its own counts are a solution")
        told = self._solver.getSolution().col_value
        return told[place], all(abs(value - round(value)) < CLOSE for value in told)


def _components(
    counts: Mapping[C, int], sums: Sequence[Sum[C]], hidden: Collection[C]
) -> Iterator[tuple[list[C], list[tuple[list[tuple[int, float]], float]]]]:
    """Withheld cells that sums tie together, each lot with its sums: published cells cut the others apart."""
    lot = {cell: cell for cell in hidden}
    left = [(whole, parts, [cell for cell in (whole, *parts) if cell in hidden]) for whole, parts in sums]
    for _, _, tied in left:
        for cell in tied[1:]:
            lot[_root(lot, cell)] = _root(lot, tied[0])
    cells: dict[C, list[C]] = {}
    for cell in sorted(hidden, key=_order):
        cells.setdefault(_root(lot, cell), []).append(cell)
    at = {cell: place for ours in cells.values() for place, cell in enumerate(ours)}
    rows: dict[C, list[tuple[list[tuple[int, float]], float]]] = {root: [] for root in cells}
    for whole, parts, tied in left:
        if tied:
            total = sum(counts[part] for part in parts if part not in hidden)
            gap = (0 if whole in hidden else counts[whole]) - total
            row = [(at[cell], -1.0 if cell == whole else 1.0) for cell in tied]
            rows[_root(lot, tied[0])].append((row, float(gap)))
    for root, ours in cells.items():
        yield ours, rows[root]


def _root(lot: dict[C, C], cell: C) -> C:
    while lot[cell] != cell:
        lot[cell] = lot[lot[cell]]
        cell = lot[cell]
    return cell


def _order(cell: object) -> str:
    return repr(sorted(cell) if isinstance(cell, frozenset) else cell)


class _Quiet(highspy.Highs):
    """The solver, which otherwise prints its name when it begins."""

    def enableCallbacks(self) -> None:  # noqa: N802 (the solver's name; called while it is made, and it prints)
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]


def _quiet() -> highspy.Highs:
    solver = _Quiet()  # type: ignore[no-untyped-call]
    solver.setOptionValue("threads", 1)
    return solver


def _column(solver: highspy.Highs, cost: float, low: float, high: float) -> None:
    solver.addCol(cost, low, high, 0, [], [])


def _row(solver: highspy.Highs, row: Sequence[tuple[int, float]], total: float) -> None:
    solver.addRow(total, total, len(row), [place for place, _ in row], [value for _, value in row])
