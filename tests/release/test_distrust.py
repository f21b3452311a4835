"""Anybody with the public key can seal anything. Whatever is in an envelope, the desk reports it and goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from errors import ReleaseError
from fieldwork.documents import CHOICES_THAT_STEER_RELEASES
from instruments.answers import settle
from instruments.model import Instrument
from instruments.sizes import research_length
from privacy.envelope import Context, Envelope
from privacy.opening import new_private_key
from privacy.sealing import seal
from release.batches import Batch, check_people, frames_of_batch, sort
from release.build import build_release, open_source_with
from release.dataset import FOR_NOBODY, SHAPELESS, TWICE, UNOPENED, Dataset, task_of
from release.frame import nobody
from release.person import STEERING
from release.source import Source
from release.specification import Specification
from release.table import columns_of
from tests.conftest import STUDY, Keys, counted_bytes

AMINA = "0a" * 16


def record(instrument: Instrument, **changes: object) -> dict[str, object]:
    """A young person's valid research record, with changes."""
    answers = settle(instrument, "young_person", {"age": 19, "site": 1, "sex": 1})
    told = {"format": 1, "kind": "record", "study": STUDY, "instrument": instrument.digest, "participant": AMINA,
            "group": "young_person", "answers": answers, "choices": {"o_archive": "yes"}, "mode": "self",
            "language": "en", "version": instrument.version, "month": "2026-11", "interviewer": ""}  # fmt: skip
    return told | changes


def change(instrument: Instrument, **changes: object) -> dict[str, object]:
    told = {"format": 1, "kind": "choices", "study": STUDY, "instrument": instrument.digest, "participant": AMINA,
            "choices": {"o_archive": "no"}, "date": "2026-11-24"}  # fmt: skip
    return told | changes


def opened(keys: Keys, instrument: Instrument, *documents: dict[str, object]) -> Dataset:
    return open_source_with(source(keys, instrument, *documents), [keys.research], lambda done, whole: None)


def source(keys: Keys, instrument: Instrument, *documents: dict[str, object]) -> Source:
    ids = [number.to_bytes(16, "big") for number in range(1, len(documents) + 1)]
    sealed = tuple(
        (record_id, sealed_by(keys, instrument, record_id, told))
        for record_id, told in zip(ids, documents, strict=True)
    )
    return Source("test", STUDY, {instrument.digest: instrument}, sealed)


def sealed_by(keys: Keys, instrument: Instrument, record_id: bytes, document: dict[str, object]) -> Envelope:
    context = Context("research", STUDY, instrument.digest, record_id)
    return seal(document, keys.research.public(), context, research_length(instrument))


def test_a_valid_record_is_a_person(keys: Keys, instrument: Instrument) -> None:
    dataset = opened(keys, instrument, record(instrument))
    assert (dataset.people.height, dataset.faults) == (1, ())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"mode": "=HYPERLINK"}, "admin_mode is not of its known form"),
        ({"month": "yesterday"}, "month is not of its known form"),
        ({"month": "٢٠٢٦-11"}, "month is not of its known form"),
        ({"interviewer": "Idris was here"}, "interviewer_code is not of its known form"),
        ({"language": ["en"]}, "form_language is not of its known form"),
        ({"version": "x\ny"}, "form_version is not that of the questionnaire it was answered under"),
        ({"group": "nobody"}, SHAPELESS),
        ({"group": ["young_person"]}, SHAPELESS),
        ({"participant": "Amina"}, SHAPELESS),
        ({"participant": 7}, SHAPELESS),
        ({"choices": {"o_archive": "perhaps"}}, SHAPELESS),
        ({"choices": {"Amina's phone": "yes"}}, SHAPELESS),
        ({"choices": {"o_invented": "yes"}}, SHAPELESS),
        ({"answers": "none"}, SHAPELESS),
        ({"kind": "other"}, SHAPELESS),
    ],
)
def test_a_strange_record_is_a_fault_and_says_nothing_of_what_was_said(
    keys: Keys, instrument: Instrument, changes: dict[str, object], reason: str
) -> None:
    dataset = opened(keys, instrument, record(instrument, **changes))
    assert dataset.people.height == 0
    assert dataset.faults[0].reasons == (reason,)


@pytest.mark.parametrize(
    "changes",
    [
        {"participant": 7},
        {"date": 20261124},
        {"date": "soon"},
        {"choices": ["o_archive"]},
        {"choices": {"o_archive": 1}},
        {"choices": {"o_invented": "yes"}},
    ],
)
def test_a_strange_change_is_a_fault(keys: Keys, instrument: Instrument, changes: dict[str, object]) -> None:
    dataset = opened(keys, instrument, record(instrument), change(instrument, **changes))
    assert dataset.people[".o_archive"].to_list() == [True]
    assert [fault.reasons for fault in dataset.faults] == [(SHAPELESS,)]


def test_the_desk_believes_exactly_the_choices_that_the_field_seals() -> None:
    """One more there and every record would be refused here; one more here and strangers could name a column."""
    assert set(CHOICES_THAT_STEER_RELEASES) == STEERING


