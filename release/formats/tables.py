"""Rows as text, as a spreadsheet or a program reads them: data.csv and data.parquet. Same rows, same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from release.formats.cells import neutral, neutral_text
from release.formats.variables import Variable
from release.made import Release

BOM = b"\xef\xbb\xbf"  # by which Excel knows UTF-8


def write_csv(release: Release, variables: Sequence[Variable], path: Path) -> None:
    """UTF-8, commas, a line feed after each line."""
    safe = release.frame.with_columns(
        [neutral_text(values) for values in release.frame.iter_columns() if values.dtype == pl.String]
    )
    safe.columns = [neutral(name) for name in safe.columns]
    with path.open("wb") as file:
        file.write(BOM if release.specification.excel else b"")
        safe.write_csv(file, line_terminator="\n")


def write_parquet(release: Release, variables: Sequence[Variable], path: Path) -> None:
    """Whole numbers and text as they are, compressed. Labels are in the codebook."""
    release.frame.write_parquet(path, compression="zstd", statistics=False)
