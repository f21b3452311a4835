"""`./run bench fuzz`: a million hostile inputs for each reader. Exits 1 where one broke.

Each reader runs in a process of its own, whose memory is bounded. With `--guided` atheris chooses the inputs by the
code that they reach (docs/measured.md); without, they are changes of valid samples, the same for the same seed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from bench.fuzz.in_an_instance import readers
from bench.fuzz.of_the_office import OF_THE_OFFICE
from bench.fuzz.running import LARGEST_GROWTH, Run, run
from bench.fuzz.targets import READERS, Target

MEMORY = 2 * 1024**3  # bytes of address space for one reader's process
IN_MEMORY = Path("/dev/shm")  # noqa: S108 (a folder of its own is made in it)
ALONE, HOUSED = (*READERS, *OF_THE_OFFICE), ("cookie", "outbox", "link")  # those that need an instance
NAMES = (*(made().name for made in ALONE), *HOUSED)


def main() -> int:
    """Run the targets that were named, one process each; all of them where none was."""
    told = _arguments()
    if told.alone:
        return _alone(told.targets[0], told.inputs, told.seed, told.minutes)
    print(f"{'reader':<12} {'inputs':>10} {'past check':>11} {'read':>6} {'slowest':>9} {'a second':>9} {'grew':>8}")
    module = ["bench.fuzz.guided"] if told.guided else ["bench.fuzz", "--alone"]
    asked = [f"--inputs={told.inputs}", f"--seed={told.seed}", f"--minutes={told.minutes}"]
    ended = [subprocess.call([sys.executable, "-m", *module, *asked, name]) for name in told.targets or NAMES]
    return int(any(ended))


def _arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="./run bench fuzz", description=__doc__)
    reader.add_argument("targets", nargs="*", choices=[*NAMES, []], metavar="TARGET", help=", ".join(NAMES))
    reader.add_argument("--inputs", type=int, default=1_000_000)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--minutes", type=float, default=1e6, help="stop one reader after so many, however far it came")
    reader.add_argument("--guided", action="store_true", help="guided by coverage, where atheris is installed")
    reader.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    return reader.parse_args()


def _alone(name: str, inputs: int, seed: int, minutes: float) -> int:
    _bound_memory()
    # In memory where that can be had: a reader that writes would otherwise wait for a disk.
    with tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as folder:
        target = named(name, Path(folder) / "instance")
        before = _memory()
        done = run(target, inputs, seed, minutes)
        grown = _memory() - before
    print(line_of(done, grown), flush=True)
    for fault in done.faults:
        print(f"{name}: {fault.data[:200]!r}\n{fault.what}", flush=True)
    return int(bool(done.faults) or grown > LARGEST_GROWTH)


def named(name: str, folder: Path) -> Target:
    """The target of this name; an instance is made in the folder where it needs one."""
    made = readers(folder) if name in HOUSED else (make() for make in ALONE)
    return next(target for target in made if target.name == name)


def line_of(done: Run, grown: int) -> str:
    """One line of the table."""
    share, read = done.past / done.inputs, done.read / done.inputs
    speed = done.inputs / done.seconds
    return (
        f"{done.target:<12} {done.inputs:>10,} {share:>11.0%} {read:>6.0%} {done.slowest:>7.2f} s {speed:>9,.0f} "
        f"{grown / 1e6:>5.0f} MB"
    )


def _bound_memory() -> None:
    with suppress(ImportError):  # Windows has no such limit
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _memory() -> int:
    """The most memory that this process ever had, in bytes; 0 where the system does not tell."""
    with suppress(ImportError):
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return 0


if __name__ == "__main__":
    sys.exit(main())
