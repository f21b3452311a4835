"""`./run bench growth`: what becomes slower as a study grows, at ten times more stored records each time.

The rows are of the size that real ones have and hold chance: to seal a million would take longer than all that is
measured, and no store looks into an envelope. What is measured is done with visits that are sealed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from statistics import median

from bench.load.measuring import Load, Outboxes, deliver
from bench.load.plots import sheet
from bench.load.served import ROOT, Field, make_field, serving
from fieldwork.bundles import make_bundle
from fieldwork.deliveries import read_delivery
from fieldwork.keeping import length_of, limits_of
from fieldwork.progress import bring_up_counts, progress_of
from fieldwork.study import Study
from fieldwork.withdrawal import take_out
from privacy.envelope import HEAD, Envelope, Suite, sealed_length
from privacy.receipts import cut_off
from storage.engines import size_of
from storage.vaults import Deposit, Lot, count, deposit_lots, rewrite

SIZES = (1_000, 10_000, 100_000, 1_000_000)
KINDS = ("consent", "contact", "link")
OF_A_VISIT = 4
LOTS = 64  # visits in one commit while a store is filled
WITHDRAWN = 9  # an odd number, as the middle one counts
EIGHT = Load(8)
SECONDS = 4.0


def fill(study: Study, records: int, today: date) -> None:
    """Bring both vaults to this many records in all."""
    lacking = records - count(study.stores.research) - count(study.stores.identity)
    until = cut_off(today, study.instrument.cut_off_days)
    limits = limits_of(study, today, until)
    for at in range(0, max(0, lacking // OF_A_VISIT), LOTS):
        visits = range(min(LOTS, lacking // OF_A_VISIT - at))
        for vault, kinds in ((study.stores.identity, KINDS), (study.stores.research, ("record",))):
            lots = [
                Lot(
                    os.urandom(16),
                    until,
                    tuple(Deposit(os.urandom(16), _chance(study, kind), limit=limits.get(kind)) for kind in kinds),
                )
                for _ in visits
            ]
            deposit_lots(vault, lots)


def _chance(study: Study, kind: str) -> Envelope:
    purpose = "research" if kind == "record" else "identity"
    length = sealed_length(Suite.XWING, length_of(study.instrument, purpose, kind))  # type: ignore[arg-type]
    return Envelope(Suite.XWING, os.urandom(8), os.urandom(length - HEAD))


def measured(field: Field, outboxes: Outboxes, folder: Path, today: date) -> dict[str, float]:
    """Everything at the size that there is. Times in milliseconds, rates a second."""
    study = field.study
    stores = (study.stores.research, study.stores.identity)
    stored = sum(count(vault) for vault in stores)
    with serving(field, "gunicorn", folder / "log") as served:
        told = deliver(served, outboxes, EIGHT, SECONDS)
    bring_up_counts(study.stores.office, today)
    bundle, took = folder / "bundle.amanah", _timed
    found = {
        "records": float(stored),
        "deliveries a second": told.kept / told.seconds,
        "withdrawal, ms": 1000 * median(took(deed) for deed in _withdrawals(study, outboxes, today)),
        "tally page, ms": 1000 * median(took(lambda: progress_of(study)) for _ in range(WITHDRAWN)),
        "bundle, records a second": count(stores[0]) / took(lambda: _bundle(study, bundle, today)),
        "rewriting at night, s": sum(took(lambda vault=vault: rewrite(vault)) for vault in stores),  # type: ignore[misc]
        "bytes a record": sum(size_of(vault.engine) for vault in stores) / sum(count(vault) for vault in stores),
    }
    bundle.unlink()
    return found | _backup(field, folder)


def _bundle(study: Study, path: Path, today: date) -> None:
    make_bundle(study, path, "bench", today, "research")


def _withdrawals(study: Study, outboxes: Outboxes, today: date) -> Iterator[Callable[[], object]]:
    """Withdraw some of those that were just delivered."""
    for data in outboxes.last(WITHDRAWN):
        research, identity = read_delivery(data).tags
        yield lambda research=research, identity=identity: take_out(study, research, identity, today)  # type: ignore[misc]


def _backup(field: Field, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "flask", "--app", str(ROOT / "app.py"), "backup", str(folder / "backups")]
    environment = dict(os.environ) | dict(field.environment)
    begun = time.perf_counter()
    done = subprocess.run(command, env=environment, cwd=ROOT, check=False, capture_output=True)
    return {"backup, s": time.perf_counter() - begun} if done.returncode == 0 else {}


def _timed(deed: Callable[[], object]) -> float:
    begun = time.perf_counter()
    deed()
    return time.perf_counter() - begun


def grow(most: int, told: Callable[[Mapping[str, float]], None]) -> list[dict[str, float]]:
    """Measure at each size up to `most` records."""
    found, today = list[dict[str, float]](), date.today()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        field = make_field(folder / "instance", {})
        outboxes = Outboxes(field, folder / "stock")
        for size in (size for size in SIZES if size <= most):
            fill(field.study, size, today)
            found.append(measured(field, outboxes, folder, today))
            told(found[-1])
    return found


def main() -> None:
    """Measure, print, draw."""
    parser = argparse.ArgumentParser(prog="./run bench growth")
    parser.add_argument("--most", type=int, default=100_000, help="stored records at the end; 1000000 needs 15 GB")
    parser.add_argument("--out", type=Path, default=Path("bench-results"))
    asked = parser.parse_args()
    found = grow(asked.most, lambda one: print(json.dumps(one), flush=True))
    asked.out.mkdir(exist_ok=True)
    (asked.out / "growth.json").write_text(json.dumps(found, indent=1) + "\n")
    names = [name for name in found[0] if name != "records"]
    plots = {name: [(one["records"], one[name]) for one in found if name in one] for name in names}
    (asked.out / "growth.svg").write_text(sheet(plots, "stored records"))


if __name__ == "__main__":
    main()
