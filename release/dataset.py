"""Open sealed records, check each again against its instrument, join later choices. Drops nothing in silence.

Anybody who has the public key can seal anything, so nothing inside an envelope is trusted before it was checked here.
A few thousand records at a time, on every core; what is opened is one frame, and never a list of what people said.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice

import polars as pl

from errors import Cancelled
from instruments.model import Instrument
from privacy.envelope import Envelope
from privacy.opening import PrivateKey, by_id
from release.batches import SHAPELESS as SHAPELESS
from release.batches import UNOPENED as UNOPENED
from release.batches import Fault as Fault
from release.batches import InFile, Row, Rows, Task, frames_of_batch, open_batch
from release.beside import Made, opened_beside
from release.frame import BROUGHT, PLACE, RECORD, nobody, widened
from release.person import Change, later_choices
from release.source import Reread, newest_first
from release.waves import joined

Report = Callable[[int, int], None]
Stop = Callable[[], bool]
TWICE = "another record of the same participant is in the dataset already"
STRANGE = "something in it could not have been answered, or is not of its known form"
FOR_NOBODY = "it changes the choices of a participant who has no record here"
KINDS = (UNOPENED, SHAPELESS, TWICE, FOR_NOBODY)
AT_ONCE = 1_000  # records of a batch
WORTH_PROCESSES = 4_000  # fewer are opened before another process has begun


@dataclass(frozen=True)
class Dataset:
    """Every participant whose record opened and is valid; every other record as a fault.

    `people`: a row each (release/frame.py). `lacking`: how many records need a key that was not given, by that key's
    id. They are no faults. `unjoined`: how many brought a capsule of an earlier wave that joins nobody; they count as
    new people.
    """

    people: pl.DataFrame = field(repr=False)
    faults: tuple[Fault, ...]
    changes: int
    lacking: Mapping[str, int] = field(default_factory=dict)
    unjoined: int = 0

    @property
    def opened(self) -> int:
        """How many envelopes opened, whether or not what they held is valid."""
        return self.people.height + self.changes + sum(UNOPENED not in fault.reasons for fault in self.faults)


def by_reason(faults: Iterable[Fault]) -> dict[str, int]:
    """How many records could not be used for which kind of reason: for whoever may not know which record it was.

    Whoever runs the server knows who brought a record and when, so no release names one.
    """
    found = Counter(fault.reasons[0] if fault.reasons[0] in KINDS else STRANGE for fault in faults)
    return {why: found[why] for why in (*KINDS, STRANGE) if found[why]}


@dataclass
class _Whole:
    """What all batches held together."""

    frames: list[pl.DataFrame] = field(default_factory=list)
    changes: list[tuple[int, str, Change]] = field(default_factory=list)
    faults: list[tuple[int, Fault, bytes | None]] = field(default_factory=list)
    lacking: Counter[str] = field(default_factory=Counter)

    def take(self, made: Made) -> int:
        """Take in a batch; returns how many records it was."""
        frames, rest = made
        self.frames += frames
        self.changes += rest.changes
        self.faults += rest.faults
        self.lacking += rest.lacking
        return sum(frame.height for frame in frames) + len(rest.changes) + len(rest.faults) + rest.lacking.total()


def open_records(
    rows: Iterable[tuple[bytes, Envelope]],
    keys: Sequence[PrivateKey],
    instruments: Mapping[str, Instrument],
    report: Report = lambda done, whole: None,
    whole: int = 0,
    today: date = date.max,
    stop: Stop = lambda: False,
    processes: int | None = None,
    at_once: int = AT_ONCE,
) -> Dataset:
    """Open and check every record with its own key. `report(done, whole)` is called after each batch.

    `stop` is asked between batches: whether somebody wants it no more. `processes`: how many work beside this one; none
    for few records; each reads its own share of a file by itself. `at_once`: records of a batch otherwise. Raises
    Cancelled, EnvelopeError for a file that was changed meanwhile, and ReleaseError where such a process ended.
    """
    task, found, done = task_of(keys, instruments, today), _Whole(), 0
    wanted = (os.cpu_count() or 1 if whole >= WORTH_PROCESSES else 0) if processes is None else processes

    def ask() -> None:
        if stop():
            raise Cancelled("Opening the records was cancelled. Nothing was written.")

    with _opening(_batches(rows, at_once, wanted), task, wanted, ask) as opened:
        for made in opened:
            done += found.take(made)
            report(done, whole)
    return _dataset(found)


def task_of(keys: Sequence[PrivateKey], instruments: Mapping[str, Instrument], today: date) -> Task:
    """The task of opening with these keys."""
    return Task(by_id(keys), tuple(one.digest for one in newest_first(instruments)), instruments, today)


def _opening(batches: Iterator[Rows], task: Task, processes: int, ask: Callable[[], None]):  # type: ignore[no-untyped-def]
    if processes:
        return opened_beside(batches, task, processes, ask)
    return nullcontext(_opened_here(batches, task, ask))


def _opened_here(batches: Iterator[Rows], task: Task, ask: Callable[[], None]) -> Iterator[Made]:
    for batch in batches:
        ask()
        found = open_batch(batch, task)
        yield frames_of_batch(found, task), found


def _batches(rows: Iterable[tuple[bytes, Envelope]], at_once: int, processes: int) -> Iterator[Rows]:
    if processes and isinstance(rows, Reread) and rows.file:
        return (InFile(rows.file, stretch) for stretch in rows.stretches)
    return _read_here(rows, at_once)


def _read_here(rows: Iterable[tuple[bytes, Envelope]], at_once: int) -> Iterator[Sequence[Row]]:
    places = enumerate(rows)
    numbered: Iterator[Row] = ((place, record_id, envelope.to_bytes()) for place, (record_id, envelope) in places)
    while batch := list(islice(numbered, at_once)):
        yield batch


def _dataset(found: _Whole) -> Dataset:
    whole = _in_one(found.frames or [nobody()])
    first = whole
    if whole[".participant"].n_unique() < whole.height:
        first = whole.unique(".participant", keep="first", maintain_order=True)
    faults = sorted([*_twice(whole, first), *_seen(found, first)], key=_place)
    known = set(first.filter(pl.col(".participant").is_in(_changed(found)))[".participant"])
    lost = [Fault(record_id, (FOR_NOBODY,)) for _, record_id, one in _in_order(found) if one.participant not in known]
    changes = [change for _, _, change in found.changes if change.participant in known]
    people, unjoined = joined(_with_changes(first.drop(PLACE, RECORD), changes), BROUGHT)
    told = (*(fault for _, fault, _ in faults), *lost)
    return Dataset(widened(people), told, len(changes), _sorted(found), unjoined)


def _in_one(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """All of them, in the order of their records. Lets go of each, so that nobody is in memory twice for long."""
    whole = pl.concat(frames, how="diagonal")
    frames.clear()
    return whole.sort(PLACE)


def _place(one: tuple[int, Fault, bytes | None]) -> int:
    return one[0]


def _sorted(found: _Whole) -> dict[str, int]:
    return dict(sorted(found.lacking.items()))


def _in_order(found: _Whole) -> list[tuple[int, str, Change]]:
    return sorted(found.changes, key=lambda one: one[0])


def _changed(found: _Whole) -> list[bytes]:
    return list({change.participant for _, _, change in found.changes})


def _twice(whole: pl.DataFrame, first: pl.DataFrame) -> Iterator[tuple[int, Fault, bytes | None]]:
    """A second valid record of a participant is none of the dataset."""
    again = whole.join(first.select(PLACE), on=PLACE, how="anti") if whole.height > first.height else first.clear()
    for place, record_id in again.select(PLACE, RECORD).iter_rows():
        yield place, Fault(record_id.hex(), (TWICE,)), None


def _seen(found: _Whole, first: pl.DataFrame) -> Iterator[tuple[int, Fault, bytes | None]]:
    """The other faults; of a participant whose valid record came before, that too is said."""
    labels = [label for _, _, label in found.faults if label is not None]
    there = first.filter(pl.col(".participant").is_in(labels)).select(".participant", PLACE)
    known = dict(there.iter_rows())
    for place, fault, label in found.faults:
        is_second = label is not None and known.get(label, place) < place
        yield place, replace(fault, reasons=(*fault.reasons, TWICE)) if is_second else fault, label


def _with_changes(people: pl.DataFrame, changes: Sequence[Change]) -> pl.DataFrame:
    if not changes:
        return people
    names = sorted({name for change in changes for name in change.choices})
    missing = [pl.lit(None, pl.Boolean).alias(f".{name}") for name in names if f".{name}" not in people.columns]
    people = people.with_columns(missing)
    mine = people.filter(pl.col(".participant").is_in(list({change.participant for change in changes})))
    given = {
        label: dict(zip(names, said, strict=True))
        for label, *said in mine.select(".participant", *(f".{name}" for name in names)).iter_rows()
    }
    latest = later_choices(changes, given)
    told = [
        {".participant": label, **{f"{name}.later": said.get(name) for name in names}} for label, said in latest.items()
    ]
    schema = {".participant": pl.Binary, **{f"{name}.later": pl.Boolean for name in names}}
    both = people.join(pl.DataFrame(told, schema), on=".participant", how="left", maintain_order="left")
    settled = [pl.coalesce(f"{name}.later", f".{name}").alias(f".{name}") for name in names]
    return both.with_columns(settled).drop(f"{name}.later" for name in names)
