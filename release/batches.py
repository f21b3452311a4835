"""Open and check a batch of sealed records, in this process or in one of its own beside it. Writes nothing to a disk.

A process of its own gets the keys, the questions and the records through a pipe and gives frames back through another;
what goes wrong in it is never told in its own words, which could hold an answer.
"""

from __future__ import annotations

import gc
import pickle
import struct
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import polars as pl

from errors import EnvelopeError
from instruments.checking import check_records
from instruments.model import Instrument
from instruments.stored import instrument_from_canonical
from privacy.envelope import Context, Envelope
from privacy.opening import PrivateKey, by_id
from release.frame import Placed, frames_of, kinds_of
from release.person import Change, Person, change_of, person_of
from storage.stretches import REFUSED, Stretch

UNOPENED = "it does not open with this key"
SHAPELESS = "it is not a record of a known shape"
LENGTH = struct.Struct(">Q")
DAMAGED = b""  # what a process says of a file that it cannot read as it was
Row = tuple[int, bytes, bytes | memoryview]  # place, record id, envelope


@dataclass(frozen=True)
class Task:
    """What is the same for every batch. `digests`: of the versions, the newest first."""

    keys: Mapping[bytes, PrivateKey]
    digests: tuple[str, ...]
    instruments: Mapping[str, Instrument]
    today: date

    @cached_property
    def kinds(self) -> Mapping[str, type[pl.DataType]]:
        """Of each item of any version, the kind of its column."""
        return kinds_of(self.instruments.values())


@dataclass(frozen=True)
class InFile:
    """Records that whoever opens them reads from a file for itself."""

    file: Path
    stretch: Stretch

    def __iter__(self) -> Iterator[Row]:
        return self.stretch.rows(self.file)


Rows = Sequence[Row] | InFile


@dataclass(frozen=True)
class Fault:
    """A record that is not in the dataset, and why. Names variables, never what was said."""

    record_id: str
    reasons: tuple[str, ...]


@dataclass
class Batch:
    """What one batch held. Every record but those of keys that are lacking stands in one of the three, at its place."""

    people: list[Placed] = field(default_factory=list)
    unchecked: list[tuple[int, bytes, Person, tuple[str, ...]]] = field(default_factory=list)
    changes: list[tuple[int, str, Change]] = field(default_factory=list)
    faults: list[tuple[int, Fault, bytes | None]] = field(default_factory=list)
    lacking: Counter[str] = field(default_factory=Counter)


def open_batch(rows: Iterable[Row], task: Task) -> Batch:
    """Open and check each of these records with its own key."""
    found = Batch()
    for place, record_id, data in rows:
        envelope = Envelope.parse(data)
        if key := task.keys.get(envelope.key_id):
            _open_one(key, envelope, place, record_id, task, found)
        else:
            found.lacking[envelope.key_id.hex()] += 1
    check_people(found, task.instruments)
    return found


def _open_one(key: PrivateKey, envelope: Envelope, place: int, record_id: bytes, task: Task, found: Batch) -> None:
    try:
        document, digest = _opened(key, envelope, record_id, task.digests)
    except EnvelopeError:
        found.faults.append((place, Fault(record_id.hex(), (UNOPENED,)), None))
    else:
        sort(document, task.instruments[digest], place, record_id, task.today, found)


def _opened(
    key: PrivateKey, envelope: Envelope, record_id: bytes, digests: Sequence[str]
) -> tuple[dict[str, Any], str]:
    # A row does not say which version it was answered under, so each is tried; only the right one opens.
    for digest in digests:
        try:
            document = key.open(envelope, Context("research", key.study, digest, record_id))
        except EnvelopeError:
            continue
        if document.get("instrument") == digest and document.get("format") == 1:
            return document, digest
    raise EnvelopeError("It does not open.")


def sort(
    document: Mapping[str, Any], instrument: Instrument, place: int, record_id: bytes, today: date, found: Batch
) -> None:
    """Put an opened record among the changes, the faults, or those whose answers are to be checked."""
    try:
        if document["kind"] == "choices":
            found.changes.append((place, record_id.hex(), change_of(document, today)))
        else:
            found.unchecked.append((place, record_id, *person_of(document, instrument)))
    except (LookupError, TypeError, ValueError, AttributeError):
        found.faults.append((place, Fault(record_id.hex(), (SHAPELESS,)), None))


