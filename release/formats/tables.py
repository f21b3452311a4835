"""Rows as text, as a spreadsheet or a program reads them: data.csv and data.parquet. Same rows, same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from release.formats.cells import neutral, neutral_text
from release.formats.variables import Variable
from release.made import Release

AT_ONCE = 50_000  # rows
BOM = b"\xef\xbb\xbf"  # by which Excel knows UTF-8


def write_csv(release: Release, variables: Sequence[Variable], path: Path) -> None:
    """UTF-8, commas, a line feed after each line."""
    names = [neutral(name) for name in release.frame.columns]
    with path.open("wb") as file:
        file.write(BOM if release.specification.excel else b"")
        # A part at a time: safe texts are copies. Of nobody there is one part too, for the names.
        for start in range(0, max(release.frame.height, 1), AT_ONCE):
            part = _safe(release.frame[start : start + AT_ONCE])
            part.columns = names
            part.write_csv(file, line_terminator="\n", include_header=not start)


def _safe(part: pl.DataFrame) -> pl.DataFrame:
    return part.with_columns([neutral_text(one) for one in part.iter_columns() if one.dtype == pl.String])


def write_parquet(release: Release, variables: Sequence[Variable], path: Path) -> None:
    """Whole numbers and text as they are, compressed. Labels are in the codebook."""
    release.frame.write_parquet(path, compression="zstd", statistics=False)
