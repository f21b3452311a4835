"""Show cards: the answers of closed questions in large type, for an interviewer to lay before somebody.

One card for each list of answers that several questions may share, in the order of the visit. A card holds the words
of the answers and nothing else: no code, no question, and never what anybody answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from instruments.model import Instrument, Item, PartName, Text

PARTS: tuple[PartName, ...] = ("demographics", "questionnaire")
FEWEST, MOST = 3, 24  # answers: fewer are easily said, more are no card that can be read at a glance


@dataclass(frozen=True)
class ShowCard:
    """One card: its number, the answers, those that stand apart below them, and the questions that it belongs to."""

    number: int
    answers: tuple[Text, ...]
    asides: tuple[Text, ...]
    questions: tuple[Item, ...]


def show_cards(instrument: Instrument, group: str) -> tuple[ShowCard, ...]:
    """The cards of a group, numbered from 1."""
    found: dict[tuple[tuple[Text, ...], tuple[Text, ...]], list[Item]] = {}
    for item in _closed(instrument, group):
        found.setdefault((_words(item, aside=False), _words(item, aside=True)), []).append(item)
    lists = (one for one in found.items() if FEWEST <= len(one[0][0]) <= MOST)
    return tuple(
        ShowCard(number, answers, asides, tuple(items)) for number, ((answers, asides), items) in enumerate(lists, 1)
    )


def _closed(instrument: Instrument, group: str) -> Iterator[Item]:
    for part in PARTS:
        yield from (item for item in instrument.items_of(group, part) if item.choices and item.is_asked)


def _words(item: Item, aside: bool) -> tuple[Text, ...]:
    return tuple(dict.fromkeys(choice.label for choice in item.choices if choice.aside == aside))
