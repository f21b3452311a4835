"""A new version tells what it changes, in words, and what of it makes answers incomparable."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments.catalogue import load_study
from instruments.comparing.differences import Difference, breaking, differences, differences_to_all, in_lines
from instruments.comparing.item_differences import PLAIN, TREES, WORDS
from instruments.comparing.likeness import asks_the_same, says_the_same
from instruments.model import Block, Choice, Group, Instrument, Item, Part, Scale, Text
from instruments.rules.parsing import parse
from tests.changing import Change, english, in_english, with_item

FORMS = sorted((Path(__file__).parent / "data" / "forms").iterdir())


def told(instrument: Instrument, name: str, **changes: Any) -> list[Difference]:
    """What is told of one item when some of its fields change."""
    new = with_item(instrument, name, lambda item: replace(item, **changes))
    return [one for one in differences(instrument, new) if one.about == name]


def choices(instrument: Instrument, name: str, change: Callable[[tuple[Choice, ...]], tuple[Choice, ...]]) -> list[str]:
    """Why a change of an item's choices breaks comparability."""
    found = told(instrument, name, choices=change(instrument.item(name).choices))
    assert found
    return [one.breaks for one in found if one.breaks]


def test_equal_instruments_differ_in_nothing(instrument: Instrument) -> None:
    assert differences(instrument, replace(instrument)) == ()


def test_every_field_of_an_item_is_compared() -> None:
    compared = {*PLAIN, *WORDS, *TREES, "choices"}
    assert {one.name for one in fields(Item)} - {"name"} == compared


OTHER: dict[type, Any] = {str: "else", bool: True, int: 7, tuple: ("else",)}


@pytest.mark.parametrize("kind", [Instrument, Item, Choice, Block, Part, Group, Scale], ids=lambda kind: kind.__name__)
def test_whatever_changes_is_told_in_words(instrument: Instrument, kind: type) -> None:
    for one in fields(kind):
        new = changed_in(instrument, kind, one.name)
        found = differences(instrument, new)
        assert found, (kind, one.name)
        assert [difference for difference in found if difference.what == "details"] == [], (kind, one.name)
        assert in_lines(found)


def changed_in(instrument: Instrument, kind: type, field: str) -> Instrument:
    """The instrument with one field of its first thing of this kind changed."""
    if kind is Instrument and field in ("groups", "parts", "scales", "hierarchies"):
        return replace(instrument, **{field: getattr(instrument, field)[1:]})
    if kind is Instrument and field == "release":
        return replace(instrument, release=replace(instrument.release, k=9))
    if kind is Instrument:
        return with_other(instrument, field)
    if kind in (Group, Scale):
        name = "groups" if kind is Group else "scales"
        first, *rest = getattr(instrument, name)
        return replace(instrument, **{name: (with_other(first, field), *rest)})
    if kind in (Item, Choice):
        changed = (lambda item: with_other(item, field)) if kind is Item else with_choice(field)
        return with_item(instrument, "yp_contact_fair", changed)
    place = next(at for at, part in enumerate(instrument.parts) if part.name == "questionnaire")
    part = instrument.parts[place]
    if kind is Part:
        new = replace(part, blocks=part.blocks[1:]) if field == "blocks" else with_other(part, field)
    else:
        first = part.blocks[0]
        other = replace(first, items=first.items[1:]) if field == "items" else with_other(first, field)
        new = replace(part, blocks=(other, *part.blocks[1:]))
    return replace(instrument, parts=(*instrument.parts[:place], new, *instrument.parts[place + 1 :]))


def with_choice(field: str) -> Change:
    def change(item: Item) -> Item:
        first, *rest = item.choices
        other = replace(first, columns=(("area", "1"),)) if field == "columns" else with_other(first, field)
        return replace(item, choices=(other, *rest))

    return change


