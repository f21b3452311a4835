"""The rows of a .dta file, all at once. pyreadstat takes letters among numbers one cell at a time: ten times as slow.

A .dta of one row holds everything but the rows: this puts the rows in and moves what follows. Form 118, as Stata
documents it (help dta): a map of offsets, and rows of a constant width.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl

LONG, LONGEST_TEXT = 65_528, 2_045  # the type of a whole number of 4 bytes, and what a text of a row can be
DOT = 2_147_483_621  # Stata's "." among such numbers; .a is one more
BLANK = DOT  # nothing at all
AT_ONCE = 20_000  # rows
MAP, COUNT, TYPES = b"<map>", b"<N>", b"<variable_types>"
DATA = b"<data>"
TYPES_AT, DATA_AT, AFTER = 2, 9, range(10, 14)  # places in the map


def has_short_texts(frame: pl.DataFrame) -> bool:
    """Whether every text fits into a row; Stata keeps longer ones elsewhere."""
    return all(_longest_bytes(one) <= LONGEST_TEXT for one in frame.iter_columns() if one.dtype == pl.String)


def put_rows(path: Path, frame: pl.DataFrame, letters: Mapping[str, Mapping[int, int]]) -> None:
    """Make the .dta of one row at `path` one of all these rows. `letters`: of each variable, which missing code is
    which letter.

    Codes become .a for 1, .b for 2, …. Rows are written a part at a time.
    """
    one = path.read_bytes()
    start = one.index(MAP) + len(MAP)
    places = list(struct.unpack_from("<14Q", one, start))
    kind = _row(_types(one, places[TYPES_AT], frame.width))
    body, ending = places[DATA_AT] + len(DATA), places[AFTER[0]] - len(b"</data>")
    if kind.itemsize != ending - body:
        raise ValueError("a row is not as wide as the file says")
    for place in AFTER:
        places[place] += kind.itemsize * (frame.height - 1)
    head = bytearray(one[:body])
    struct.pack_into("<14Q", head, start, *places)
    struct.pack_into("<Q", head, one.index(COUNT) + len(COUNT), frame.height)
    with path.open("wb") as file:
        file.write(head)
        for first in range(0, frame.height, AT_ONCE):
            file.write(_rows(frame[first : first + AT_ONCE], kind, letters))
        file.write(one[ending:])


def longest(frame: pl.DataFrame) -> pl.DataFrame:
    """One row that needs as much room as any: each text as long as the longest of its column, each number 1."""
    return pl.DataFrame([_longest(values) for values in frame.iter_columns()])


def _longest(values: pl.Series) -> pl.Series:
    if values.dtype != pl.String:
        return pl.Series(values.name, [1], dtype=pl.Int32)
    return pl.Series(values.name, ["x" * max(1, _longest_bytes(values))])


def _longest_bytes(values: pl.Series) -> int:
    return int(values.str.len_bytes().max() or 0)  # type: ignore[arg-type]  # a whole number, or None of an empty column


def _types(one: bytes, place: int, count: int) -> tuple[int, ...]:
    return struct.unpack_from(f"<{count}H", one, place + len(TYPES))


def _row(types: Sequence[int]) -> np.dtype[np.void]:
    kinds = ["<i4" if kind == LONG else f"S{kind}" for kind in types]
    return np.dtype([(f"c{place}", kind) for place, kind in enumerate(kinds)])


def _rows(frame: pl.DataFrame, kind: np.dtype[np.void], letters: Mapping[str, Mapping[int, int]]) -> bytes:
    made = np.zeros(frame.height, kind)
    for place, values in enumerate(frame.iter_columns()):
        whole = kind[place] == np.int32
        made[f"c{place}"] = _numbers(values, letters.get(values.name, {})) if whole else _texts(values)
    return made.tobytes()


def _numbers(values: pl.Series, letters: Mapping[int, int]) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    told = values.replace({code: DOT + letter for code, letter in letters.items()}) if letters else values
    return told.fill_null(BLANK).to_numpy()


def _texts(values: pl.Series) -> list[bytes]:
    cells: list[bytes] = values.cast(pl.Binary).to_list()
    return cells
