"""Records opened by several processes are the dataset that one process makes; what ends early ends all, and says so."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest

from errors import Cancelled, ReleaseError
from instruments.model import Instrument
from privacy.envelope import Envelope
from release import beside, dataset
from release.dataset import Dataset, open_records
from release.source import Source
from tests.conftest import STUDY, Keys
from tests.release.test_distrust import change, record, sealed_by

PEOPLE = 60


@pytest.fixture(scope="module")
def found(keys: Keys, instrument: Instrument) -> Source:
    """Records with all that can be wrong with them among them, spread over the batches."""
    told: list[dict[str, object]] = []
    for number in range(PEOPLE):
        told.append(record(instrument, participant=f"{number:032x}", month=f"2026-{1 + number % 12:02d}"))
    told[7]["month"] = "yesterday"
    told[20]["participant"] = told[50]["participant"] = f"{3:032x}"
    told[41] = {**told[7], "month": "soon"}
    told[30] = change(instrument, participant=f"{55:032x}")
    told[31] = change(instrument, participant="f" * 32)
    told[58]["answers"] = {"age": {"a": 1}}
    ids = [number.to_bytes(16, "big") for number in range(1, PEOPLE + 1)]
    rows = [(one, sealed_by(keys, instrument, one, said)) for one, said in zip(ids, told, strict=True)]
    envelope = rows[10][1]
    rows[10] = (rows[10][0], replace(envelope, sealed=bytes([envelope.sealed[0] ^ 1]) + envelope.sealed[1:]))
    rows[11] = (rows[11][0], replace(rows[11][1], key_id=bytes(len(envelope.key_id))))
    return Source("test", STUDY, {instrument.digest: instrument}, tuple(rows))


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "AT_ONCE", 9)


def opened(found: Source, keys: Keys, processes: int) -> Dataset:
    return open_records(found.rows(), [keys.research], found.instruments, processes=processes)


def test_several_processes_make_the_dataset_that_one_makes(found: Source, keys: Keys) -> None:
    here, theirs = opened(found, keys, 0), opened(found, keys, 2)
    assert theirs.people.equals(here.people)
    assert (theirs.faults, theirs.changes, theirs.lacking) == (here.faults, here.changes, here.lacking)
    assert (here.people.height, len(here.faults), here.changes, here.lacking) == (51, 7, 1, {"00" * 8: 1})
    assert here.people.filter(here.people[".o_archive"].not_())[".participant"].to_list() == [(55).to_bytes(16, "big")]


def test_small_batches_and_one_large_one_make_the_same(
    found: Source, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = opened(found, keys, 0)
    monkeypatch.setattr(dataset, "AT_ONCE", 1_000)
    large = opened(found, keys, 0)
    assert (small.faults, small.people.sort(".participant").equals(large.people.sort(".participant"))) == (
        large.faults, True,
    )  # fmt: skip


def test_processes_that_end_are_told_and_keep_nobody_waiting(
    found: Source, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "START", "import sys; sys.exit(1)")
    with pytest.raises(ReleaseError, match="one ended. Nothing was written"):
        opened(found, keys, 2)


@pytest.mark.parametrize("processes", [0, 1])
def test_whoever_cancels_is_heard_before_the_next_batch(found: Source, keys: Keys, processes: int) -> None:
    read: list[bytes] = []

    def rows() -> Iterator[tuple[bytes, Envelope]]:
        for row in found.rows():
            read.append(row[0])
            yield row

    stop = iter([False, True]).__next__
    with pytest.raises(Cancelled, match="Nothing was written"):
        open_records(rows(), [keys.research], found.instruments, stop=stop, processes=processes)
    assert len(read) == 2 * 9


def test_a_process_overwrites_its_keys_and_none_stands_in_an_argument_or_in_the_environment(
    found: Source, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    told: list[object] = []

    def start(*args: object, **more: object) -> subprocess.Popen[bytes]:
        told.append((args, more))
        started.append(process := subprocess.Popen(*args, **more))  # type: ignore[call-overload]
        return process

    monkeypatch.setattr(beside, "subprocess", SimpleNamespace(**vars(subprocess) | {"Popen": start}))
    opened(found, keys, 1)
    seed = bytes(keys.research.seed)
    assert [one.returncode for one in started] == [0], "it came to its own end, where it forgets its keys"
    assert not any(one in repr((told, dict(os.environ))) for one in (seed.hex(), repr(seed)))