def with_other(thing: Any, field: str) -> Any:
    """The same thing with another value in one field."""
    now = getattr(thing, field)
    if field in ("relevant", "constraint", "calculation", "choice_filter"):
        value: Any = parse("${sex} = 1")
    elif field == "choices":
        value = now[1:]
    elif isinstance(now, Text) or field in WORDS or field == "title":
        value = english("Something else entirely, I think")
    elif isinstance(now, bool):
        value = not now
    else:
        value = OTHER[type(now)] if now is not None else "else" if field in ("hierarchy", "referent", "parent") else 7
    return replace(thing, **{field: value})


def test_words_are_told_by_language_and_a_rule_as_it_is_written(instrument: Instrument) -> None:
    item = instrument.item("yp_contact_fair")
    words = item.label.in_language("en")
    (found,) = told(instrument, item.name, label=in_english(item.label, words + " Please say."))
    assert (found.kind, found.what, found.language, found.breaks) == ("wording", "label", "en", "")
    assert (found.before, found.after) == (words, words + " Please say.")
    (found,) = told(instrument, item.name, relevant=parse("selected(${yp_contact}, '1')"))
    assert (found.kind, found.what, found.after) == ("rules", "relevant", "selected(${yp_contact}, '1')")
    assert found.before.startswith("selected(${yp_contact}, '1') or")


def test_a_language_that_is_added_is_told_once_and_not_for_every_text(instrument: Instrument) -> None:
    label = Text((*instrument.item("sex").label.translations, ("de", "Geschlecht")))
    more = (*instrument.languages, "de")
    new = replace(with_item(instrument, "sex", lambda item: replace(item, label=label)), languages=more)
    assert [(one.about, one.kind, one.after) for one in differences(instrument, new)] == [
        ("study", "languages", "en, ur, ar, bn, so, tr, de")
    ]


def test_an_item_that_comes_goes_or_moves_breaks_nothing(instrument: Instrument) -> None:
    gone = with_item(instrument, "yp_fair_2", lambda item: None)
    (removed,) = differences(instrument, gone)
    (added,) = differences(gone, instrument)
    assert ((removed.about, removed.kind), (added.about, added.kind)) == (
        ("yp_fair_2", "removed"),
        ("yp_fair_2", "added"),
    )
    assert removed.before == added.after
    assert not removed.breaks + added.breaks
    place, block = next(
        (at, block)
        for at, part in enumerate(instrument.parts)
        for block in part.blocks
        if "yp_fair_1" in [item.name for item in block.items]
    )
    turned = replace(block, items=(*block.items[1:], block.items[0]))
    part = instrument.parts[place]
    blocks = tuple(turned if one == block else one for one in part.blocks)
    parts = (*instrument.parts[:place], replace(part, blocks=blocks), *instrument.parts[place + 1 :])
    (moved,) = differences(instrument, replace(instrument, parts=parts))
    assert (moved.kind, moved.about, moved.breaks) == ("moved", block.items[0].name, "")


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "integer"}, {"reverse": True}, {"scales": ("another",)}, {"stored_level": 1}, {"hierarchy": "age"},
        {"label": english("How many hours do you work in a week?")}, {"lowest": "1"}, {"highest": "9"}, {"step": "2"},
        {"calculation": parse("1 + 1")},
    ],
    ids=lambda changes: next(iter(changes)),
)  # fmt: skip
def test_what_makes_a_question_another_one_breaks_comparability(
    instrument: Instrument, changes: dict[str, Any]
) -> None:
    (found,) = [one for one in told(instrument, "yp_contact_fair", **changes) if one.language in ("", "en")]
    assert found.breaks


@pytest.mark.parametrize(
    "changes",
    [
        {"required": True}, {"relevant": None}, {"hint": english("Take your time.")}, {"style": "compact"},
        {"privacy": "quasi"}, {"constraint": parse(". > 1")}, {"on_for": ()}, {"default": "1"},
    ],
    ids=lambda changes: next(iter(changes)),
)  # fmt: skip
def test_what_leaves_a_question_the_same_does_not(instrument: Instrument, changes: dict[str, Any]) -> None:
    (found,) = told(instrument, "yp_contact_fair", **changes)
    assert not found.breaks


