"""A release explains itself: the codebook has its codes as they stand, the README what is missing and what remains."""

from __future__ import annotations

import csv
from dataclasses import replace

import pytest

from errors import ReleaseError
from instruments.model import Instrument
from release.build import Release, build_release
from release.dataset import Dataset
from release.person import Person
from release.specification import Specification, specification_of
from tests.conftest import Keys
from tests.release.test_distrust import record, source
from tests.releases import release_files

ORDER = Specification("team file", ("young_person",), 5, ("csv",), "en")


def person(instrument: Instrument, number: int, **answers: int) -> Person:
    told = dict(record(instrument)["answers"])  # type: ignore[call-overload]  # the record's answers are a mapping
    recorded = {"admin_mode": "self", "form_language": "en", "form_version": "1", "month": "2026-11",
                "interviewer_code": "ID7"}  # fmt: skip
    return Person(
        bytes([number]) * 16, "young_person", told | answers, recorded, {"o_archive": "yes"}, instrument.digest
    )


def made(keys: Keys, instrument: Instrument, order: Specification = ORDER, **answers: int) -> Release:
    people = tuple(person(instrument, number, **answers) for number in range(1, 7))
    return build_release(source(keys, instrument), Dataset(people, (), 0), [keys.research], order)


def codebook(release: Release) -> dict[str, dict[str, str]]:
    rows = csv.DictReader(release_files(release)["codebook.csv"].decode().splitlines())
    return {row["variable"]: row for row in rows}


def readme(release: Release) -> str:
    return " ".join(release_files(release)["README.txt"].decode().split())


def test_every_column_of_the_data_stands_in_the_codebook_in_order(keys: Keys, instrument: Instrument) -> None:
    release = made(keys, instrument)
    head = release_files(release)["data.csv"].decode().splitlines()[0].split(",")
    assert list(codebook(release))[: len(head)] == head
    assert head[:2] == ["research_id", "respondent_group"]


def test_the_codebook_has_the_codes_of_the_level_that_was_released(keys: Keys, instrument: Instrument) -> None:
    told = codebook(made(keys, instrument, replace(ORDER, levels={"ethnic_group": 1, "sex": 1})))
    assert "23 = Asian" in told["ethnic_group"]["codes"]
    assert "12 =" not in told["ethnic_group"]["codes"]
    assert told["ethnic_group"]["in_this_release"] == "released at level 1"
    assert told["sex"]["codes"].startswith("every answer is -6")


def test_age_is_told_at_the_level_at_which_it_was_stored(keys: Keys, instrument: Instrument) -> None:
    told = codebook(made(keys, instrument))["age"]
    assert told["in_this_release"] == "released at level 1"
    assert "18-21 = 18 to 21" in told["codes"]


def test_a_sensitive_answer_that_is_not_checked_can_be_made_coarser_on_order(
    keys: Keys, instrument: Instrument
) -> None:
    release = made(keys, instrument, replace(ORDER, levels={"mosque_part": 1}), mosque_part=2)
    data = list(csv.DictReader(release_files(release)["data.csv"].decode().splitlines()))
    assert {row["mosque_part"] for row in data} == {"11"}
    assert "mosque_part" not in release.checked


def test_the_readme_warns_where_everyone_alike_gave_one_answer(keys: Keys, instrument: Instrument) -> None:
    assert "everyone gave the same answer to mosque_part" in readme(made(keys, instrument, mosque_part=2))


def test_a_question_that_was_never_put_gives_nothing_away(keys: Keys, instrument: Instrument) -> None:
    release = made(keys, instrument, mosque_part=-8, yp_contact=-8)
    assert release.uniform == {"mosque_part": 0, "yp_contact": 0}


def test_the_readme_says_what_was_left_out_and_what_the_law_says(keys: Keys, instrument: Instrument) -> None:
    told = readme(made(keys, instrument))
    assert "Nobody for having traits that too few others share." in told
    assert "Data Protection Act 2018, section 171" in told
    assert "Open text, until a person has reviewed it: yp_text_1, yp_text_2." in told
    assert "at most 1 in 6" in told


def test_an_archive_file_does_not_tell_who_interviewed(keys: Keys, instrument: Instrument) -> None:
    release = made(keys, instrument, replace(ORDER, archive_only=True))
    assert b"ID7" not in release_files(release)["data.csv"]
    assert codebook(release)["interviewer_code"]["in_this_release"] == "left out of files for an archive"
    assert b"ID7" in release_files(made(keys, instrument))["data.csv"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"levels": {"yp_text_1": 1}}, "levels names yp_text_1"),
        ({"levels": {"nothing": 0}}, "levels names nothing"),
        ({"levels": {"sex": 2}}, "sex has levels 0 to 1"),
        ({"language": "fr"}, "does not speak fr"),
    ],
)
def test_an_order_for_what_is_not_there_is_refused(
    keys: Keys, instrument: Instrument, changes: dict[str, object], says: str
) -> None:
    with pytest.raises(ReleaseError, match=says):
        made(keys, instrument, replace(ORDER, **changes))  # type: ignore[arg-type]  # each case names real fields


GOOD = {"purpose": "x", "groups": ["young_person"], "k": 5, "formats": ["csv"], "language": "en"}


@pytest.mark.parametrize("changes", [{"levels": [1]}, {"levels": {"age": True}}, {"purpose": "one\ntwo"}])
def test_a_specification_of_the_wrong_shape_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ReleaseError, match="In the specification"):
        specification_of(GOOD | changes)


def test_two_spellings_of_one_purpose_are_one_purpose() -> None:
    composed, apart = (specification_of(GOOD | {"purpose": word}).purpose for word in ("caf\u00e9", "cafe\u0301 "))
    assert composed == apart