def test_a_change_for_nobody_is_counted(keys: Keys, instrument: Instrument) -> None:
    dataset = opened(keys, instrument, record(instrument), change(instrument, participant="0b" * 16))
    assert ([fault.reasons for fault in dataset.faults], dataset.changes) == ([(FOR_NOBODY,)], 0)


def test_one_participant_is_one_row(keys: Keys, instrument: Instrument) -> None:
    dataset = opened(keys, instrument, record(instrument), record(instrument, month="2026-12"))
    assert (dataset.people.height, dataset.faults[0].reasons) == (1, (TWICE,))


def test_the_latest_change_wins_whatever_order_the_store_has(keys: Keys, instrument: Instrument) -> None:
    later = change(instrument, date="2026-11-25", choices={"o_archive": "yes"})
    for changes in ((change(instrument), later), (later, change(instrument))):
        assert opened(keys, instrument, *changes, record(instrument)).people[".o_archive"].to_list() == [True]


@pytest.mark.parametrize("day", ["9999-12-31", "2026-11-28", "2019-12-31"])
def test_a_change_of_a_date_that_cannot_be_never_has_the_last_word(
    keys: Keys, instrument: Instrument, day: str
) -> None:
    yes, no = {"o_archive": "yes"}, {"o_archive": "no"}

    def agreed(given: dict[str, str], *changes: dict[str, object]) -> object:
        found = source(keys, instrument, record(instrument, choices=given), *changes)
        people = open_source_with(found, [keys.research], lambda *_: None, date(2026, 11, 25)).people
        return {"o_archive": "yes" if people[".o_archive"].item() else "no"}

    strange = [change(instrument, date=day, choices=said) for said in (yes, no)]
    assert agreed(yes, change(instrument), strange[0]) == no, "whoever saw a slip cannot overrule its owner"
    assert agreed(no, strange[0]) == no
    assert agreed(yes, strange[1]) == no, "a tablet with a wrong clock may have sealed it"
    assert agreed(yes, strange[1], change(instrument, choices=yes)) == yes


def test_a_key_that_opens_nothing_is_told_as_such(keys: Keys, instrument: Instrument) -> None:
    other = new_private_key("research", STUDY, counted_bytes("another key"))
    with pytest.raises(ReleaseError, match="Not one of the 2 records opens"):
        open_source_with(
            source(keys, instrument, record(instrument), change(instrument)), [other], lambda done, whole: None
        )


def test_a_damaged_record_among_good_ones_is_reported(keys: Keys, instrument: Instrument) -> None:
    found = source(keys, instrument, record(instrument), record(instrument, participant="0b" * 16))
    (first, envelope), second = found.records
    damaged = replace(envelope, sealed=envelope.sealed[:-1] + bytes([envelope.sealed[-1] ^ 1]))
    dataset = open_source_with(replace(found, records=((first, damaged), second)), [keys.research], lambda *_: None)
    assert (dataset.people.height, dataset.faults[0].reasons, dataset.faults[0].record_id) == (
        1,
        (UNOPENED,),
        first.hex(),
    )


PLAIN = st.recursive(
    st.integers(-(10**12), 10**12) | st.booleans() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["age", "site", "sex"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@how(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(
    name=st.sampled_from(["answers", "choices", "participant", "group", "mode", "month", "kind", "date"]), value=PLAIN
)
def test_nothing_that_opens_stops_the_desk(keys: Keys, instrument: Instrument, name: str, value: object) -> None:
    found, task = Batch(), task_of([keys.research], {instrument.digest: instrument}, date.max)
    for place, told in enumerate((record(instrument), change(instrument))):
        sort(told | {name: value}, instrument, place, b"", date.max, found)
    check_people(found, task.instruments)
    assert sum(one.height for one in frames_of_batch(found, task)) + len(found.changes) + len(found.faults) == 2


def version(instrument: Instrument, number: str, **item_changes: object) -> Instrument:
    """Another version of the study, in which sex is changed."""
    parts = tuple(
        replace(part, blocks=tuple(replace(block, items=tuple(
            replace(item, **item_changes) if item.name == "sex" else item for item in block.items
        )) for block in part.blocks))
        for part in instrument.parts
    )  # fmt: skip
    return replace(instrument, version=number, parts=parts)


def test_a_variable_without_a_declared_class_is_refused(keys: Keys, instrument: Instrument) -> None:
    undeclared = version(instrument, "2", privacy="")
    found = Source("test", STUDY, {undeclared.digest: undeclared}, ())
    with pytest.raises(ReleaseError, match="No privacy class is declared for: sex"):
        build_release(
            found,
            Dataset(nobody(), (), 0),
            [keys.research],
            Specification("x", ("young_person",), 5, ("csv",), "en"),
        )


def test_a_variable_that_only_an_older_version_had_is_still_released(instrument: Instrument) -> None:
    newer = version(instrument, "9.1", name="sex_new")
    assert {"sex", "sex_new"} <= set(columns_of((newer, instrument), ["young_person"]))


def test_the_newest_version_is_told_by_its_number(instrument: Instrument) -> None:
    versions = {one.digest: one for one in (replace(instrument, version=name) for name in ("1.9", "1.10", "1.2"))}
    assert Source("test", STUDY, versions, ()).newest.version == "1.10"
