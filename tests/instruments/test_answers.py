"""What may be answered, how a record is settled, and how a settled record is checked again at the desk."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from errors import AnswersRefused
from instruments.answers import check_value, is_allowed_beside, problems_of, read_value, settle
from instruments.hierarchies import coarsen
from instruments.model import Choice, Instrument, Item, Text, Value
from instruments.sizes import consent_length, contact_length, research_length
from privacy.documents import canonical

RAW = Path(__file__).parent / "data" / "expected_raw.csv"


def people() -> list[dict[str, str]]:
    with RAW.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def value(instrument: Instrument, name: str, text: str) -> Value:
    if instrument.item(name).kind == "select_multiple" and text not in ("-8", "-9"):
        return tuple(int(code) for code in text.split())
    return int(text)


@pytest.mark.parametrize("person", people(), ids=lambda person: person["research_id"])
def test_the_expected_codes_come_out_of_what_was_typed(instrument: Instrument, person: dict[str, str]) -> None:
    names = [name for name in person if name.startswith("yp_")]
    typed = {name: value(instrument, name, person[name]) for name in names if person[name] not in ("-8", "-9")}
    settled = settle(instrument, "young_person", typed)
    assert {name: settled[name] for name in names} == {name: value(instrument, name, person[name]) for name in names}
    assert problems_of(instrument, "young_person", settled) == ()


@pytest.mark.parametrize("typed", [["1 4"], ["-1", "2"], ["1", "-2"], ["4", "3"], ["-1", "-2"]])
def test_none_of_these_cannot_be_combined(instrument: Instrument, typed: list[str]) -> None:
    item = instrument.item("yp_contact")
    try:
        read = read_value(item, typed)
    except AnswersRefused:
        return
    assert read is not None
    assert check_value(item, read, {}) is not None


@pytest.mark.parametrize(
    ("typed", "read"), [(["1", "2"], (1, 2)), (["2 3"], (2, 3)), (["4"], (4,)), ([], None), ([""], None)]
)
def test_kinds_of_contact_that_go_together_pass(instrument: Instrument, typed: list[str], read: Value | None) -> None:
    item = instrument.item("yp_contact")
    assert read_value(item, typed) == read
    assert read is None or check_value(item, read, {}) is None


@pytest.mark.parametrize("typed", ["0", "6", "x", "1.0", "-9", "-6", "1 2"])
def test_a_code_that_is_not_offered_is_refused(instrument: Instrument, typed: str) -> None:
    with pytest.raises(AnswersRefused):
        read_value(instrument.item("yp_fair_1"), [typed])


@pytest.mark.parametrize("typed", ["19", " 19 ", "١٩", "۱۹", "১৯"])
def test_numbers_are_read_in_the_digits_that_people_write(instrument: Instrument, typed: str) -> None:
    assert read_value(instrument.item("age"), [typed]) == 19


def test_prefer_not_to_say_wins_over_a_number_left_in_the_box(instrument: Instrument) -> None:
    assert read_value(instrument.item("age"), ["19", "-2"]) == -2


@pytest.mark.parametrize(
    ("text", "fine"), [("x" * 500, True), ("x" * 501, False), ("😀" * 500, True), ("ن" * 501, False)]
)
def test_open_text_is_counted_in_characters(instrument: Instrument, text: str, fine: bool) -> None:
    item = instrument.item("yp_text_1")
    if fine:
        assert read_value(item, [text]) == text
    else:
        with pytest.raises(AnswersRefused):
            read_value(item, [text])


def test_text_loses_control_characters_and_keeps_lines(instrument: Instrument) -> None:
    assert read_value(instrument.item("yp_text_1"), ["a\x00b\r\nc\x1b"]) == "ab\nc"
    assert read_value(instrument.item("yp_text_1"), ["=1+1"]) == "=1+1"


@pytest.mark.parametrize(
    ("age", "band"), [(16, "16-17"), (17, "16-17"), (18, "18-21"), (21, "18-21"), (22, "22-25"), (25, "22-25")]
)
def test_age_is_kept_as_its_band(instrument: Instrument, age: int, band: str) -> None:
    assert settle(instrument, "young_person", {"age": age})["age"] == band


@pytest.mark.parametrize("typed", ["-9", "-6", "-1", "1e3", "1234567890", "+5", "½"])
def test_a_number_is_whole_and_not_below_zero(instrument: Instrument, typed: str) -> None:
    with pytest.raises(AnswersRefused):
        read_value(instrument.item("age"), [typed])


def test_what_hangs_on_a_dropped_answer_is_dropped_too(with_words: Callable[..., Instrument]) -> None:
    instrument = with_words(
        ("study.toml", "[switched_on]", '[switched_on]\nhealth_condition = "a trial"\nhealth_limits = "a trial"'),
        ("demographics/survey.csv", "ayırdığınızı seçin.,,", "ayırdığınızı seçin.,${health_limits} = 1,"),
    )
    settled = settle(instrument, "young_person", {"health_condition": 2, "health_limits": 1, "main_activity": 3})
    assert (settled["health_limits"], settled["main_activity"]) == (-8, -8)
    assert problems_of(instrument, "young_person", settled) == ()


def test_an_answer_that_was_routed_past_is_dropped(instrument: Instrument) -> None:
    settled = settle(instrument, "young_person", {"yp_contact": (4,), "yp_contact_fair": 5})
    assert settled["yp_contact_fair"] == -8
    assert settle(instrument, "young_person", {})["yp_contact_fair"] == -8


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"yp_fair_1": 6}, "yp_fair_1"),
        ({"yp_fair_1": 0}, "yp_fair_1"),
        ({"yp_fair_1": "4"}, "yp_fair_1"),
        ({"yp_contact": (1, 4)}, "yp_contact has"),
        ({"yp_contact": (1, 1)}, "yp_contact has"),
        ({"yp_contact": (2, 1)}, "yp_contact has"),
        ({"yp_contact": (True,)}, "yp_contact has"),
        ({"yp_contact": ()}, "yp_contact has"),
        ({"yp_contact": 1}, "yp_contact has"),
        ({"yp_fair_1": (1,)}, "yp_fair_1"),
        ({"yp_text_1": 3}, "yp_text_1"),
        ({"yp_contact": (2,), "yp_contact_fair": -8}, "routing"),
        ({"yp_contact": (4,), "yp_contact_fair": 3}, "routing"),
        ({"po_trust_1": 3}, "not asked"),
        ({"yp_text_1": "x" * 501}, "yp_text_1"),
        ({"age": "19"}, "age"),
        ({"age": 19}, "age"),
    ],
)
def test_the_desk_finds_what_the_form_would_have_refused(
    instrument: Instrument, changes: dict[str, Value], says: str
) -> None:
    settled = settle(instrument, "young_person", {"age": 19, "site": 1}) | changes
    found = problems_of(instrument, "young_person", settled)
    assert any(says in sentence for sentence in found)
    assert not any("x" * 20 in sentence for sentence in found)


def test_a_missing_variable_is_found_too(instrument: Instrument) -> None:
    settled = settle(instrument, "police_officer", {})
    del settled["po_trust_1"]
    assert problems_of(instrument, "police_officer", settled) == ("po_trust_1 is missing",)


def test_postcode_sectors_are_accepted_and_whole_postcodes_are_not(instrument: Instrument) -> None:
    item = instrument.item("area_sector")
    read = read_value(item, ["b12 8"])
    assert read == "B12 8"
    assert check_value(item, "B12 8", {}) is None
    assert check_value(item, "B12 8QX"[:8], {}) is not None


@pytest.mark.parametrize(
    ("name", "level", "before", "after"),
    [
        ("age", 1, 19, "18-21"), ("age", 2, "18-21", "16-25"), ("age", 3, "18-21", -6), ("age", 2, -2, -2),
        ("ethnic_group", 1, 11, 23), ("ethnic_group", 2, 11, -6), ("ethnic_group", 1, -2, -2),
        ("ethnic_group", 2, -2, -6),
        ("religion", 2, 4, 14), ("religion", 2, 6, 12), ("site", 1, 2, 3), ("month", 1, "2026-11", "2026-Q4"),
        ("month", 2, "2026-11", "2026"), ("form_language", 1, "ur", "other"), ("form_language", 1, "en", "en"),
        ("yp_contact", 1, (1, 3), 11), ("yp_contact", 1, (4,), 4), ("yp_contact", 1, (-2,), (-2,)),
        ("area_sector", 1, "B12 8", "B12"), ("area_sector", 2, "B12 8", 2),
    ],
)  # fmt: skip
def test_values_grow_coarser_as_the_study_says(
    instrument: Instrument, name: str, level: int, before: Value, after: Value
) -> None:
    assert coarsen(instrument.hierarchy(name), level, before, {"site": 2}) == after


def test_dont_know_stands_alone_whatever_the_sheet_says(with_words: Callable[..., Instrument]) -> None:
    rule = "not((selected(., '4') or selected(., '-1') or selected(., '-2')) and count-selected(.) > 1)"
    lax = with_words(("young_person/survey.csv", f'"{rule}"', ""))
    assert lax.item("yp_contact").constraint is None
    with pytest.raises(AnswersRefused):
        read_value(lax.item("yp_contact"), ["-1", "2"])
    settled = settle(lax, "young_person", {"yp_contact": (2,)}) | {"yp_contact": (-1, 2)}
    assert any("yp_contact has" in sentence for sentence in problems_of(lax, "young_person", settled))


def test_the_fixed_length_grows_with_what_may_be_typed(with_words: Callable[..., Instrument]) -> None:
    _holds_the_longest(
        with_words(("young_person/survey.csv", "<= 500", "<= 5000"), ("contact/survey.csv", "<= 200", "<= 2000"))
    )


def test_the_fixed_length_holds_the_longest_answers(instrument: Instrument) -> None:
    _holds_the_longest(instrument)


def _holds_the_longest(instrument: Instrument) -> None:
    for group in instrument.groups:
        longest = {
            item.name: "😀" * item.max_length if item.kind == "text" else -9
            for item in instrument.research_items(group.name)
        }
        quoted = {name: '"' * len(text) if isinstance(text, str) else text for name, text in longest.items()}
        for answers in (longest, quoted):
            head = {"answers": answers, "group": group.name, "instrument": "f" * 64, "participant": "f" * 32}
            assert len(canonical(head)) + 5 + 800 <= research_length(instrument)
    asked = [item for item in instrument.items_of("community_leader", "contact") if item.is_asked]
    contact = {item.name: "😀" * item.max_length for item in asked}
    assert len(canonical({"contact": contact, "instrument": "f" * 64, "person": "f" * 32})) + 300 < contact_length(
        instrument
    )
    lengths = (research_length(instrument), consent_length(instrument), contact_length(instrument))
    assert {length % 2048 for length in lengths} == {0}


def test_names_that_a_stranger_made_up_are_counted_and_never_spelled(instrument: Instrument) -> None:
    settled = settle(instrument, "young_person", {"age": 19, "site": 1})
    invented = {f"call 07700 900123\x1b]0; {number}": 1 for number in range(300)}
    wrong = {name: "x" * 20 for name in settled}
    assert problems_of(instrument, "young_person", settled | invented) == (
        "answers that are not asked of this group: 300",
    )
    assert len(problems_of(instrument, "young_person", wrong | invented)) == 21


def test_a_ranking_holds_each_code_as_it_was_offered(instrument: Instrument) -> None:
    words = Text((("en", "x"),))
    item = Item("order", "rank", words, choices=tuple(Choice(code, words) for code in "123"))
    assert is_allowed_beside(instrument, item, (3, 1, 2), {})
    assert not any(
        is_allowed_beside(instrument, item, (first, 2, 3), {})  # type: ignore[arg-type]  # as a record could hold it
        for first in (True, 1.0, "1", [1], None, 2)
    )
