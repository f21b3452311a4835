"""The one definition of what an answer may be: read what was typed, settle a record, check a settled record again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Literal

from errors import AnswersRefused
from instruments.expressions import as_text, evaluate, fold_digits, holds, uses_today
from instruments.hierarchies import coarsen
from instruments.model import (
    BLANK,
    NOT_APPLICABLE,
    Answers,
    Choice,
    Hierarchy,
    Instrument,
    Item,
    Value,
    as_value,
    in_order,
)
from instruments.numbers import is_on_scale, plain_date, plain_decimal

# What a field says when it refuses; forms/ translates these sentences.
SENTENCES = {
    "one": "Please choose one answer.",
    "offered": "Please choose one of the answers offered.",
    "number": "Please type a whole number.",
    "decimal": "Please type a number.",
    "date": "Please give the day, the month and the year.",
    "scale": "Please choose a number on the scale.",
    "rank": "Please give each one a place of its own.",
    "long": "Please make this shorter.",
    "alone": "This answer cannot be chosen with another one.",
    "rule": "Please check this answer.",
}
ALONE = {-1, -2}
MOST_TOLD = 20  # sentences about one record: it may be wrong in everything


def read_value(item: Item, typed: Sequence[str]) -> Value | None:
    """What was typed, as a value; None when nothing was. Raises AnswersRefused with a sentence."""
    said = [text for text in (_clean(item, one) for one in typed) if text]
    if not said:
        return None
    if item.kind == "select_multiple":
        return _several(item, [part for text in said for part in text.split()])
    if item.kind == "rank":
        return _ranked(item, said)
    # A number field and its "Prefer not to say" share one name; the choice wins over what was typed.
    aside = [text for text in said if any(choice.code == text and choice.aside for choice in item.choices)]
    if len(set(said)) > 1 and not aside:
        raise AnswersRefused(SENTENCES["one"])
    return _single(item, aside[0] if aside else said[0])


def is_relevant(item: Item, answers: Answers) -> bool:
    """Whether the item is asked, given the other answers."""
    return holds(item.relevant, answers)


def answered(items: Iterable[Item], values: Mapping[str, Value], today: str = "") -> dict[str, Value]:
    """The values that count: of items that apply, given what counts before them, with what is calculated from these.

    `items` stand in the visit's order. An answer that was routed past no longer leads to what hangs on it. `today` is
    the ISO date that today() gives.
    """
    kept: dict[str, Value] = {}
    for item in items:
        value = worked_out(item, kept, today) if item.kind == "calculate" else values.get(item.name)
        if value is not None and is_relevant(item, kept):
            kept[item.name] = value
    return kept


def worked_out(item: Item, answers: Answers, today: str = "") -> Value | None:
    """The value of a calculated item, given the answers before it; None for none."""
    if item.calculation is None:
        return None
    result = evaluate(item.calculation, answers, today=today)
    # What is no number is no value.
    return None if result != result else as_text(result)[: item.max_length] or None


def offered(item: Item, answers: Answers) -> tuple[Choice, ...]:
    """The choices that are offered, given the other answers. What may always be said aside is never filtered out."""
    return tuple(choice for choice in item.choices if _is_offered(item, choice, answers))


def check_value(item: Item, value: Value, answers: Answers, today: str = "") -> Literal["offered", "rule"] | None:
    """Why this value is refused beside the other answers: it is not offered then, or breaks the item's own rule."""
    if item.choice_filter and not _picked(item, value) <= {choice.code for choice in offered(item, answers)}:
        return "offered"
    return None if holds(item.constraint, answers, value, today) else "rule"


def settle(instrument: Instrument, group: str, values: Mapping[str, Value], today: str = "") -> dict[str, Value]:
    """The research record's answers: -8 where an item was routed past, -9 where it was left blank, age as its band."""
    kept = answered(_all_items(instrument, group), values, today)
    return {item.name: _settled(instrument, item, kept) for item in instrument.research_items(group)}