def test_a_note_may_say_anything_else(instrument: Instrument) -> None:
    (found,) = told(instrument, "yp_start", label=in_english(instrument.item("yp_start").label, "Hello."))
    assert not found.breaks


def test_choices_that_change_break_comparability(instrument: Instrument) -> None:
    name = "yp_contact_fair"
    first = instrument.item(name).choices[0]
    assert choices(instrument, name, lambda ours: ours[1:]) == [f"the answer {first.code} can no longer be given"]
    assert choices(instrument, name, lambda ours: (replace(first, label=english("Blue")), *ours[1:])) == [
        f"the code {first.code} stands for other words"
    ]
    assert choices(instrument, name, lambda ours: (replace(first, code="77"), *ours[1:])) == [
        f"the same words had the code {first.code} and have the code 77 now"
    ]
    assert choices(instrument, name, lambda ours: (*ours, Choice("88", english("Perhaps")))) == []
    assert choices(instrument, name, lambda ours: ours[::-1]) == []


def test_a_scale_with_one_answer_more_is_another_scale(instrument: Instrument) -> None:
    assert instrument.item("yp_fair_1").scales
    more = Choice("6", english("Beyond that"))
    assert choices(instrument, "yp_fair_1", lambda ours: (*ours, more)) == ["its scale has one answer more (6)"]


def test_a_rank_breaks_with_its_order_and_with_what_is_ranked() -> None:
    form = next(form for form in FORMS if form.stem == "ranking")
    instrument = load_study(form).instrument
    name = next(
        item.name for part in instrument.parts for block in part.blocks for item in block.items if item.kind == "rank"
    )
    assert choices(instrument, name, lambda ours: ours[::-1])
    assert choices(instrument, name, lambda ours: (*ours, Choice("more", english("More"))))


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("Agree", "agree!", True), ("Agree", "Disagree", False), ("Very likely", "Very unlikely", False),
        ("Sometmes", "Sometimes", True), ("Male", "Female", False), ("Yes", "No", False), ("1 to 3", "1 to 4", False),
        ("Favour", "Favor", True), ("Not at all", "At all", False), ("often", "very often", False),
        ("نعم", "لا", False), ("نعم", "نعم.", True),
    ],
)  # fmt: skip
def test_choices_say_the_same_only_where_their_spelling_changed(before: str, after: str, same: bool) -> None:
    assert says_the_same(before, after) is says_the_same(after, before) is same


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("How old are you?", "How old are you now?", True),
        ("In the last 12 months, did you?", "In the last 6 months, did you?", False),
        ("The police listen.", "The police do not listen.", False),
        ("I trust them.", "I don't trust them.", False),
        ("How old are you?", "Where do you live?", False),
    ],
)
def test_questions_ask_the_same_unless_a_number_a_not_or_most_letters_changed(
    before: str, after: str, same: bool
) -> None:
    assert asks_the_same(before, after) is asks_the_same(after, before) is same


def test_scales_and_hierarchies_are_compared(instrument: Instrument) -> None:
    first, *rest = instrument.scales
    new = replace(instrument, scales=(replace(first, items=first.items[1:]), *rest))
    (found,) = differences(instrument, new)
    assert (found.about, found.kind, found.breaks) == (
        f"scale {first.name}",
        "scale",
        "its mean is taken over other items",
    )
    age = next(one for one in instrument.hierarchies if any(level.categories for level in one.levels))
    levels = tuple(replace(level, categories=level.categories[1:]) for level in age.levels)
    others = tuple(one for one in instrument.hierarchies if one != age)
    before = replace(instrument, hierarchies=(age, *others))
    found_here = differences(before, replace(instrument, hierarchies=(replace(age, levels=levels), *others)))
    assert {(one.about, one.kind) for one in found_here} == {(f"hierarchy {age.name}", "hierarchy")}
    assert breaking(found_here)


