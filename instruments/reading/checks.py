"""What must hold between a study's items, scales and hierarchies. Finds every problem; changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from errors import AnswersRefused, Problem
from instruments.answers import read_value
from instruments.expressions import holds, names, uses_today
from instruments.model import Hierarchy, Item, Level, LevelRule, Scale
from instruments.reading.references import REFERENCE
from instruments.reading.repeats import WRITTEN_OUT
from instruments.reading.risk_words import risk_words_in
from instruments.reading.vocabulary import OURS
from instruments.reading.xlsform import Form
from instruments.rules.bounds import all_that_must_hold
from instruments.rules.spelling import can_be_written
from instruments.settings import Written

SCALE_CODES = {"1", "2", "3", "4", "5"}
YES_NO = ("yes", "no")
EVERYTHING_ELSE = "*"
A_CODE = "write a code of its list"
DEFAULTS: Mapping[str, str] = {
    "integer": "write a whole number from 0 that it offers",
    "decimal": "write a number from 0 that it offers",
    "date": "write a date such as 2026-01-31",
    "text": "write a shorter one",
}


def problems_between(
    told: Mapping[str, Any],
    forms: Mapping[str, Form],
    items: Mapping[str, Item],
    scales: Sequence[Scale],
    hierarchies: Sequence[Hierarchy],
    places: Mapping[str, str],
    written: Written,
) -> Iterator[Problem]:
    """Every problem of a study whose sheets and settings can each be read. `places`: the row's name for each item."""
    ordered = [forms[part["form"]] for part in told["parts"]]
    # What a setting leaves out comes first in the order: it may be named, and is then never answered.
    left_out = [name for form in ordered for name in form.rows if name not in items]
    order = {name: place for place, name in enumerate([*left_out, *items])}
    levels = {hierarchy.name: hierarchy for hierarchy in hierarchies}
    known = {scale.name for scale in scales}
    homes = {name: form for form in ordered for name in form.rows}
    for name, item in items.items():
        form = homes[places[name]]
        found = [*_item_problems(item, items, order), *_undeclared(item, known, levels, written.file)]
        yield from (form.problem(places[name], column, message) for column, message in dict.fromkeys(found))
    messages = [*_loose_ends(told, items), *_scale_problems(items, scales), *_hierarchy_problems(items, levels)]
    yield from (written.problem(message, setting) for setting, message in messages)


def _undeclared(
    item: Item, scales: set[str], hierarchies: Mapping[str, Hierarchy], file: str
) -> Iterator[tuple[str, str]]:
    for name in sorted(set(item.scales) - scales):
        yield "bind::amanah:scale", f"{file} declares no scale {name!r}"
    if item.hierarchy and item.hierarchy not in hierarchies:
        yield "bind::amanah:hierarchy", f"{file} declares no hierarchy {item.hierarchy!r}"
    elif item.stored_level > (len(hierarchies[item.hierarchy].levels) if item.hierarchy else 0):
        yield "bind::amanah:stored_level", f"the hierarchy of this item has no level {item.stored_level}"
    elif item.stored_level and item.kind != "integer":
        # The desk could not tell a coarser code from one that was never offered.
        yield "bind::amanah:stored_level", "only a whole number can be stored coarser than answered; leave it empty"


