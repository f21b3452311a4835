"""`./run bench releases [PEOPLE]`: how fast and how large releases are, beside bare HPKE opening of the same records.

Every ratio comes from one run on one machine. Nothing here is about a real person: people are invented, keys are new.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

from bench.measuring import rate, show
from bench.sealed import bench_instrument, sealed_records
from instruments.sizes import research_length
from privacy.envelope import Context, Envelope, Suite
from privacy.opening import PrivateKey, new_private_key
from privacy.sealing import HPKE, seal
from release.build import build_release, open_source_with
from release.dataset import Dataset
from release.export import write_release
from release.signing import desk_signer
from release.source import Source, open_source
from release.specification import FORMATS, Specification
from storage.bundle import open_bundle, write_rows

PEOPLE, AT_ONCE = 100_000, 1_000
# ODK Central, measured as REQUIREMENTS has it: encrypted submissions to CSV, a part of bare X25519 opens on one core.
ODK = 0.07
GIB = 1 << 30
TODAY = date(2026, 11, 25)


@dataclass(frozen=True)
class Took:
    """Seconds by the clock, and of all cores together. The second tells more where a machine is busy."""

    clock: float
    cores: float

    def __add__(self, other: Took) -> Took:
        return Took(self.clock + other.clock, self.cores + other.cores)


@dataclass(frozen=True)
class Step:
    """What was done, the limit as a multiple of bare opening, what it took, and the memory that was needed so far."""

    name: str
    limit: float
    took: Took
    memory: int


def bench_releases(people: int) -> None:
    """Make the records, measure, print."""
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as name:
        folder, key = Path(name), new_private_key("research", bench_instrument().study, os.urandom)
        sealing = _timed(lambda: _write_records(folder / "bench.amanah", people, key))
        print(f"{people:,} records sealed into a bundle of {_size(folder / 'bench.amanah')}: {sealing.clock:.0f} s")
        alone = _in_processes(_bare, [(folder / "bench.amanah", key, part, cores) for part in range(cores)], cores)
        bare = Took(max(one.clock for one in alone), sum(one.cores for one in alone))
        print(f"bare HPKE opening on {cores} cores: {bare.clock:.1f} s, {bare.cores:.1f} s of cores")
        (steps,) = _in_processes(_release, [(folder, key)], 1)
        for step in steps:
            _show(step, bare)
        show("records to CSV", people / steps[1].took.clock, f"bare X25519 opens (ODK {ODK})", _bare_of_odk(key))


def _show(step: Step, bare: Took) -> None:
    ratios = f"ratio {step.took.clock / bare.clock:.2f} of {step.limit}, of cores {step.took.cores / bare.cores:.2f}"
    print(f"{step.name:<48} {step.took.clock:>7.1f} s   {ratios}   {step.memory / GIB:.2f} GiB")


def _write_records(path: Path, people: int, key: PrivateKey) -> None:
    instrument = bench_instrument()
    rows = ((record_id, Envelope.parse(sealed)) for record_id, sealed in sealed_records(people, key))
    members = {"keyring.json": b"", "tallies.json": b"[]"}
    members[f"instruments/{instrument.digest}.json"] = instrument.canonical
    write_rows(path, instrument.study, "research", rows, members, {"order": [instrument.digest], "retention": {}})


def _bare(told: tuple[Path, PrivateKey, int, int]) -> Took:
    """What opening every so many-th record takes, without reading them from the file."""
    path, key, part, parts = told
    rows, passed = islice(open_bundle(path).rows(), part, None, parts), Took(0, 0)
    digest = bench_instrument().digest
    while batch := list(islice(rows, AT_ONCE)):
        infos = [
            Context("research", key.study, digest, record_id).info(envelope.suite, envelope.key_id)
            for record_id, envelope in batch
        ]
        passed += _timed(lambda batch=batch, infos=infos: _decrypt(key, batch, infos))  # type: ignore[misc]
    return passed


def _decrypt(key: PrivateKey, batch: Sequence[tuple[bytes, Envelope]], infos: Sequence[bytes]) -> None:
    for (_, envelope), info in zip(batch, infos, strict=True):
        HPKE[envelope.suite].decrypt(envelope.sealed, key._halves[envelope.suite], info=info)


def _bare_of_odk(key: PrivateKey) -> float:
    """How many records of the size of ours one core opens in a second with X25519 alone."""
    instrument = bench_instrument()
    context = Context("research", key.study, instrument.digest, bytes(16))
    sealed = seal({"format": 1}, key.public(), context, research_length(instrument), Suite.X25519)
    info, half = context.info(sealed.suite, sealed.key_id), key._halves[Suite.X25519]
    return rate(lambda: HPKE[Suite.X25519].decrypt(sealed.sealed, half, info=info))


def _release(told: tuple[Path, PrivateKey]) -> list[Step]:
    folder, key = told
    found, kept = open_source(folder / "bench.amanah"), list[Dataset]()
    opening = _timed(lambda: kept.append(open_source_with(found, [key], lambda done, whole: None, TODAY)))
    assert kept[0].people.height == len(found.records)
    return list(_steps(folder, found, kept[0], key, opening))


def _steps(folder: Path, found: Source, dataset: Dataset, key: PrivateKey, opening: Took) -> Iterator[Step]:
    yield Step("opened, parsed and validated", 1.7, opening, _memory())
    for name, limit, formats in (("with disclosure control, to CSV", 2.5, ("csv",)), ("in every format", 4.0, FORMATS)):
        out = folder / f"release-{len(formats)}"
        more = _timed(lambda out=out, formats=formats: _write(found, dataset, key, formats, out))  # type: ignore[misc]
        yield Step(f"the whole release {name}", limit, opening + more, _memory())


def _write(found: Source, dataset: Dataset, key: PrivateKey, formats: tuple[str, ...], out: Path) -> None:
    groups = tuple(group.name for group in found.groups)
    ordered = Specification("A measured release", groups, 5, formats, "en")
    made = build_release(found, dataset, [key], ordered)
    assert made.frame.height
    write_release(made, out, desk_signer(out.parent))


def _timed(deed: Callable[[], object]) -> Took:
    begun, used = time.perf_counter(), _used()
    deed()
    return Took(time.perf_counter() - begun, _used() - used)


def _used() -> float:
    """Seconds of cores that this process and those that it has ended have used."""
    told = os.times()
    return told.user + told.system + told.children_user + told.children_system


def _in_processes(deed: Callable, told: list, count: int) -> list:  # type: ignore[type-arg]
    # New ones, so that memory and warm caches of one measurement are not another's.
    with ProcessPoolExecutor(count, multiprocessing.get_context("spawn")) as workers:
        return list(workers.map(deed, told))


def _memory() -> int:
    """The most that this process needed, and as many others as there are cores, each the largest of them; in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    others = getrusage(RUSAGE_CHILDREN).ru_maxrss * (os.cpu_count() or 1)
    return (getrusage(RUSAGE_SELF).ru_maxrss + others) * unit


def _size(path: Path) -> str:
    return f"{path.stat().st_size / GIB:.2f} GiB"


if __name__ == "__main__":
    bench_releases(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE)
