"""The same readers, with inputs that atheris chooses by the code they reach: `./run bench fuzz --guided`.

atheris is on the package index for Linux and some versions of Python only, so no list of ours names it: install it by
hand.
Half of the changes are ours, which know the formats; the others are libFuzzer's own. What breaks a reader is left as a
`crash-…` file in a temporary folder, which is named.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

OURS = ["errors", "fieldwork", "instruments", "privacy", "release", "storage", "zipfile", "flask.sessions"]
LONGEST = 20_000  # bytes of one input
SECONDS, MEGABYTES = 10, 2048  # what one input may take


def main() -> None:
    """Run one reader until inputs or minutes are used up. libFuzzer ends the process, with 0 where all is well."""
    try:
        import atheris
    except ImportError:
        raise SystemExit("atheris is not installed here; install it, or leave --guided out.") from None
    # What is to be watched has to be imported here and nowhere before.
    with atheris.instrument_imports(include=OURS):
        from bench.fuzz.__main__ import named
    told = _arguments()
    scratch = Path(tempfile.mkdtemp(prefix="fuzz-"))
    target = named(told.target, scratch / "instance")
    corpus = scratch / "corpus"
    corpus.mkdir()
    for number, data in enumerate(target.samples):
        (corpus / str(number)).write_bytes(data)
    chance, begun, count, past = random.Random(told.seed), time.perf_counter(), 0, 0

    def try_one(data: bytes) -> None:
        nonlocal count, past
        count, past = count + 1, past + target.gets_past(data)
        try:
            target.read(data)
        except target.refusals:
            pass
        if count in (told.inputs, told.inputs // 2) or count % 100_000 == 0:
            speed = count / (time.perf_counter() - begun)
            print(f"{target.name:<12} {count:>10,} {past / count:>11.0%} guided {speed:>9,.0f}", flush=True)

    def change(data: bytes, most: int, seed: int) -> bytes:
        chance.seed(seed)
        if chance.random() < 0.5:
            return bytes(atheris.Mutate(data, most))
        return chance.choice(target.changes)(chance, data)[:most]

    limits = [f"-runs={told.inputs}", f"-max_len={LONGEST}", f"-timeout={SECONDS}", f"-rss_limit_mb={MEGABYTES}"]
    limits += [f"-max_total_time={round(60 * told.minutes)}", f"-artifact_prefix={scratch}/", f"-seed={told.seed}"]
    atheris.Setup([sys.argv[0], *limits, "-verbosity=0", str(corpus)], try_one, custom_mutator=change)
    atheris.Fuzz()


def _arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="./run bench fuzz --guided")
    reader.add_argument("target")
    reader.add_argument("--inputs", type=int, default=1_000_000)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--minutes", type=float, default=1e6)
    return reader.parse_args()


if __name__ == "__main__":
    main()