def check_people(found: Batch, instruments: Mapping[str, Instrument]) -> None:
    """Check the answers of everyone in the batch, those of one group and version together."""
    alike: dict[tuple[str, str], list[tuple[int, bytes, Person, tuple[str, ...]]]] = {}
    for one in found.unchecked:
        alike.setdefault((one[2].instrument, one[2].group), []).append(one)
    for (digest, group), ours in alike.items():
        wrong = check_records(instruments[digest], group, [person.answers for _, _, person, _ in ours])
        for (place, record_id, person, strange), more in zip(ours, wrong, strict=True):
            if more is None:
                found.faults.append((place, Fault(record_id.hex(), (SHAPELESS,)), None))
            elif strange or more:
                found.faults.append((place, Fault(record_id.hex(), (*strange, *more)), person.participant))
            else:
                found.people.append((place, record_id, person))
    found.unchecked.clear()


def frames_of_batch(found: Batch, task: Task) -> list[pl.DataFrame]:
    """Its people, with each one's place and record id."""
    return frames_of(found.people, task.kinds, task.keys)


# ---- a process of its own


def packed_task(task: Task) -> bytearray:
    """What another process needs to know, to be overwritten after it was sent: it holds the keys."""
    seeds = {(key.purpose, key.study, bytes(key.seed)) for key in task.keys.values()}
    canonical = {digest: one.canonical for digest, one in task.instruments.items()}
    return bytearray(pickle.dumps((sorted(seeds), task.digests, canonical, task.today)))


def send(sink: IO[bytes], data: bytes | bytearray) -> None:
    """Write a message."""
    sink.write(LENGTH.pack(len(data)))
    sink.write(data)
    sink.flush()


def receive(source: IO[bytes]) -> bytes | None:
    """Read a message; None at the end."""
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    data = source.read(size := LENGTH.unpack(head)[0])
    return data if len(data) == size else None


def result_of(data: bytes) -> tuple[list[pl.DataFrame], Batch]:
    """The frames and what else a process made of a batch. Raises EnvelopeError for a file that changed meanwhile."""
    if data == DAMAGED:
        raise EnvelopeError(REFUSED)
    packed, rest = pickle.loads(data)  # noqa: S301 (from a process that we started ourselves)
    return [pl.read_ipc_stream(BytesIO(one)) for one in packed], rest


def work(source: IO[bytes] | None = None, sink: IO[bytes] | None = None) -> None:
    """Be such a process: a task, then batches until the end of input."""
    source, sink = source or sys.stdin.buffer, sink or sys.stdout.buffer
    task = _unpacked_task(receive(source) or b"")
    # Looking for circles of objects in the middle of a batch, where there are none, costs a twentieth of the time.
    gc.disable()
    gc.freeze()
    while (data := receive(source)) is not None:
        send(sink, _answer(pickle.loads(data), task))  # noqa: S301 (from the process that started us)
        gc.collect()
    for key in task.keys.values():
        key.forget()


def _unpacked_task(data: bytes) -> Task:
    seeds, digests, canonical, today = pickle.loads(data)  # noqa: S301 (from the process that started us)
    keys = [PrivateKey(purpose, study, bytearray(seed)) for purpose, study, seed in seeds]
    instruments = {digest: instrument_from_canonical(one) for digest, one in canonical.items()}
    return Task(by_id(keys), digests, instruments, today)


def _answer(rows: Rows, task: Task) -> bytes:
    try:
        return _packed(open_batch(rows, task), task)
    except EnvelopeError:
        return DAMAGED


def _packed(found: Batch, task: Task) -> bytes:
    return pickle.dumps(([_bytes_of(frame) for frame in frames_of_batch(found, task)], replace(found, people=[])))


def _bytes_of(frame: pl.DataFrame) -> bytes:
    sink = BytesIO()
    # A file's form would cost six times as much: it is written by way of a query.
    frame.write_ipc_stream(sink)
    return sink.getvalue()
