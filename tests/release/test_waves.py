"""A person who was invited again has one id in every wave, and neither custodians nor server saw the link."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from errors import EnvelopeError, ReleaseError
from fieldwork.study import Study
from fieldwork.visits import FinishedVisit, finish_visit
from instruments.answers import settle
from instruments.consent import gate, statements_asked
from instruments.model import Instrument
from privacy.capsules import read_capsule
from privacy.envelope import Context
from release.build import Release, build_release, open_source_with
from release.source import Source
from release.specification import Specification, specification_of
from storage.vaults import rows
from tests.conftest import TODAY, Keys
from tests.releases import release_files

GROUP = "young_person"
ORDER = Specification("follow up", (GROUP,), 1, ("csv",), "en")


@pytest.fixture
def waves(instrument: Instrument) -> tuple[Instrument, Instrument]:
    """The two versions of a study that comes back once."""
    return replace(instrument, waves=2), replace(instrument, version="2", waves=2, wave=2)


def answer(study: Study, version: Instrument, earlier: str = "") -> None:
    said = {item.name: "yes" for item in statements_asked(version, GROUP, 19) if item.required}
    settled = settle(version, GROUP, {"age": 19, "site": 1, "sex": 1})
    consent = gate(version, GROUP, 19, said)
    visit = FinishedVisit(GROUP, "en", "self", settled, consent, earlier=earlier)
    finish_visit(replace(study, instrument=version), visit, TODAY)


def links(study: Study, keys: Keys, version: Instrument) -> list[Mapping[str, Any]]:
    """What the custodians find in the links of a version."""
    found = []
    for record_id, envelope in rows(study.stores.identity):
        try:
            document = keys.identity.open(envelope, Context("identity", study.name, version.digest, record_id))
        except EnvelopeError:  # of another version
            continue
        if document["kind"] == "link":
            found.append(document)
    return found


def released(study: Study, keys: Keys, versions: tuple[Instrument, ...], wave: int | None) -> Release:
    known = {one.digest: one for one in versions}
    found = Source("test", study.name, known, tuple(rows(study.stores.research)), tuple(known))
    opened = open_source_with(found, [keys.research], lambda done, whole: None)
    return build_release(found, opened, [keys.research], replace(ORDER, wave=wave))


def ids(made: Release) -> list[str]:
    return [row["research_id"] for row in csv.DictReader(release_files(made)["data.csv"].decode().splitlines())]


def readme(made: Release) -> str:
    return " ".join(release_files(made)["README.txt"].decode().split())


def test_who_was_invited_again_has_the_same_id_in_both_waves(
    study: Study, keys: Keys, waves: tuple[Instrument, Instrument]
) -> None:
    first, second = waves
    answer(study, first)
    answer(study, first)
    one, _ = links(study, keys, first)
    answer(study, second, one["capsule"])
    answer(study, second)
    before, after = ids(released(study, keys, waves, 1)), ids(released(study, keys, waves, 2))
    assert len(set(before)) == len(set(after)) == 2
    assert len(set(before) & set(after)) == 1


def test_the_link_goes_on_to_a_third_wave(study: Study, keys: Keys, waves: tuple[Instrument, Instrument]) -> None:
    first, second = waves
    answer(study, first)
    capsule = links(study, keys, first)[0]["capsule"]
    answer(study, second, capsule)
    assert links(study, keys, second)[0]["capsule"] == capsule


def test_two_waves_never_stand_in_one_release(
    study: Study, keys: Keys, waves: tuple[Instrument, Instrument]
) -> None:
    for version in waves:
        answer(study, version)
    with pytest.raises(ReleaseError, match="waves 1 and 2"):
        released(study, keys, waves, None)
    with pytest.raises(ReleaseError, match="no records of wave 3"):
        released(study, keys, waves, 3)
    made = released(study, keys, waves, 2)
    assert "This is wave 2 of 2" in readme(made)
    assert "k does not hold there" in readme(made)


@pytest.mark.parametrize("capsule", ["", "not one", "A" * 98])
def test_a_visit_is_never_lost_by_its_capsule(
    study: Study, keys: Keys, waves: tuple[Instrument, Instrument], capsule: str
) -> None:
    answer(study, waves[1], capsule)
    made = released(study, keys, waves, 2)
    assert len(ids(made)) == 1
    assert ("1 link to an earlier wave joined nobody" in readme(made)) == bool(capsule)


def test_a_capsule_that_two_bring_joins_neither(
    study: Study, keys: Keys, waves: tuple[Instrument, Instrument]
) -> None:
    first, second = waves
    answer(study, first)
    capsule = links(study, keys, first)[0]["capsule"]
    answer(study, second, capsule)
    answer(study, second, capsule)
    made = released(study, keys, waves, 2)
    assert len(set(ids(made))) == 2
    assert not set(ids(made)) & set(ids(released(study, keys, waves, 1)))
    assert "2 links to an earlier wave joined nobody" in readme(made)


def test_nobody_can_claim_the_id_of_somebody_of_the_same_wave(
    study: Study, keys: Keys, waves: tuple[Instrument, Instrument]
) -> None:
    first, _ = waves
    answer(study, first)
    own = ids(released(study, keys, waves, 1))
    answer(study, first, links(study, keys, first)[0]["capsule"])
    both = ids(released(study, keys, waves, 1))
    assert len(set(both)) == 2
    assert set(own) <= set(both)


def test_custodians_see_a_capsule_and_no_label(study: Study, keys: Keys, waves: tuple[Instrument, Instrument]) -> None:
    answer(study, waves[0])
    record_id, envelope = next(rows(study.stores.research))
    context = Context("research", study.name, waves[0].digest, record_id)
    label = keys.research.open(envelope, context)["participant"]
    (link,) = links(study, keys, waves[0])
    assert label not in str(link)
    key_id, sealed = read_capsule(link["capsule"])
    assert keys.research.open_capsule(key_id, sealed).hex() == label
    with pytest.raises(EnvelopeError):
        keys.identity.open_capsule(key_id, sealed)


def test_a_study_that_asks_once_has_no_capsule_and_no_wave(study: Study, keys: Keys) -> None:
    answer(study, study.instrument)
    (link,) = links(study, keys, study.instrument)
    assert link["capsule"] == ""
    record_id, envelope = next(rows(study.stores.research))
    record = keys.research.open(envelope, Context("research", study.name, study.instrument.digest, record_id))
    assert not {"wave", "earlier"} & set(record)


def test_a_wave_is_ordered_as_a_whole_number() -> None:
    told = {"purpose": "x", "groups": [GROUP], "k": 5, "formats": ["csv"], "language": "en"}
    assert specification_of(told | {"wave": 2}).wave == 2
    for wrong in (0, "2", True):
        with pytest.raises(ReleaseError, match="wave must be"):
            specification_of(told | {"wave": wrong})
