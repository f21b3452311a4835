"""A small disk of a process's own: no other process sees it, and it goes when its keeper does, however that ends."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SIZE = 24 * 2**20  # bytes


@dataclass(frozen=True)
class Disk:
    """`place`: where it lies for whoever is started by `inside`; `path`: where it lies for everybody else."""

    keeper: int
    place: Path

    @property
    def path(self) -> Path:
        return Path(f"/proc/{self.keeper}/root{self.place}")

    @property
    def inside(self) -> list[str]:
        as_owner = ["--user", "--preserve-credentials"] if os.geteuid() else []
        return ["nsenter", f"--target={self.keeper}", "--mount", *as_owner, "--"]

    @property
    def free(self) -> int:
        found = os.statvfs(self.path)
        return found.f_bavail * found.f_frsize

    def fill(self, but: int) -> None:
        """Fill it, but for so many bytes."""
        with (self.path / "ballast").open("ab") as file:
            file.write(bytes(max(0, self.free - but)))

    def clear(self) -> None:
        (self.path / "ballast").unlink()


@contextmanager
def small_disk(place: Path) -> Iterator[Disk]:
    """Such a disk, mounted over this folder."""
    mounted = f"mount -t tmpfs -o size={SIZE},mode=0700 none '{place}' && echo ready && exec sleep 3600"
    as_owner = ["--map-root-user"] if os.geteuid() else []
    words = ["unshare", "--mount", *as_owner, "sh", "-c", mounted]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as keeper:
        try:
            assert keeper.stdout
            assert keeper.stdout.readline() == "ready\n", "no small disk: unshare --mount is needed (util-linux)"
            yield Disk(keeper.pid, place)
        finally:
            keeper.kill()