def _item_problems(item: Item, items: Mapping[str, Item], order: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    trees = {
        "relevant": item.relevant,
        "choice_filter": item.choice_filter,
        "constraint": item.constraint,
        "calculation": item.calculation,
    }
    for column in [column for column, tree in trees.items() if tree and not can_be_written(tree)]:
        yield column, f"this is too long {WRITTEN_OUT}"
        trees[column] = None
    for column, tree in trees.items():
        for other in sorted(names(tree)) if tree else ():
            if (message := _reference_problem(item, other, items, order)) is not None:
                yield column, message
    for column in ("relevant", "choice_filter"):
        if (rule := trees[column]) is not None and uses_today(rule):
            yield (
                column,
                "today() here could not be checked again at the desk, which is not told the day; ask for a date",
            )
    for text in (item.label, item.hint, item.guidance, *(choice.label for choice in item.choices)):
        for other in sorted(
            {name for _, words in text.translations for name in REFERENCE.findall(words)} if text else ()
        ):
            if (message := _order_problem(item.name, other, order)) is not None:
                yield "label", message
    if (message := _default_refused(item)) is not None:
        yield "default", message
    codes = tuple(choice.code for choice in item.choices)
    if not item.ethics and (found := risk_words_of(item)):
        told = f"the words {', '.join(found)} hint at one person's own risk (rule R4): a person must review this item,"
        yield "label", f"{told} and name the reference of the ethics decision in bind::amanah:ethics to go on"
    if item.kind == "statement" and codes != YES_NO:
        yield "type", "a statement has the choices yes and no"
    if item.kind == "statement" and item.kept != "identity":
        yield "bind::amanah:stored", "a statement is kept in the identity vault"
    if item.privacy == "direct" and item.kept == "research":
        yield "bind::amanah:stored", "what names a person directly is never kept with the answers"


def _default_refused(item: Item) -> str | None:
    if not item.default or not item.is_asked:
        return None
    try:
        value = read_value(item, item.default.split() if item.kind == "select_multiple" else [item.default])
    except AnswersRefused:
        remedy = DEFAULTS.get(item.kind, A_CODE)
        return f"the question itself would refuse {item.default!r}; {remedy}, or leave it empty"
    rules = [rule for rule in all_that_must_hold(item.constraint) if not names(rule) and not uses_today(rule)]
    if value is None or all(holds(rule, {}, value) for rule in rules):
        return None
    return f"the question's own constraint refuses {item.default!r}; write one that it lets pass, or leave it empty"


def out_of_place(item: Item, part: str) -> Iterator[tuple[str, str]]:
    """What stands in a part of the visit where it may not: the column and what to do."""
    stored = OURS + "stored"
    if part == "consent" and item.is_asked and item.kind != "statement" and not _bears_out(item):
        yield "type", "every question of the consent part is a statement; give it the appearance statement"
    if part != "consent" and item.kind == "statement":
        yield "type", "a statement is asked and kept in the consent part only; ask a select_one here"
    elif part not in ("consent", "contact") and item.kept == "identity":
        # On one screen and in one record with the answers, a name would say whose they are (rule R6).
        yield stored, "only the part contact keeps who somebody is, apart from answers; move it there, or write nowhere"
    if part == "contact" and item.is_kept:
        yield stored, "no answer is kept from the part contact, where people say who they are; ask it in another part"
    if part == "contact" and item.kept == "identity" and not item.is_asked:
        yield stored, "only what somebody types is kept with the contact details; write nowhere"


def _bears_out(item: Item) -> bool:
    """Whether it is a text that is kept with the consent record, such as a witness's code."""
    return item.kind == "text" and item.kept == "identity"


def loosened(items: Mapping[str, Item], file: str) -> Iterator[Problem]:
    """A warning for each value that is released though it is worked out from text that is withheld."""
    for item in items.values():
        sources = sorted(names(item.calculation)) if item.calculation and item.is_kept else []
        held = [name for name in sources if name in items and items[name].privacy == "open"]
        if held and item.privacy not in ("open", "direct"):
            told = f"{item.name} is worked out from {', '.join(held)}, which is withheld until a person has reviewed it"
            told += ", and would be released at once; make it open, or keep it nowhere"
            yield Problem(file, told, is_warning=True)


def risk_words_of(item: Item) -> tuple[str, ...]:
    """The words of an answer to be kept that hint at one person's own risk (rule R4), in languages with a list."""
    if item.kept != "research":
        return ()
    spoken = (pair for text in item.texts for pair in text.translations)
    return tuple(dict.fromkeys(word for language, words in spoken for word in risk_words_in(words, language)))


def _reference_problem(item: Item, other: str, items: Mapping[str, Item], order: Mapping[str, int]) -> str | None:
    if (message := _order_problem(item.name, other, order)) is not None:
        return message
    about = items.get(other)
    if item.kept == "research" and about and (about.kept != "research" or about.stored_level):
        # The desk checks the routing of a record again, from the record alone.
        told = f"{other!r} is not kept as answered with the answers, so this could not be checked again at the desk"
        return f"{told}; keep this nowhere too, let it rest on another question, or keep {other!r} with the answers"
    return None


def _order_problem(name: str, other: str, order: Mapping[str, int]) -> str | None:
    if other not in order:
        return f"there is no item {other!r}"
    return f"{other!r} comes later in the visit; move it before this item" if order[other] >= order[name] else None


def _loose_ends(told: Mapping[str, Any], items: Mapping[str, Item]) -> Iterator[tuple[str, str]]:
    for name in told["switched_on"]:
        if name not in items:
            yield f"switched_on.{name}", f"switched_on names {name!r}, which is no item"
    for name in told["release"]["coarsening"]:
        if name not in items or not items[name].hierarchy:
            yield "release.coarsening", f"release.coarsening names {name!r}, which is no item with a hierarchy"
    for name in told["release"]["diversity"]:
        if name not in items:
            yield "release.diversity", f"release.diversity names {name!r}, which is no item"
    labels = [item.label for item in items.values()]
    spoken = {language for label in labels for language, _ in label.translations}
    # Words of our own stand there in English alone where a study's languages have none.
    written = {one for label in labels for one, _ in label.translations if one != "en" or len(label.translations) > 1}
    for language in sorted(written - set(told["languages"])):
        yield "languages", f"the sheets have words in {language!r}, which languages does not list"
    for language in told["languages"]:
        if language not in spoken:
            yield "languages", f"languages lists {language!r}, in which the sheets have no words"


def _scale_problems(items: Mapping[str, Item], scales: Sequence[Scale]) -> Iterator[tuple[str, str]]:
    known = {scale.name for scale in scales}
    for scale in scales:
        setting = f"scales.{scale.name}"
        if not 1 <= scale.minimum_answered <= len(scale.items):
            told = f"{len(scale.items)} items, and wants {scale.minimum_answered} answered"
            yield setting, f"scales: {scale.name} has {told}"
        if scale.parent and scale.parent not in known:
            yield setting, f"scales: there is no scale {scale.parent!r}, the parent of {scale.name}"
        for name in scale.items:
            if {choice.code for choice in items[name].choices if not choice.aside} != SCALE_CODES:
                yield setting, f"scales: {scale.name} needs the codes 1 to 5, which {name} has not"
            if scale.group not in items[name].groups:
                yield setting, f"scales: {scale.name} is for {scale.group}, which is not asked {name}"


def _hierarchy_problems(items: Mapping[str, Item], hierarchies: Mapping[str, Hierarchy]) -> Iterator[tuple[str, str]]:
    for name, hierarchy in hierarchies.items():
        users = [item for item in items.values() if item.hierarchy == name]
        if not users:
            yield f"hierarchies.{name}", f"no item uses the hierarchy {name!r}"
        for number, level in enumerate(hierarchy.levels, 1):
            for message in _level_problems(level, users, items):
                yield f"hierarchies.{name}.{number}", f"hierarchies.{name}, level {number}: {message}"


def _level_problems(level: Level, users: Sequence[Item], items: Mapping[str, Item]) -> Iterator[str]:
    if level.rule not in get_args(LevelRule):
        yield f"rule must be one of {', '.join(get_args(LevelRule))}"
    if (level.rule == "categories") != bool(level.categories):
        yield "only a level of categories has them, and it needs some"
    if (level.rule == "copy") != (level.source is not None) or (level.source and level.source not in items):
        yield "only a copy has a source, and it must be an item"
    members = {member for category in level.categories for member in category.members}
    for item in users if level.categories else ():
        codes = {choice.code for choice in item.choices if not choice.aside}
        if codes and members - codes - {EVERYTHING_ELSE}:
            yield f"{item.name} has no code {', '.join(sorted(members - codes - {EVERYTHING_ELSE}))}"
        if codes - members and EVERYTHING_ELSE not in members:
            yield f"no category takes the code {', '.join(sorted(codes - members))} of {item.name}"
