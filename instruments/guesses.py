"""Answers that may meet an item's rule, guessed from its bounds, its pattern, its texts. Checks none of them."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from errors import InstrumentError
from instruments.answers import offered
from instruments.expressions import as_text, evaluate
from instruments.model import Answers, Item, Tree
from instruments.rules.conversions import as_date
from instruments.rules.patterns import PIECE, REPEAT

COMPARED = ("<", "<=", ">", ">=", "=", "!=")
# In a pattern's place one of these that the pattern takes; letters of several scripts are among them.
CHARACTERS = string.digits + string.ascii_letters + " -_.+@/:,'()" + "éğşابپনা"
FIRST, LAST = "1900-01-01", "2200-01-01"  # days that are taken for bounds
LONGEST_REPEAT = 3  # more than the least that a pattern asks for
FAR = 1000  # numbers or days beyond a bound
WORDS = "We would like to be asked before it is decided, and to be told afterwards what came of it. "


def guesses(item: Item, before: Answers, today: str, chance: random.Random) -> Iterator[list[str]]:
    """What might be typed, without an end while there is anything to guess; the likeliest first."""
    make = GUESSED.get(item.kind)
    bounds = list(_bounds(item.constraint, before, today)) if item.constraint else []
    while make is not None:
        found = list(make(item, before, [*bounds, today], chance))
        if not found:
            return
        yield from found


def _bounds(tree: Tree, before: Answers, today: str) -> Iterator[str]:
    """What `.`, or something made of it, is compared with."""
    parts = [part for part in tree[1:] if isinstance(part, tuple)]
    if tree[0] in COMPARED:
        for side in [part for part in parts if not _is_about_itself(part)]:
            try:
                yield as_text(evaluate(side, before, today=today))
            except InstrumentError:
                continue
    if tree[0] == "call" and tree[1] in ("regex", "selected"):
        yield from (part[1] for part in parts if part[0] == "text")
    for part in parts:
        yield from _bounds(part, before, today)


def _is_about_itself(tree: Tree) -> bool:
    return tree[0] == "self" or any(_is_about_itself(part) for part in tree[1:] if isinstance(part, tuple))


def _numbers(item: Item, before: Answers, bounds: Sequence[str], chance: random.Random) -> Iterator[list[str]]:
    told = sorted({float(bound) for bound in bounds if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", bound)})
    known = sorted({int(bound) for bound in told})
    for low, high in zip(known, known[1:], strict=False):
        yield [str(chance.randint(low, high))]
    for bound in known:
        near = (bound, bound + 1, max(bound - 1, 0), chance.randint(bound, bound + FAR))
        yield from ([str(number)] for number in near)
    if item.kind == "decimal":
        yield from ([f"{number:.6f}"] for number in told)
        yield from ([f"{(low + high) / 2:.6f}"] for low, high in zip(told, told[1:], strict=False))
    yield [str(chance.randint(0, FAR))]


def _days(item: Item, before: Answers, bounds: Sequence[str], chance: random.Random) -> Iterator[list[str]]:
    told = sorted({iso for bound in bounds if FIRST < (iso := as_date(bound)) < LAST})
    known = list(map(date.fromisoformat, told))
    for first, last in zip(known, known[1:], strict=False):
        yield [str(first + timedelta(chance.randint(0, (last - first).days)))]
    for day in known:
        # Those long before and after hold on every day on which somebody tries the form.
        for away in (-chance.randint(1, FAR), 10 * FAR, 0, 1, -1):
            yield [str(day + timedelta(away))]


def _texts(item: Item, before: Answers, bounds: Sequence[str], chance: random.Random) -> Iterator[list[str]]:
    for bound in bounds:
        yield [_matching(bound, chance)]
        if bound.isdecimal() and int(bound) <= (item.max_length or FAR):
            lengths = (int(bound), int(bound) + 1, max(int(bound) - 1, 1))
            yield from ([_of_length(length)] for length in lengths)
        yield [bound]
    yield [_of_length(min(item.max_length or len(WORDS), len(WORDS)))]


def _of_length(length: int) -> str:
    # No space at either end, which would be cut off.
    return (WORDS * (length // len(WORDS) + 1))[: max(length - 1, 0)].replace(" ", "-") + "s" * bool(length)


def _matching(pattern: str, chance: random.Random) -> str:
    """A text for a pattern: one alternative of every group, each piece as often as it must be or a little more."""
    return _alternative(pattern, 0, chance)[0]


def _alternative(pattern: str, at: int, chance: random.Random) -> tuple[str, int]:
    made = [""]
    while at < len(pattern):
        found = PIECE.match(pattern, at)
        if found is None:  # an anchor
            at += 1
            continue
        repeat = REPEAT.match(pattern, found.end())
        at = repeat.end() if repeat else found.end()
        if found["close"]:
            break
        if found["or"]:
            made.append("")
        elif found["open"]:
            inner, at = _alternative(pattern, at, chance)
            made[-1] += inner
        else:
            made[-1] += "".join(_piece(found.group(), chance) for _ in range(_times(repeat, chance)))
    return chance.choice(made), at


def _piece(piece: str, chance: random.Random) -> str:
    try:
        fitting = [one for one in CHARACTERS if re.fullmatch(piece, one)]
    except re.error:  # a text that is no pattern
        fitting = []
    return chance.choice(fitting) if fitting else piece[-1]


def _times(repeat: re.Match[str] | None, chance: random.Random) -> int:
    if repeat is None:
        return 1
    least = {"*": 0, "+": 1, "?": 0}.get(repeat["sign"] or "", int(repeat["least"] or 0))
    if repeat["sign"] is None and not repeat["comma"]:
        return least
    most = 1 if repeat["sign"] == "?" else int(repeat["most"] or least + LONGEST_REPEAT)
    return chance.randint(least, min(most, least + LONGEST_REPEAT))


def _several(item: Item, before: Answers, bounds: Sequence[str], chance: random.Random) -> Iterator[list[str]]:
    codes = [choice.code for choice in offered(item, before)]
    wanted = [bound for bound in bounds if bound in codes]
    for count in range(1, len(codes) + 1):
        yield chance.sample(codes, count)
        yield list(dict.fromkeys([*wanted, *chance.sample(codes, count)]))


def _one(item: Item, before: Answers, bounds: Sequence[str], chance: random.Random) -> Iterator[list[str]]:
    codes = [choice.code for choice in offered(item, before)]
    yield from ([code] for code in chance.sample(codes, len(codes)))


def _ranked(item: Item, before: Answers, bounds: Sequence[str], chance: random.Random) -> Iterator[list[str]]:
    codes = [choice.code for choice in offered(item, before) if not choice.aside]
    yield from (chance.sample(codes, len(codes)) for _ in codes)


Guess = Callable[[Item, Answers, Sequence[str], random.Random], Iterator[list[str]]]
GUESSED: dict[str, Guess] = {
    "integer": _numbers, "decimal": _numbers, "date": _days, "text": _texts, "select_multiple": _several,
    "select_one": _one, "rank": _ranked,
}  # fmt: skip
