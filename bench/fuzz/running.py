"""Give a reader many inputs and watch it: nothing but results and its own errors, each within its time."""

from __future__ import annotations

import random
import sys
import time
import traceback
from dataclasses import dataclass

from bench.fuzz.targets import Target

SLOWEST = 2.0  # seconds of CPU that one input may cost
LARGEST_GROWTH = 512 * 1024 * 1024  # bytes by which the process may have grown at its largest
SO_FAR = 50_000  # inputs after which it says so: whoever stops it then knows how far it came


@dataclass(frozen=True)
class Fault:
    """An input that a reader neither read nor refused as it should."""

    data: bytes
    what: str


@dataclass(frozen=True)
class Run:
    """What became of the inputs. `past`: how many got past the reader's first check; `read`: how many gave a result."""

    target: str
    inputs: int
    past: int
    read: int
    slowest: float
    seconds: float
    faults: tuple[Fault, ...]


def run(target: Target, inputs: int, seed: int, minutes: float = 1e6, most_faults: int = 10) -> Run:
    """Read so many inputs, or as many as these minutes allow. Input n of a seed is always the same."""
    past = read = 0
    slowest, faults, begun = 0.0, dict[str, Fault](), time.perf_counter()
    for number in range(inputs):
        data = target.some_input(random.Random(f"{target.name} {seed} {number}"))
        past += target.gets_past(data)
        result, passed, fault = _tried(target, data)
        read += result
        slowest = max(slowest, passed)
        if (number + 1) % SO_FAR == 0:
            print(f"{target.name}: {number + 1:,} so far, {len(faults)} faults", file=sys.stderr, flush=True)
        faults |= {fault.what: fault} if fault else {}  # one of each kind is enough to mend it
        if len(faults) >= most_faults or time.perf_counter() - begun > 60 * minutes:
            inputs = number + 1
            break
    return Run(target.name, inputs, past, read, slowest, time.perf_counter() - begun, tuple(faults.values()))


def _tried(target: Target, data: bytes) -> tuple[bool, float, Fault | None]:
    start = time.thread_time()
    result, fault = False, None
    try:
        target.read(data)
        result = True
    except target.refusals:
        pass
    except Exception:  # whatever else a reader lets through is what is looked for
        fault = Fault(data, traceback.format_exc(limit=-4))
    passed = time.thread_time() - start
    if passed > SLOWEST:
        fault = fault or Fault(data, f"took more than {SLOWEST} seconds")
    return result, passed, fault
