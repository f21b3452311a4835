"""Records are opened on every core as in one process; keys go through a pipe; it can be ended at any moment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

import psutil
import pytest

from errors import Cancelled, EnvelopeError, ReleaseError
from instruments.model import Instrument
from privacy.envelope import Envelope
from release import beside, dataset
from release.dataset import FOR_NOBODY, TWICE, UNOPENED, Dataset, open_records
from release.source import Source, open_source
from storage import stretches
from storage.bundle import write_rows
from tests.conftest import Keys
from tests.release.test_distrust import change, record, sealed_by

Rows = list[tuple[bytes, Envelope]]


@pytest.fixture(scope="module")
def rows(keys: Keys, instrument: Instrument) -> Rows:
    """Forty people, a second record of one with a fault of its own, changes, and what does not open."""
    told = [record(instrument, participant=f"{n:032x}") for n in range(40)]
    told += [record(instrument, participant=f"{3:032x}"), record(instrument, participant=f"{4:032x}", month="soon")]
    told += [change(instrument, participant=f"{5:032x}"), change(instrument, participant=f"{77:032x}")]
    sealed = [
        (n.to_bytes(16, "big"), sealed_by(keys, instrument, n.to_bytes(16, "big"), one)) for n, one in enumerate(told)
    ]
    return [*sealed, (b"\xff" * 16, sealed[0][1])]


def opened(rows: Rows, keys: Keys, instrument: Instrument, processes: int, at_once: int = 7) -> Dataset:
    return open_records(
        rows, [keys.research], {instrument.digest: instrument}, whole=len(rows), processes=processes, at_once=at_once
    )


def reasons(dataset: Dataset) -> Sequence[tuple[str, ...]]:
    return [fault.reasons for fault in dataset.faults]


def test_every_core_opens_what_one_process_opens(rows: Rows, keys: Keys, instrument: Instrument) -> None:
    here, beside = (opened(rows, keys, instrument, processes) for processes in (0, 2))
    assert here.people.equals(beside.people)
    assert (here.faults, here.changes, here.lacking) == (beside.faults, beside.changes, beside.lacking)
    assert reasons(here) == [(TWICE,), ("month is not of its known form", TWICE), (UNOPENED,), (FOR_NOBODY,)]
    changed = here.people.filter(~here.people[".o_archive"])[".participant"].to_list()
    assert changed == [(5).to_bytes(16, "big")]


def test_a_change_of_nobody_is_named_where_it_is_all_there_is(rows: Rows, keys: Keys, instrument: Instrument) -> None:
    found = opened(rows[42:44], keys, instrument, 0)
    assert (found.people.height, reasons(found)) == (0, [(FOR_NOBODY,), (FOR_NOBODY,)])


@pytest.fixture
def file(rows: Rows, instrument: Instrument, tmp_path: Path) -> Path:
    """A bundle of these records."""
    members = {"keyring.json": b"", "tallies.json": b"[]"}
    members[f"instruments/{instrument.digest}.json"] = instrument.canonical
    write_rows(tmp_path / "b.amanah", instrument.study, "research", rows, members, {})
    return tmp_path / "b.amanah"


def from_file(source: Source, keys: Keys) -> Dataset:
    return open_records(source.records, [keys.research], source.instruments, whole=len(source.records), processes=2)


def test_processes_that_read_a_bundle_themselves_open_what_is_in_it(
    rows: Rows, keys: Keys, instrument: Instrument, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretches, "PER_STRETCH", 7)
    source, here = open_source(file), opened(rows, keys, instrument, 0)
    monkeypatch.setattr(dataset, "_read_here", None)  # the desk itself reads none
    beside = from_file(source, keys)
    assert here.people.equals(beside.people)
    assert (here.faults, here.changes, here.lacking) == (beside.faults, beside.changes, beside.lacking)


@pytest.mark.parametrize("what", ["another byte", "cut short", "another id"])
def test_a_bundle_that_changes_after_it_was_checked_is_refused(keys: Keys, file: Path, what: str) -> None:
    source, whole = open_source(file), bytearray(file.read_bytes())
    (stretch,) = source.records.stretches  # type: ignore[attr-defined]
    if what == "cut short":
        del whole[stretch.start + stretch.length - 1 :]
    else:
        whole[stretch.start + (15 if what == "another id" else 900)] ^= 1
    file.write_bytes(whole)
    with pytest.raises(EnvelopeError, match="Ask for it again"):
        from_file(source, keys)


def test_no_key_stands_in_an_argument_or_the_environment_and_no_process_is_left(
    rows: Rows, keys: Keys, instrument: Instrument
) -> None:
    seen: list[str] = []

    def look(done: int, whole: int) -> None:
        for child in psutil.Process().children(recursive=True):
            seen.append(told_to(child))

    open_records(
        rows, [keys.research], {instrument.digest: instrument}, look, len(rows), date.max, processes=2, at_once=7
    )
    seed = bytes(keys.research.seed)
    assert [told for told in seen if "release.batches" in told]
    assert not [told for told in seen if seed.hex() in told or repr(seed)[2:-1] in told]
    assert [child for child in psutil.Process().children() if "release.batches" in told_to(child)] == []


def told_to(child: psutil.Process) -> str:
    """What a process was started with; nothing where it has just ended."""
    with suppress(psutil.NoSuchProcess):
        return " ".join(child.cmdline()) + str(child.environ())
    return ""


@pytest.mark.parametrize("processes", [0, 1])
def test_it_is_ended_between_batches(rows: Rows, keys: Keys, instrument: Instrument, processes: int) -> None:
    done: list[int] = []
    with pytest.raises(Cancelled):
        open_records(
            rows,
            [keys.research],
            {instrument.digest: instrument},
            lambda so_far, whole: done.append(so_far),
            stop=lambda: bool(done),
            processes=processes,
            at_once=7,
        )
    assert 0 < done[-1] < len(rows)


def test_a_process_that_is_killed_ends_it_with_a_sentence(rows: Rows, keys: Keys, instrument: Instrument) -> None:
    def kill(done: int, whole: int) -> None:
        for child in psutil.Process().children():
            if "release.batches" in told_to(child):
                os.kill(child.pid, 9)

    with pytest.raises(ReleaseError, match="Opening the records was interrupted"):
        open_records(
            rows * 3, [keys.research], {instrument.digest: instrument}, kill, len(rows), processes=1, at_once=7
        )


def test_processes_that_have_all_ended_keep_nobody_waiting(
    rows: Rows, keys: Keys, instrument: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "START", "import sys; sys.exit(1)")
    with pytest.raises(ReleaseError, match="Opening the records was interrupted"):
        opened(rows, keys, instrument, 2, at_once=4)


def test_a_process_comes_to_its_own_end_where_it_overwrites_its_keys(
    rows: Rows, keys: Keys, instrument: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    start = beside._start
    monkeypatch.setattr(beside, "_start", lambda: started.append(start()) or started[-1])
    opened(rows, keys, instrument, 1)
    assert [one.returncode for one in started] == [0]


def test_a_process_that_opens_records_loads_no_database_and_no_reader_of_sheets() -> None:
    heavy = "{'sqlalchemy', 'flask', 'instruments.catalogue', 'instruments.workbooks', 'storage.office'}"
    told = f"import sys, release.batches; print({heavy} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", told], cwd=beside.ROOT, capture_output=True, text=True, check=True)
    assert found.stdout == "set()\n"
