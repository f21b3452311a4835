"""Read a lock: every package of a pinned list, with the SHA-256 of each of its files. `./run lock` writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = re.compile(r"([A-Za-z0-9._-]+)==([^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Locked:
    """One package: its name as the index spells it, its version, the hashes of its files."""

    name: str
    version: str
    hashes: tuple[str, ...]


def plain_name(name: str) -> str:
    """One spelling for every way in which a package's name is written."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_lock(path: Path) -> tuple[Locked, ...]:
    """The packages of a lock, in its order."""
    return tuple(_packages(path.read_text("utf-8")))


def _packages(text: str) -> Iterator[Locked]:
    for entry in re.split(r"\n(?=\S)", text):
        if found := PACKAGE.match(entry):
            yield Locked(plain_name(found[1]), found[2], tuple(sorted(HASH.findall(entry))))


def read_list(path: Path) -> set[tuple[str, str]]:
    """Name and version of each package that a pinned list names, with the lists that it includes."""
    named: set[tuple[str, str]] = set()
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("-r "):
            named |= read_list(path.parent / line.removeprefix("-r ").strip())
        elif found := PACKAGE.match(line):
            named.add((plain_name(found[1]), found[2]))
    return named