def problems_of(instrument: Instrument, group: str, answers: Answers) -> tuple[str, ...]:
    """What is wrong with a settled record, one sentence each, not all of very many.

    Names variables of the questionnaire alone, never what was said: whoever seals a record could write anything as the
    name of an answer that nobody asked, so those are counted.
    """
    items = {item.name: item for item in instrument.research_items(group)}
    strange = sum(name not in items for name in answers)
    strangers = (f"answers that are not asked of this group: {strange}",) if strange else ()
    missing = (f"{name} is missing" for name in items if name not in answers)
    return (*strangers, *islice(chain(missing, _faults(instrument, items, answers)), MOST_TOLD))


def said(answers: Answers) -> dict[str, Value]:
    """What counts in the rules of other items: not what was left blank or routed past."""
    return {name: value for name, value in answers.items() if value not in (BLANK, NOT_APPLICABLE)}


def is_allowed_beside(instrument: Instrument, item: Item, value: Value, answers: Answers) -> bool:
    """Whether a value of a settled record could have been given to an item that was asked, beside the other answers."""
    others = said(answers)
    return _is_allowed(instrument, item, value, others) and check_value(item, value, others) != "offered"


def stored_codes_of(instrument: Instrument, item: Item) -> set[Value]:
    """The codes that a number is stored as, where it is never stored as it was typed; else none."""
    if item.kind != "integer" or not item.stored_level or not item.hierarchy:
        return set()
    return _stored_codes(instrument.hierarchy(item.hierarchy), item.stored_level)


def _all_items(instrument: Instrument, group: str) -> Iterator[Item]:
    for part in instrument.visit(group):
        yield from (item for block in part.blocks for item in block.items)


def _is_offered(item: Item, choice: Choice, answers: Answers) -> bool:
    return choice.aside or holds(item.choice_filter, answers, columns=dict(choice.columns))


def _picked(item: Item, value: Value) -> set[str]:
    codes = {str(code) for code in (value if isinstance(value, tuple) else (value,))}
    return codes & _codes(item)


def _clean(item: Item, text: str) -> str:
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = text.replace("\t", " ")
    kept = "".join(one for one in text if one == "\n" or unicodedata.category(one) not in ("Cc", "Cs"))
    if not item.multiline:
        kept = kept.replace("\n", " ")
    return kept.strip() if item.kind == "text" else fold_digits(kept).strip()


def _single(item: Item, text: str) -> Value:
    if item.kind == "text":
        return _checked_text(item, text)
    if text in _codes(item):
        return text if item.kind == "statement" else as_value(text)
    if item.kind not in OPEN:
        raise AnswersRefused(SENTENCES["offered"])
    value = OPEN[item.kind](text)
    if item.step and not is_on_scale(str(value), item.lowest, item.highest, item.step):
        raise AnswersRefused(SENTENCES["scale"])
    return value


def _whole(text: str) -> Value:
    # Numbers below zero stand for what is missing, so nobody can type one.
    if not re.fullmatch("[0-9]{1,9}", text):
        raise AnswersRefused(SENTENCES["number"])
    return int(text)


def _decimal(text: str) -> Value:
    number = plain_decimal(text)
    if number is None:
        raise AnswersRefused(SENTENCES["decimal"])
    return number


def _date(text: str) -> Value:
    day = plain_date(text)
    if day is None:
        raise AnswersRefused(SENTENCES["date"])
    return day


OPEN: Mapping[str, Callable[[str], Value]] = {"integer": _whole, "decimal": _decimal, "date": _date}


def _checked_text(item: Item, text: str) -> Value:
    if item.uppercase:
        text = text.upper()
    if text in _codes(item):
        return int(text)
    if len(text) > item.max_length:
        raise AnswersRefused(SENTENCES["long"])
    return text


def _several(item: Item, said: Sequence[str]) -> Value:
    if not set(said) <= _codes(item):
        raise AnswersRefused(SENTENCES["offered"])
    codes = in_order(map(as_value, said))
    if len(codes) > 1 and ALONE & set(codes):
        raise AnswersRefused(SENTENCES["alone"])
    return codes


