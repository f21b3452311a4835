"""What a group answered to one question, as counts: all answers, or answers taken together, or nothing.

A row of counts is told whole or not at all, so nothing in it has to be worked out from what stands beside it. Where
some answer has too few people, neighbouring answers are taken together, from five to three; where that does not
help, the row is withheld.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from instruments.model import Item
from release.summary.intervals import interval
from release.summary.rules import Rules

ENDS = (1, 5)  # of a scale of answers that has a mean
# How five ordered answers are taken together: places from the lowest.
THREE = ((0, 1), (2,), (3, 4))


@dataclass(frozen=True)
class ItemMean:
    """The mean of one question's answers. No interval where answers are withheld or taken together.

    An interval tells the deviation, and with it how many gave each answer.
    """

    number: int
    mean: Fraction
    low: Fraction | None
    high: Fraction | None


@dataclass(frozen=True)
class Distribution:
    """One question. `answers`: which codes stand together; `counts`: of each of these, empty where withheld.

    `mean`: None where it is not told. `missing`: how many said -1, how many -2; None where that is not told.
    """

    item: Item
    number: int | None
    answers: tuple[tuple[str, ...], ...]
    counts: tuple[int, ...]
    mean: ItemMean | None
    missing: tuple[int, int] | None
    asked: int


def distribution_of(item: Item, people: pl.DataFrame, rules: Rules) -> Distribution:
    """What may be told of this question over these people."""
    codes = [choice.code for choice in item.choices if not choice.aside]
    told = _counts(item, people)
    counts = [told.get(code, 0) for code in codes]
    number = sum(counts)
    missing, asked = _missing(told, rules), sum(told.values())
    if number < rules.mean:
        return Distribution(item, None, (), (), None, missing, asked)
    together = _together(codes, counts, is_scale(item), rules)
    shown = tuple(sum(told.get(code, 0) for code in group) for group in together)
    mean = _mean(counts, together, rules) if is_scale(item) else None
    return Distribution(item, number, together, shown, mean, missing, asked)


def without_numbers(told: Distribution) -> Distribution:
    """The same question with nothing told of what was answered."""
    return Distribution(told.item, None, (), (), None, told.missing, told.asked)


def is_scale(item: Item) -> bool:
    """Whether the answers are five steps from 1 to 5, so that they have a middle and a mean."""
    codes = [choice.code for choice in item.choices if not choice.aside]
    return item.kind == "select_one" and codes == ["1", "2", "3", "4", "5"]


def _counts(item: Item, people: pl.DataFrame) -> dict[str, int]:
    if item.name not in people.columns:
        return {}
    found = people.get_column(item.name).drop_nulls().cast(pl.String).value_counts(name="..count")
    return dict(found.iter_rows())


def _together(
    codes: Sequence[str], counts: Sequence[int], is_ordered: bool, rules: Rules
) -> tuple[tuple[str, ...], ...]:
    ways = [tuple((place,) for place in range(len(codes))), *([THREE] if is_ordered else [])]
    for way in ways:
        row = tuple(sum(counts[place] for place in group) for group in way)
        if rules.may_tell(row) and sum(count > 0 for count in row) > 1:
            return tuple(tuple(codes[place] for place in group) for group in way)
    return ()


def _mean(counts: Sequence[int], together: Sequence[Sequence[str]], rules: Rules) -> ItemMean | None:
    """The mean, unless it would tell, with the counts beside it, of an answer that too few people gave."""
    number, total = sum(counts), sum(count * value for value, count in enumerate(counts, 1))
    mean = Fraction(total, number)
    if min(total - ENDS[0] * number, ENDS[1] * number - total) < rules.cell or sum(count > 0 for count in counts) < 2:
        return None
    if len(together) == len(counts):
        squares = sum(count * value * value for value, count in enumerate(counts, 1))
        low, high = interval(mean, (squares - number * mean * mean) / (number - 1), number)
        return ItemMean(number, mean, max(low, Fraction(ENDS[0])), min(high, Fraction(ENDS[1])))
    return ItemMean(number, mean, None, None) if not together or _stay_open(counts, rules) else None


def _stay_open(counts: Sequence[int], rules: Rules) -> bool:
    """Whether, from three counts and the mean, each of the four answers taken together stays open by a whole cell.

    The mean tells how many more answered 5 than 1, and no more: so how many answered 1 lies between two bounds, and
    each of the other three moves with it.
    """
    low, high = counts[0] + counts[1], counts[3] + counts[4]
    more = counts[4] - counts[0]
    return min(low, high - more) - max(0, -more) >= rules.cell


def _missing(told: Mapping[str, int], rules: Rules) -> tuple[int, int] | None:
    """How many did not know, how many rather did not say: both or neither, as one would follow from the other."""
    asked, counts = sum(told.values()), tuple(told.get(code, 0) for code in ("-1", "-2", "-9"))
    rows = [(count, asked - count) if rules.zero_too else (count,) for count in counts]
    return (counts[0], counts[1]) if asked >= rules.mean and all(map(rules.may_tell, rows)) else None
