"""One person's consent record: found by what they say, whole, with its history; nobody else is shown or kept."""

from __future__ import annotations

from datetime import date

import pytest

from errors import ReleaseError
from instruments.model import Instrument
from release.people import Contactable, Opened, open_identities
from release.requests import Said, consent_record, find_people, is_named
from release.source import Source
from tests.conftest import TODAY, Keys, counted_bytes
from tests.identities import Somebody, source_of

NO = {"o_recontact": "no", "o_results": "no"}
CHANGED = ((3, "yes"), (1, "no"), (9, "no"), (5, "yes"))
AMINA = Somebody(
    1, {"o_recontact": "yes", "o_results": "no"},
    {"v_name": "Amina Khan", "v_phone": "+44 7700 900123", "v_email": "Amina@Example.org", "v_contact_how": "Yusuf"},
    changes=tuple((date(2026, 12, day), {"o_results": said}) for day, said in CHANGED),
)  # fmt: skip
OTHER = Somebody(2, NO, {"v_name": "Amina Begum", "v_phone": "07700 900124"}, day=date(2026, 11, 20))
SIGNED = Somebody(3, NO, {}, attested={"v_signature": "Yusuf Ali", "w_code": "KX"})
UNNAMED = Somebody(4, NO, {})


@pytest.fixture(scope="module")
def vault(instrument: Instrument, keys: Keys) -> tuple[Opened, Source]:
    source = source_of([AMINA, OTHER, SIGNED, UNNAMED], instrument, keys.identity)
    return open_identities(source, (keys.identity,), TODAY, counted_bytes("handles")), source


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (Said(name="amina  KHAN"), (AMINA,)),
        (
            Said(name="Amina"),
            (
                AMINA,
                OTHER,
            ),
        ),
        (Said(name="Amina", phone="07700900124"), (OTHER,)),
        (Said(phone="0044 (0) 7700 900123"), (AMINA,)),
        (Said(phone="7700 900123"), (AMINA,)),
        (Said(email=" amina@example.ORG "), (AMINA,)),
        (Said(name="Yusuf"), (SIGNED,)),
        (Said(name="Amina Yusuf"), ()),
        (Said(name="Khan", email="amina@example.org"), (AMINA,)),
        (Said(name="Begum", email="amina@example.org"), ()),
        (Said(phone="900123900123"), ()),
        (Said(email="amina@example"), ()),
        (Said(name="Nobody"), ()),
        (Said(name="Amina", day=TODAY), (AMINA,)),
        (Said(name="Amina", day=OTHER.day), (OTHER,)),
        (Said(name="Amina", day=date(2026, 1, 1)), ()),
    ],
    ids=repr,
)
def test_somebody_is_found_by_all_that_they_say(
    vault: tuple[Opened, Source], keys: Keys, said: Said, found: tuple[Somebody, ...]
) -> None:
    opened, source = vault
    assert set(find_people(opened, source, (keys.identity,), said)) == {one.label for one in found}


@pytest.mark.parametrize("said", [{}, {"name": "  "}, {"phone": "0770"}, {"email": " "}])
def test_nobody_is_looked_for_without_a_word(said: dict[str, str]) -> None:
    with pytest.raises(ReleaseError):
        Said(**said)


def test_a_record_is_shown_with_the_exact_words_and_every_change(
    vault: tuple[Opened, Source], keys: Keys, instrument: Instrument
) -> None:
    opened, source = vault
    record = consent_record(opened, source, (keys.identity,), AMINA.label)
    statements = {one.name: one for one in record.statements}
    assert record.version == f"{instrument.version}-en", "as their own copy says"
    assert statements["c_part"].words == instrument.items["c_part"].label.in_language("en")
    assert (statements["c_part"].answer, statements["c_part"].later) == ("yes", ())
    assert statements["o_results"].answer == "no"
    days = [(day.day, said) for day, said in statements["o_results"].later]
    assert days == [(1, "no"), (3, "yes"), (5, "yes"), (9, "no")]
    told = record.as_json()
    assert told["record"]["schema_version"].startswith("ISO/IEC TS 27560")
    assert [change["date"] for change in told["changes"]] == [f"2026-12-0{day}" for day, _ in days]
    assert told["words"]["c_part"] == statements["c_part"].words
    whole = repr(told)
    assert not any(word in whole for word in ("Khan", "7700", "Begum", *AMINA.tags))
    assert AMINA.contact["v_name"] not in repr(record)


def test_a_person_without_a_record_is_said_so(vault: tuple[Opened, Source], keys: Keys) -> None:
    opened, source = vault
    with pytest.raises(ReleaseError):
        consent_record(opened, source, (keys.identity,), "f" * 32)


def listed(**contact: str) -> tuple[Contactable, ...]:
    return (Contactable("a1", "0" * 32, frozenset({"o_results"}), contact, "en"),)


@pytest.mark.parametrize(
    "words",
    ["For Amina O'Neil.", "asked by amina  o'neil", "rang from 07700900123", "mail to a.oneil@example.org, today"],
)
def test_a_reason_that_names_somebody_is_found(words: str) -> None:
    people = listed(v_name="Amina O'Neil", v_phone="+44 7700 900123", v_email="a.oneil@example.org")
    assert is_named(words, people)


@pytest.mark.parametrize("words", ["The yearly letter", "Amina wrote", "Wave 2, 2027", "to 900123"])
def test_another_reason_is_not(words: str) -> None:
    people = listed(v_name="Amina O'Neil", v_phone="+44 7700 900123", v_contact_how="The yearly letter")
    assert not is_named(words, people)
