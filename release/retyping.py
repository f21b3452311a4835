"""Sheets that somebody types back, box by box: which words are not right, and where. Never tells a right word.

In a ceremony the desk still knows what it printed, so it can name the place of any mistake; of a sheet from an earlier
day only a word that is in no list can be named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from errors import ShareError
from privacy.shares import BY_STEM, STEM, WORDS, letters_of, read_share
from release.ceremony import Sheet

MOST_NAMED = 3  # words of a sheet that a sentence names by their places: no list of thirty-three is read
LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Reading:
    """A sheet as it was typed. `number`: which of its key's sheets it is, 0 while it is not right.

    `places`: the words that are not right, of which `blanks` are missing; `mistake` says so of fewer than all.
    """

    number: int
    mistake: str = ""
    places: tuple[int, ...] = ()
    blanks: int = 0


def word_list() -> tuple[str, ...]:
    """The 1,024 words that a sheet can have."""
    return tuple(BY_STEM.values())


def is_same(words: Sequence[str], others: Sequence[str]) -> bool:
    """Whether two sheets were typed of one paper."""
    return [one.casefold()[:STEM] for one in words] == [one.casefold()[:STEM] for one in others]


def in_boxes(typed: Sequence[str]) -> tuple[str, ...]:
    """What was typed, one word a box: also where somebody typed several into one."""
    boxes = [LETTERS.findall(box) for box in typed[:WORDS]]
    if all(len(box) < 2 for box in boxes):
        words = [box[0] if box else "" for box in boxes]
    else:
        words = [word for box in boxes for word in box][:WORDS]
    return tuple([*words, *[""] * WORDS][:WORDS])


def read_sheet(words: Sequence[str], sheets: Sequence[Sheet] = ()) -> Reading:
    """Whether these 33 words are a sheet; one of `sheets`, where those are known."""
    places = differences(words, sheets) or strangers(words)
    if places:
        blanks = sum(1 for place in places if not words[place - 1])
        return Reading(0, _in_words(places, blanks), places, blanks)
    try:
        share = read_share(" ".join(words))
    except ShareError as error:
        return Reading(0, str(error))
    if sheets and share.words not in [sheet.words for sheet in sheets]:
        return Reading(0, "These words are right, but of another sheet than those printed for this key.")
    return Reading(share.place)


def check_typed(typed: str, before: str = "", printed: Sequence[Sheet] = ()) -> None:
    """Raises ShareError where this is the sheet of before once more, or none of those that were printed."""
    words = letters_of(typed)
    if before and is_same(words, letters_of(before)):
        raise ShareError("This is the same sheet again. Please take another one of this key.")
    if printed and len(words) == WORDS:
        reading = read_sheet(words, printed)
        if not reading.number:
            raise ShareError(reading.mistake)


def strangers(words: Sequence[str]) -> tuple[int, ...]:
    """Where no word stands, or one that is not in the list."""
    return tuple(place for place, word in enumerate(words, 1) if word.casefold()[:STEM] not in BY_STEM)


def differences(words: Sequence[str], sheets: Sequence[Sheet]) -> tuple[int, ...]:
    """Where these words differ from the sheet that they are most like; nothing where they are like none."""
    found = [_apart(words, sheet.words) for sheet in sheets]
    least = min(found, key=len, default=())
    return least if len(least) < WORDS // 2 else ()


def _apart(words: Sequence[str], right: Sequence[str]) -> tuple[int, ...]:
    pairs = enumerate(zip(words, right, strict=True), 1)
    return tuple(place for place, (one, other) in pairs if one.casefold()[:STEM] != other[:STEM])


def _in_words(places: Sequence[int], blanks: int) -> str:
    if blanks == len(places):
        return "One word is missing." if blanks == 1 else f"{blanks} words are missing."
    if len(places) == 1:
        return f"Word {places[0]} is not right. Please look at the sheet again."
    if len(places) > MOST_NAMED:
        first = ", ".join(str(place) for place in places[:MOST_NAMED])
        return f"{len(places)} words are not right, the first of them {first}. Please look at the sheet again."
    told = ", ".join(str(place) for place in places[:-1])
    return f"Words {told} and {places[-1]} are not right. Please look at the sheet again."
