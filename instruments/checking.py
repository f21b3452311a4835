"""Check many settled records at once: says quickly of most that nothing is wrong. Never says so where something is.

The definition of what is wrong stays instruments/answers.py: whatever is not plainly right here is asked there. Answers
stand in columns, so that most are looked at as a set; what a routing rule gives depends on a few answers only, so it is
worked out once for each combination of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from operator import itemgetter

from instruments.answers import is_allowed_beside, is_relevant, problems_of, said, stored_codes_of
from instruments.expressions import names
from instruments.model import BLANK, NOT_APPLICABLE, Answers, Instrument, Item, Value, as_value

Columns = Mapping[str, Sequence[Value]]
MOST_KNOWN = 10_000  # combinations that are remembered of a rule


def check_records(instrument: Instrument, group: str, records: Sequence[Answers]) -> list[tuple[str, ...] | None]:
    """What `problems_of` says of each of these settled records of a group; None where they are no answers at all."""
    found: list[tuple[str, ...] | None] = [()] * len(records)
    for place in _checker(instrument, group).in_doubt(records):
        try:
            found[place] = problems_of(instrument, group, records[place])
        except (LookupError, TypeError, ValueError, AttributeError):
            found[place] = None
    return found


@cache
def _checker(instrument: Instrument, group: str) -> _Checker:
    return _Checker(instrument, group)


class _Checker:
    """What was worked out for one group of one version."""

    def __init__(self, instrument: Instrument, group: str) -> None:
        self._items = {item.name: item for item in instrument.research_items(group)}
        self._told = of_names(tuple(self._items))
        self._is_calculated = any(item.calculation is not None for item in self._items.values())
        self._plain = {name: _plain_values(instrument, item) for name, item in self._items.items()}
        self._others = {name: _other_check(instrument, item) for name, item in self._items.items()}
        self._routed = {name: _Routing(item) for name, item in self._items.items() if item.relevant is not None}

    def in_doubt(self, records: Sequence[Answers]) -> set[int]:
        """The places of records that must be looked at one by one."""
        if self._is_calculated:
            return set(range(len(records)))
        whole = [place for place, one in enumerate(records) if one.keys() == self._items.keys()]
        strange = set(range(len(records))).difference(whole)
        told = zip(*map(self._told, (records[place] for place in whole)), strict=True)
        columns = dict(zip(self._items, told, strict=True)) if whole else {}
        return strange | {whole[place] for name in columns for place in self._doubts(name, columns)}

    def _doubts(self, name: str, columns: Columns) -> Iterator[int]:
        values = columns[name]
        kinds = set(map(type, values))
        if not kinds <= {int, str, tuple}:
            # True is 1 to Python, and a list is nothing that a set can hold.
            yield from range(len(values))
            return
        if routing := self._routed.get(name):
            yield from routing.broken(values, columns)
        elif NOT_APPLICABLE in values:
            yield from (place for place, value in enumerate(values) if value == NOT_APPLICABLE)
        plain, other = self._plain[name], self._others[name]
        if tuple in kinds or not plain.issuperset(values):
            yield from (place for place, value in enumerate(values) if not _is_plain(value, plain) and not other(value))


def of_names(names: tuple[str, ...]) -> Callable[[Answers], tuple[Value, ...]]:
    """What takes the answers to these out of a record, in this order."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda record: tuple(record[name] for name in names)


def _is_plain(value: Value, plain: frozenset[Value]) -> bool:
    return type(value) is not tuple and value in plain


def _plain_values(instrument: Instrument, item: Item) -> frozenset[Value]:
    """What is right whatever else was said: codes where none is filtered, and what was left blank or routed past."""
    codes: set[Value] = {as_value(choice.code) for choice in item.choices}
    several = item.kind in ("select_multiple", "rank")
    sure: set[Value] = set() if several or item.choice_filter is not None else codes | stored_codes_of(instrument, item)
    return frozenset({BLANK, NOT_APPLICABLE, *sure})


def _other_check(instrument: Instrument, item: Item) -> Callable[[Value], bool]:
    """How a value that is no plain one is checked, as far as it can be without the other answers."""
    if item.choice_filter is not None or (item.constraint is not None and names(item.constraint)):
        return lambda value: False
    if item.kind == "text" and item.constraint is None and not item.choices:
        return lambda value: type(value) is str and len(value) <= item.max_length
    return _remembered(instrument, item)


def _remembered(instrument: Instrument, item: Item) -> Callable[[Value], bool]:
    known: dict[Value, bool] = {}

    def is_right(value: Value) -> bool:
        if type(value) is tuple and not {type(one) for one in value} <= {int, str}:
            return False
        if value not in known:
            if len(known) > MOST_KNOWN:
                known.clear()
            known[value] = is_allowed_beside(instrument, item, value, {item.name: value})
        return known[value]

    return is_right


class _Routing:
    """The rule by which an item is asked, remembered by the answers that it looks at."""

    def __init__(self, item: Item) -> None:
        self._item, self._needed = item, sorted(names(item.relevant) if item.relevant else ())
        self._known: dict[tuple[Value | None, ...], bool] = {}

    def broken(self, values: Sequence[Value], columns: Columns) -> Iterator[int]:
        """The places where it was answered though it was not to be asked, or the other way round."""
        nothing: Sequence[Value | None] = [None] * len(values)
        needed = [columns.get(name, nothing) for name in self._needed]
        if any(not {int, str}.issuperset(map(type, _inside(column))) for column in needed):
            yield from range(len(values))
            return
        keys = list(zip(*needed, strict=True)) if needed else [()] * len(values)
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        for key in set(keys) - self._known.keys():
            told = {name: value for name, value in zip(self._needed, key, strict=True) if value is not None}
            self._known[key] = is_relevant(self._item, said(told))
        known = self._known
        yield from (
            place
            for place, (key, value) in enumerate(zip(keys, values, strict=True))
            if known[key] == (value == NOT_APPLICABLE)
        )


def _inside(column: Sequence[Value | None]) -> Iterator[object]:
    for value in column:
        if type(value) is tuple:
            yield from value
        elif value is not None:
            yield value
