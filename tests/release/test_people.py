"""Who is on the custodians' list and who is not, and that nothing of anybody else stays once the vault was opened."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from instruments.model import Instrument
from release.people import Opened, Place, documents_of, last_day, open_identities
from release.source import Source
from tests.conftest import TODAY, Keys, counted_bytes
from tests.identities import Somebody, in_an_envelope, source_of

LATER = date(2026, 12, 1)
BOTH = {"o_recontact": "yes", "o_results": "yes"}
RESULTS = {"o_recontact": "no", "o_results": "yes"}
RECONTACT = {"o_recontact": "yes", "o_results": "no"}
NEITHER = {"o_recontact": "no", "o_results": "no"}


def reach(name: str) -> dict[str, str]:
    return {"v_name": name, "v_phone": "07700 900123"}


def opened_of(source: Source, keys: Keys, today: date = TODAY) -> Opened:
    return open_identities(source, (keys.identity,), today, counted_bytes("handles"))


def listed(people: list[Somebody], instrument: Instrument, keys: Keys, today: date = TODAY, **told: Any) -> Opened:
    return opened_of(source_of(people, instrument, keys.identity, **told), keys, today)


def names(opened: Opened) -> list[str]:
    return [one.name for one in opened.people]


def test_only_those_whose_latest_choice_asks_for_it_are_listed_by_name(instrument: Instrument, keys: Keys) -> None:
    earlier = date(2026, 11, 1)
    opened = listed(
        [
            Somebody(1, RESULTS, reach("Zaynab")),
            Somebody(2, NEITHER, reach("Neither")),
            Somebody(3, BOTH, reach("amina")),
            Somebody(4, BOTH, reach("Took back"), changes=((LATER, NEITHER),)),
            Somebody(5, NEITHER, reach("Came round"), changes=((LATER, RECONTACT),)),
            Somebody(6, BOTH, {}),
            Somebody(7, NEITHER, {}),
            # Of two changes on one day No wins, and an earlier day never wins over a later one.
            Somebody(8, RESULTS, reach("Twice"), changes=((LATER, {"o_results": "yes"}), (LATER, {"o_results": "no"}))),
            Somebody(9, RECONTACT, reach("Order"), day=earlier, changes=((LATER, RECONTACT), (TODAY, NEITHER))),
        ],
        instrument, keys, LATER,
    )  # fmt: skip
    assert names(opened) == ["amina", "Came round", "Order", "Zaynab"]
    assert (opened.declined, opened.silent, opened.due, opened.unopened) == (3, 1, 0, 0)
    assert [sorted(one.wishes) for one in opened.people] == [
        ["o_recontact", "o_results"], ["o_recontact"], ["o_recontact"], ["o_results"],
    ]  # fmt: skip


def test_the_contact_left_last_takes_the_place_of_the_former(instrument: Instrument, keys: Keys) -> None:
    opened = listed(
        [
            Somebody(1, BOTH, reach("Old"), contacts_later=((LATER, reach("New")),)),
            Somebody(2, BOTH, reach("Gone"), contacts_later=((LATER, {}),)),
            Somebody(3, BOTH, reach("Same day"), contacts_later=((TODAY, {}),)),
        ],
        instrument, keys, LATER,
    )  # fmt: skip
    assert (names(opened), opened.silent) == (["New"], 2)


@pytest.mark.parametrize(
    ("choices", "retention", "until"),
    [
        (RESULTS, {}, date(2027, 11, 23)),
        (RECONTACT, {}, date(2028, 11, 23)),
        (BOTH, {}, date(2028, 11, 23)),
        (RESULTS, {"contact_results_months": 3}, date(2027, 2, 23)),
        (RECONTACT, {"contact_results_months": 3}, date(2028, 11, 23)),
        (BOTH, {"contact_results_months": 9, "contact_recontact_months": 6}, date(2027, 8, 23)),
    ],
)
def test_nobody_is_listed_past_their_time_and_they_are_counted(
    instrument: Instrument, keys: Keys, choices: dict[str, str], retention: dict[str, int], until: date
) -> None:
    source = source_of([Somebody(1, choices, reach("Amina"))], instrument, keys.identity, retention=retention)
    assert names(opened_of(source, keys, until)) == ["Amina"]
    after = opened_of(source, keys, until.replace(day=until.day + 1))
    assert (after.people, after.due) == ((), 1)


def test_a_month_that_is_shorter_ends_the_time_on_its_last_day() -> None:
    assert last_day(["o_results"], date(2027, 2, 28), {"contact_results_months": 12}) == date(2028, 2, 28)
    assert last_day(["o_results"], date(2026, 8, 31), {"contact_results_months": 6}) == date(2027, 2, 28)
    assert last_day(["o_results"], date(2026, 12, 31), {"contact_results_months": 12}) == date(2027, 12, 31)


def test_of_nobody_else_a_word_stays_and_of_those_listed_no_answer_label_or_tag_is_shown(
    instrument: Instrument, keys: Keys
) -> None:
    people = [
        Somebody(1, BOTH, {"v_name": "Listed", "v_contact_how": "Ring twice"}),
        Somebody(2, NEITHER, {"v_name": "Canary-refused"}),
        Somebody(3, RESULTS, {"v_name": "Canary-past"}, day=date(2025, 1, 1)),
        Somebody(4, NEITHER, {}, attested={"v_signature": "Canary-signed"}),
    ]
    opened = listed(people, instrument, keys)
    kept = repr([vars(one) for one in opened.people]) + repr(vars(opened))
    kept += repr(
        [vars(place) if hasattr(place, "__dict__") else place for places in opened.places.values() for place in places]
    )
    assert "Ring twice" in kept, "the search itself must find"
    assert "Canary" not in kept
    (one,) = opened.people
    shown = (one.handle, one.name, *one.contact, *one.contact.values(), one.language, *one.wishes)
    for person in people:
        assert not {person.label, *person.tags} & set(shown)
        assert not any(tag in kept for tag in person.tags)
    assert "Listed" not in repr(opened) + repr(one)


def test_what_does_not_open_or_has_no_known_shape_is_counted_and_changes_nothing(
    instrument: Instrument, keys: Keys
) -> None:
    source = source_of([Somebody(1, BOTH, reach("Amina"))], instrument, keys.identity)
    consent, contact, link = Somebody(2, BOTH, reach("Forged")).documents(instrument)
    strange = [
        {**contact, "person": "short"},
        {**contact, "contact": {"v_name": 3}},
        {**contact, "contact": {"v_name": "x" * 2001}},
        {**contact, "date": "yesterday"},
        {**consent, "record": {**consent["record"], "statements": [{"id": "c_info", "answer": "perhaps"}]}},
        {**consent, "record": {**consent["record"], "attested": "Amina"}},
        {**consent, "record": []},
        {**consent, "record": {**consent["record"], "language": '=HYPERLINK("http://x")'}},
        {**consent, "record": {**consent["record"], "attested": {"v_signature": ["Amina"]}}},
        {**link, "kind": "record"},
        {**contact, "format": 1},
        # A second consent under a label that has one.
        {**consent, "person": Somebody(1).label, "record": {**consent["record"], "language": "ar"}},
    ]
    rows = [
        (bytes([number] * 16), in_an_envelope(document, instrument, keys.identity, bytes([number] * 16)))
        for number, document in enumerate(strange)
    ]
    moved = (b"\xff" * 16, tuple(source.records)[0][1])
    opened = opened_of(replace(source, records=(*source.records, *rows, moved)), keys)
    assert (names(opened), opened.unopened) == (["Amina"], len(strange) + 1)
    assert opened.people[0].language == "en"


# Before this software, after every calendar, and a few days ahead.
@pytest.mark.parametrize("day", [date(1, 1, 1), date(2019, 12, 31), date(2026, 11, 26), date(9999, 6, 1)])
def test_a_date_that_cannot_be_counts_as_before_all_others_and_keeps_nobody_from_being_opened(
    instrument: Instrument, keys: Keys, day: date
) -> None:
    people = [
        Somebody(1, BOTH, reach("Amina")),
        Somebody(2, BOTH, reach("Strange"), day=day),
        # Neither what stands under such a date nor its owner is lost: a No stands, and what has a date wins over it.
        Somebody(3, BOTH, reach("Took back"), changes=((day, NEITHER),)),
        Somebody(4, BOTH, reach("Came round"), changes=((day, NEITHER), (TODAY, RESULTS))),
        Somebody(5, BOTH, reach("Now"), contacts_later=((day, reach("Never")),)),
    ]
    long = {"contact_results_months": 120, "contact_recontact_months": 120}
    opened = listed(people, instrument, keys, retention=long)
    assert (names(opened), opened.due, opened.declined) == (["Amina", "Came round", "Now"], 1, 1)
    assert {person.label for person in people} == set(opened.places)
    assert last_day(["o_results"], date.max, {}).year == date.max.year


def test_only_what_the_study_asks_is_kept_of_what_somebody_sealed_and_no_mark_that_turns_writing(
    instrument: Instrument, keys: Keys
) -> None:
    sealed = {"name": "HOSTILE", "v_link": "x" * 2000, "v_phone": "077", "v_name": "\u202eAm\u2069ina\u200f\x00"}
    opened = listed([Somebody(1, BOTH, sealed, statements=("c_info", "c_never", "v_name"))], instrument, keys)
    assert dict(opened.people[0].contact) == {"v_name": "Amina\u200f", "v_phone": "077"}
    assert list(opened.people[0].contact) == ["v_name", "v_phone"], "in the order in which they are asked"
    (table,) = opened.consented
    assert not {"c_never", "v_name"} & {one.statement for one in table.statements}


def test_one_persons_documents_are_opened_without_anybody_elses(instrument: Instrument, keys: Keys) -> None:
    people = [Somebody(1, BOTH, reach("Amina")), Somebody(2, BOTH, reach("Yusuf"))]
    source = source_of(people, instrument, keys.identity)
    opened = opened_of(source, keys)
    (contact,) = documents_of(opened, source, (keys.identity,), people[0].label, "contact")
    assert contact["contact"] == reach("Amina")
    kinds = {place.kind for place in opened.places[people[1].label]}
    assert kinds == {"consent", "contact", "link"}
    assert all(isinstance(place, Place) for places in opened.places.values() for place in places)
    assert documents_of(opened, source, (keys.research,), people[0].label, "contact") == ()


def test_the_research_key_opens_nobody(instrument: Instrument, keys: Keys) -> None:
    source = source_of([Somebody(1, BOTH, reach("Amina"))], instrument, keys.identity)
    opened = open_identities(source, (keys.research,), TODAY, counted_bytes("handles"))
    assert (opened.people, opened.places, opened.unopened) == ((), {}, 3)
