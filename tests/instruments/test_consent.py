"""The consent gate's cases K1 to K11 of the study's consent paper, and what a consent record holds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from errors import ConsentAwaited, ConsentMissing, ConsentRefused, NotEligible
from instruments.consent import gate, statements_asked
from instruments.eligibility import check_eligible
from instruments.model import Instrument


def all_yes(instrument: Instrument, group: str, age: int | None, **changes: str | None) -> dict[str, str]:
    said = {item.name: "yes" for item in statements_asked(instrument, group, age) if item.required}
    said |= {name: value for name, value in changes.items() if value is not None}
    return {name: value for name, value in said.items() if name not in changes or changes[name] is not None}


@pytest.fixture(scope="session")
def with_parents(with_settings: Callable[..., Instrument]) -> Instrument:
    return with_settings(minor_consent='"parent_and_assent"')


@pytest.fixture(scope="session")
def witnessed(with_settings: Callable[..., Instrument]) -> Instrument:
    return with_settings(consent_route='"verbal_witnessed"')


def test_k1_all_required_yes_and_all_optional_no_may_start(instrument: Instrument) -> None:
    optional = {item.name: "no" for item in statements_asked(instrument, "young_person", 19) if not item.required}
    consent = gate(instrument, "young_person", 19, all_yes(instrument, "young_person", 19, **optional))
    assert set(consent.choices.values()) == {"no"}
    assert not consent.may_record
    assert consent.route == "self"


def test_k2_a_required_no_stops(instrument: Instrument) -> None:
    with pytest.raises(ConsentRefused):
        gate(instrument, "young_person", 19, all_yes(instrument, "young_person", 19, c_withdraw="no"))


def test_k3_a_blank_choice_counts_as_no(instrument: Instrument) -> None:
    consent = gate(instrument, "young_person", 19, all_yes(instrument, "young_person", 19))
    assert consent.choices["o_archive"] == "no"
    assert ("o_archive", "no") in consent.statements


def test_anything_but_yes_is_no_yes(instrument: Instrument) -> None:
    with pytest.raises(ConsentMissing):
        gate(instrument, "young_person", 19, all_yes(instrument, "young_person", 19, c_use="Yes"))
    odd = gate(instrument, "young_person", 19, all_yes(instrument, "young_person", 19, o_archive="perhaps"))
    assert odd.choices["o_archive"] == "no"


def test_k4_a_17_year_old_may_start_alone(instrument: Instrument) -> None:
    assert gate(instrument, "young_person", 17, all_yes(instrument, "young_person", 17)).route == "self"


def test_k5_the_young_persons_no_ends_it_whatever_the_parent_said(with_parents: Instrument) -> None:
    with pytest.raises(ConsentRefused):
        gate(with_parents, "young_person", 17, all_yes(with_parents, "young_person", 17, a_yes="no"))


def test_k6_without_the_parents_answer_the_visit_waits(with_parents: Instrument) -> None:
    said = {name: "yes" for name in all_yes(with_parents, "young_person", 17) if not name.startswith("p_")}
    with pytest.raises(ConsentAwaited):
        gate(with_parents, "young_person", 17, said)


@pytest.mark.parametrize("age", [15, 26, -2])
def test_k7_outside_the_age_nobody_takes_part(instrument: Instrument, age: int) -> None:
    with pytest.raises(NotEligible):
        check_eligible(instrument, "young_person", {"elig_muslim": 1, "age": age})


@pytest.mark.parametrize("age", [16, 25])
def test_from_16_to_25_people_can_take_part(instrument: Instrument, age: int) -> None:
    check_eligible(instrument, "young_person", {"elig_muslim": 1, "age": age})
    check_eligible(instrument, "young_person", {})


@pytest.mark.parametrize("said", [2, -2])
def test_k7_who_does_not_say_yes_to_the_screening_question_does_not_take_part(
    instrument: Instrument, said: int
) -> None:
    with pytest.raises(NotEligible):
        check_eligible(instrument, "young_person", {"elig_muslim": said, "age": 19})


def test_k8_an_officer_without_c_po_ops_stops(instrument: Instrument) -> None:
    with pytest.raises(ConsentMissing) as missing:
        gate(instrument, "police_officer", None, all_yes(instrument, "police_officer", None, c_po_ops=None))
    assert missing.value.statements == ("c_po_ops",)


def test_k9_without_the_witness_a_spoken_consent_stops(witnessed: Instrument) -> None:
    with pytest.raises(ConsentMissing) as missing:
        gate(witnessed, "community_leader", None, all_yes(witnessed, "community_leader", None, w_witness=None))
    assert missing.value.statements == ("w_witness",)
    whole = gate(witnessed, "community_leader", None, all_yes(witnessed, "community_leader", None))
    assert whole.route == "verbal_witnessed"


def test_k11_a_parents_no_to_recording_counts(with_parents: Instrument) -> None:
    said = all_yes(with_parents, "young_person", 17, o_audio="yes", p_audio="no")
    assert not gate(with_parents, "young_person", 17, said).may_record
    both = all_yes(with_parents, "young_person", 17, o_audio="yes", p_audio="yes")
    assert gate(with_parents, "young_person", 17, both).may_record


def test_the_parents_route_asks_the_young_person_their_own_list_and_the_same_uses(with_parents: Instrument) -> None:
    asked = [item.name for item in statements_asked(with_parents, "young_person", 16)]
    assert {"a_yes", "p_agree", "c_special", "c_withdraw", "c_use", "o_archive"} <= set(asked)
    assert not {"c_info", "c_part", "c_age"} & set(asked)
    adult = [item.name for item in statements_asked(with_parents, "young_person", 18)]
    assert "c_part" in adult
    assert not [name for name in adult if name[0] in "ap"]


def test_other_groups_are_not_asked_what_is_not_theirs(instrument: Instrument) -> None:
    officer = {item.name for item in statements_asked(instrument, "police_officer", None)}
    leader = {item.name for item in statements_asked(instrument, "community_leader", None)}
    assert {"c_po_own", "c_po_ops"} <= officer
    assert not {"c_age", "c_cl_self"} & officer
    assert {"c_cl_self", "o_cl_named"} <= leader
