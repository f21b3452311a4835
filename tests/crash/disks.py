"""A small disk of a process's own: no other process sees it, and it goes when its keeper does, however that ends."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SIZE = 24 * 2**20  # bytes


@dataclass(frozen=True)
class Disk:
    """`place`: where it lies for whoever is started by `inside`; `path`: where it lies for everybody else."""

    place: Path
    path: Path
    inside: Sequence[str]

    def fill(self, but: int, processes: Sequence[int]) -> None:
        """Fill it, but for so many bytes. These processes write to it."""
        found = os.statvfs(self.path)
        with (self.path / "ballast").open("ab") as file:
            file.write(bytes(max(0, found.f_bavail * found.f_frsize - but)))

    def clear(self, processes: Sequence[int]) -> None:
        """Make room again."""
        (self.path / "ballast").unlink()


class LimitedFiles(Disk):
    """Where no disk can be mounted (a container may not): these processes may write no file longer than is left."""

    def fill(self, but: int, processes: Sequence[int]) -> None:
        """No file of these processes grows beyond so many bytes."""
        for process in processes:
            resource.prlimit(process, resource.RLIMIT_FSIZE, (but, resource.RLIM_INFINITY))

    def clear(self, processes: Sequence[int]) -> None:
        """As long as they like."""
        self.fill(resource.RLIM_INFINITY, processes)


@contextmanager
def small_disk(place: Path) -> Iterator[Disk]:
    """Such a disk, mounted over this folder."""
    mounted = f"mount -t tmpfs -o size={SIZE},mode=0700 none '{place}' && echo ready && exec sleep 3600"
    as_owner = ["--map-root-user"] if os.geteuid() else []
    words = ["unshare", "--mount", *as_owner, "sh", "-c", mounted]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as keeper:
        try:
            assert keeper.stdout
            if keeper.stdout.readline() == "ready\n":
                entering = ["--user", "--preserve-credentials"] if os.geteuid() else []
                inside = ["nsenter", f"--target={keeper.pid}", "--mount", *entering, "--"]
                yield Disk(place, Path(f"/proc/{keeper.pid}/root{place}"), inside)
            else:
                yield LimitedFiles(place, place, ())
        finally:
            keeper.kill()
