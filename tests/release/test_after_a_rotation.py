"""After a rotation: old and new records in one release, the same ids as before, and no record dropped in silence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from errors import ReleaseError
from instruments.model import Instrument
from instruments.sizes import research_length
from privacy.envelope import Context
from privacy.keys import Keyring
from privacy.opening import PrivateKey, new_private_key
from privacy.sealing import seal
from release.build import Release, build_release, open_source_with, summary
from release.source import Source
from release.specification import Specification, read_specification
from release.unlocked import lacking_in_words, lacking_keys
from tests.conftest import STUDY, Keys, counted_bytes
from tests.release.test_distrust import record
from tests.releases import release_files

ORDER = Specification("team file", ("young_person",), 2, ("csv",), "en")
NEW = new_private_key("research", STUDY, counted_bytes("the key after the rotation"))
NEW_ID = NEW.public().short
PEOPLE = 4  # under each key


@pytest.fixture(scope="session")
def rotated(keys: Keys, instrument: Instrument) -> Source:
    """Records sealed before and after a rotation, in one source."""
    old = replace(keys.research.public(), status="retired")
    ring = Keyring(STUDY, (old, keys.identity.public(), NEW.public()))
    rows = []
    for number in range(2 * PEOPLE):
        record_id = number.to_bytes(16, "big")
        told = record(instrument) | {"participant": f"{number:032x}"}
        sealed_to = (keys.research, NEW)[number % 2].public()
        context = Context("research", STUDY, instrument.digest, record_id)
        rows.append((record_id, seal(told, sealed_to, context, research_length(instrument))))
    return Source("test", STUDY, {instrument.digest: instrument}, tuple(rows), (), ring)


def made(source: Source, keys: Sequence[PrivateKey], order: Specification = ORDER) -> Release:
    return build_release(source, open_source_with(source, keys, lambda done, whole: None), keys, order)


def ids(release: Release) -> set[str]:
    return set(release.frame["research_id"])


def test_both_keys_open_everything_and_whoever_was_there_before_keeps_their_id(rotated: Source, keys: Keys) -> None:
    before = replace(rotated, records=rotated.records[::2], keyring=keys.keyring)
    first, both = made(before, [keys.research]), made(rotated, [NEW, keys.research])
    assert (first.frame.height, both.frame.height, both.faults, both.lacking) == (PEOPLE, 2 * PEOPLE, (), {})
    assert ids(first) < ids(both)
    assert release_files(both) == release_files(made(rotated, [keys.research, NEW, NEW]))
    assert both.keys == (keys.research.public().short, NEW_ID)
    assert f"ids follow from the research key {both.keys[0]}" in " ".join(
        release_files(both)["README.txt"].decode().split()
    )


def test_records_of_a_key_that_was_not_given_are_named_with_it_and_are_no_faults(rotated: Source, keys: Keys) -> None:
    release = made(rotated, [keys.research])
    assert (release.frame.height, release.faults, release.lacking) == (PEOPLE, (), {NEW_ID: PEOPLE})
    told = release_files(release)
    assert f"{PEOPLE} records sealed to the research key {NEW_ID}, which was not given" in told["README.txt"].decode()
    assert "0 records that could not be used" in told["README.txt"].decode()
    manifest = json.loads(told["manifest.json"])
    assert (manifest["records_of_other_keys"], manifest["not_usable"]) == ({NEW_ID: PEOPLE}, 0)
    assert (manifest["keys"], manifest["ids_follow_from"]) == (
        [keys.research.public().short],
        keys.research.public().short,
    )
    assert f"{PEOPLE} records need the key {NEW_ID}" in summary(release, Path("out"))
    words = lacking_in_words(lacking_keys(rotated, [keys.research]), len(rotated.records))
    assert words == f"{PEOPLE} of {2 * PEOPLE} records need another key: {NEW_ID}. Add its key file."


def test_without_the_oldest_key_no_ids_are_made_unless_it_is_said_to_be_lost(rotated: Source, keys: Keys) -> None:
    oldest = keys.research.public().short
    with pytest.raises(ReleaseError, match=f"oldest research key of the keyring, {oldest}, was not given"):
        made(rotated, [NEW])
    lost = made(rotated, [NEW], replace(ORDER, new_ids=True))
    assert (lost.keys, lost.lacking) == ((NEW_ID,), {oldest: PEOPLE})
    assert not ids(lost) & ids(made(rotated, [NEW, keys.research]))
    assert "match no release made with it" in release_files(lost)["README.txt"].decode()


def test_new_ids_are_asked_for_in_the_specification() -> None:
    text = 'purpose = "x"\ngroups = ["young_person"]\nk = 5\nformats = ["csv"]\nlanguage = "en"\n'
    assert (read_specification(text).new_ids, read_specification(text + "new_ids = true\n").new_ids) == (False, True)
    with pytest.raises(ReleaseError, match="new_ids must be true or false"):
        read_specification(text + 'new_ids = "yes"\n')


def test_a_key_that_opens_nothing_is_told_which_one_the_records_need(rotated: Source, keys: Keys) -> None:
    only_old = replace(rotated, records=rotated.records[::2])
    with pytest.raises(
        ReleaseError, match=f"Not one of the {PEOPLE} records .* need another key: {keys.research.public().short}"
    ):
        made(only_old, [NEW])


def test_what_is_damaged_under_a_key_that_was_given_stays_a_fault(rotated: Source, keys: Keys) -> None:
    (first, envelope), *rest = rotated.records
    damaged = replace(rotated, records=((first, replace(envelope, sealed=envelope.sealed[:-1] + b"\0")), *rest))
    release = made(damaged, [keys.research])
    assert ([fault.record_id for fault in release.faults], release.lacking) == ([first.hex()], {NEW_ID: PEOPLE})


def test_without_any_key_nothing_is_opened(rotated: Source) -> None:
    with pytest.raises(ReleaseError, match="No research key was given"):
        made(rotated, [])
