"""Releases written as a desk writes them, read back by name."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from instruments.model import Instrument
from release.dataset import Dataset
from release.export import write_release
from release.frame import BROUGHT, PLACE, RECORD, frames_of, kinds_of, widened
from release.made import Release
from release.person import Person
from release.signing import signer_of

SIGNER = signer_of(b"amanah-release-key-1 " + b"07" * 32 + b"\n", Path("release.key"))


def release_files(made: Release) -> dict[str, bytes]:
    """Every file of a release by its path in the folder."""
    with tempfile.TemporaryDirectory() as beside:
        folder = Path(beside) / "release"
        write_release(made, folder, SIGNER)
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def dataset_of(people: Sequence[Person], instrument: Instrument) -> Dataset:
    """These people as if their records had been opened."""
    placed = [(place, place.to_bytes(16, "big"), person) for place, person in enumerate(people)]
    people = pl.concat(frames_of(placed, kinds_of([instrument])), how="diagonal")
    return Dataset(widened(people.drop(PLACE, RECORD, BROUGHT)), (), 0)