def _ranked(item: Item, said: Sequence[str]) -> Value:
    codes = tuple(map(as_value, said))
    if not _is_ranking(item, codes):
        raise AnswersRefused(SENTENCES["rank"])
    return codes


def _settled(instrument: Instrument, item: Item, values: Mapping[str, Value]) -> Value:
    if not is_relevant(item, values):
        return NOT_APPLICABLE
    if item.name not in values:
        return BLANK
    value = values[item.name]
    if item.hierarchy and item.stored_level:
        return coarsen(instrument.hierarchy(item.hierarchy), item.stored_level, value, values)
    return value


def _faults(instrument: Instrument, items: Mapping[str, Item], answers: Answers) -> Iterator[str]:
    given = said(answers)
    for name, item in items.items():
        value = answers.get(name, BLANK)
        if is_relevant(item, given) == (value == NOT_APPLICABLE):
            yield f"{name} does not follow the routing"
        elif name in given and not _is_allowed(instrument, item, value, given):
            yield f"{name} has a value that was never offered"
        elif name in given and check_value(item, value, given) == "offered":
            yield f"{name} has a value that was not offered beside the other answers"
        elif _can_be_worked_out(item) and value != NOT_APPLICABLE and given.get(name) != worked_out(item, given):
            yield f"{name} is not what its calculation gives"


def _can_be_worked_out(item: Item) -> bool:
    """Whether the record alone tells what a calculation gave: it does not say on which day it was."""
    return item.calculation is not None and not uses_today(item.calculation)


def _keeps_its_rule(item: Item, value: Value, said: Answers) -> bool:
    is_of_a_day = item.constraint is not None and uses_today(item.constraint)
    return is_of_a_day or holds(item.constraint, said, value)


def _is_allowed(instrument: Instrument, item: Item, value: Value, said: Answers) -> bool:
    if isinstance(value, tuple):
        is_offered = _is_ranking(item, value) if item.kind == "rank" else _are_offered(item, value)
        return is_offered and _keeps_its_rule(item, value, said)
    if _is_code(item, value):
        return item.kind not in ("select_multiple", "rank")
    if item.kind == "integer" and item.stored_level and item.hierarchy:
        return value in _stored_codes(instrument.hierarchy(item.hierarchy), item.stored_level)
    return _is_typed(item, value) and _keeps_its_rule(item, value, said)


def _is_code(item: Item, value: object) -> bool:
    return type(value) in (int, str) and str(value) in _codes(item) and as_value(str(value)) == value


def _is_typed(item: Item, value: Value) -> bool:
    """Whether this could have been typed into the item's box, and then be stored so."""
    if item.kind in ("text", "calculate"):
        return isinstance(value, str) and len(value) <= item.max_length
    if item.kind not in OPEN or isinstance(value, tuple) or isinstance(value, int) != (item.kind == "integer"):
        return False
    try:
        return _single(item, str(value)) == value
    except AnswersRefused:
        return False


def _are_offered(item: Item, codes: tuple[int | str, ...]) -> bool:
    known = item.kind == "select_multiple" and all(_is_code(item, code) for code in codes)
    return bool(codes) and known and codes == in_order(codes) and (len(codes) == 1 or not ALONE & set(codes))


def _is_ranking(item: Item, codes: tuple[int | str, ...]) -> bool:
    wanted = {as_value(choice.code) for choice in item.choices if not choice.aside}
    # True counts as 1 in a set, and so does 1.0; neither is an answer.
    return all(_is_code(item, code) for code in codes) and (
        len(codes) == len(wanted)
        and set(codes) == wanted
        or (len(codes) == 1 and codes[0] in ALONE & set(map(as_value, _codes(item))))
    )


def _codes(item: Item) -> set[str]:
    return {choice.code for choice in item.choices}


def _stored_codes(hierarchy: Hierarchy, level: int) -> set[Value]:
    return {as_value(category.code) for category in hierarchy.levels[level - 1].categories}