def test_a_name_that_was_gone_and_comes_back_as_something_else_is_found(instrument: Instrument) -> None:
    gone = replace(with_item(instrument, "yp_fair_2", lambda item: None), version="2")
    back = replace(with_item(instrument, "yp_fair_2", lambda item: replace(item, kind="text", choices=())), version="3")
    assert breaking(differences(gone, back)) == ()
    found = breaking(differences_to_all((instrument, gone), back))
    assert "type, as in version 1.0-draft" in [one.what for one in found]
    same = replace(instrument, version="3")
    assert breaking(differences_to_all((instrument, gone), same)) == ()


def test_a_code_that_was_gone_and_comes_back_as_something_else_is_found(instrument: Instrument) -> None:
    name = "yp_contact_fair"
    first = instrument.item(name).choices[0]
    gone = with_item(instrument, name, lambda item: replace(item, choices=item.choices[1:]))
    other = replace(first, label=english("Blue"))
    back = with_item(instrument, name, lambda item: replace(item, choices=(other, *item.choices[1:])))
    assert breaking(differences(gone, back)) == ()
    (found,) = breaking(differences_to_all((instrument, gone), back))
    assert found.breaks == f"the code {first.code} stood for other words in version 1.0-draft"
    assert breaking(differences_to_all((instrument, gone), instrument)) == ()
    # What broke when the last version was added does not break again.
    assert breaking(differences_to_all((instrument, back), replace(back, version="3"))) == ()


def test_lines_stand_by_item_and_what_breaks_comes_first_and_marked(instrument: Instrument) -> None:
    new = with_item(instrument, "yp_contact_fair", lambda item: replace(item, hint=english("The last time.")))
    new = with_item(new, "yp_fair_1", lambda item: replace(item, reverse=not item.reverse, required=True))
    lines = in_lines(differences(instrument, new))
    assert lines == [
        "yp_fair_1",
        "  ! reverse: no → yes",
        "      because it counts the other way",
        "    required: no → yes",
        "yp_contact_fair",
        "    hint (en): nothing → The last time.",
    ]


FORM_INSTRUMENTS: list[Instrument] = []


def form_instruments() -> list[Instrument]:
    if not FORM_INSTRUMENTS:
        FORM_INSTRUMENTS.extend(load_study(form).instrument for form in FORMS)
    return FORM_INSTRUMENTS


def shuffled(instrument: Instrument, others: list[Instrument], chance: random.Random) -> Instrument:
    """An instrument whose items stand anywhere, some gone, some with another item's name, choices, rules or words."""
    pool = [item for one in others for part in one.parts for block in part.blocks for item in block.items]

    def changed(item: Item) -> Item | None:
        other = chance.choice(pool)
        field = chance.choice([one.name for one in fields(Item)])
        match chance.randrange(8):
            case 0:
                return None
            case 1:
                return replace(other, name=item.name)
            case 2:
                return replace(item, **{field: getattr(other, field)})
            case 3:
                return other
        return item

    parts = []
    for part in instrument.parts:
        blocks = list(part.blocks)
        chance.shuffle(blocks)
        made = [replace(block, items=tuple(filter(None, map(changed, block.items)))) for block in blocks]
        parts.append(replace(part, blocks=tuple(made)))
    if chance.random() < 0.3:
        chance.shuffle(parts)
    return replace(instrument, parts=tuple(parts), scales=instrument.scales[chance.randrange(2) :])


@given(seed=st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_no_pair_of_versions_stops_it(instrument: Instrument, seed: int) -> None:
    chance, known = random.Random(seed), [instrument, *form_instruments()]
    versions = [shuffled(chance.choice(known), known, chance) for _ in range(3)]
    found = differences_to_all(versions[:2], versions[2])
    assert (found == ()) is (versions[1].digest == versions[2].digest)
    assert all(one.kind and (one.before or one.after or one.what) for one in found)
    assert in_lines(found) or not found
