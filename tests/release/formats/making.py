"""Small releases made of frames, for tests of formats: the study's own items, whatever the rows hold."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from instruments.model import Choice, Instrument, Item, Text
from privacy.disclosure.classes import risk_of
from privacy.disclosure.lattice import Node
from release.columns import Column
from release.made import Release
from release.specification import Specification
from release.table import columns_of

RAW = Path(__file__).parents[2] / "instruments" / "data" / "expected_raw.csv"
ORDER = Specification("team file", ("young_person",), 5, ("csv",), "en")


def text(words: str) -> Text:
    return Text((("en", words),))


def item(name: str, label: str, choices: dict[str, str] | None = None, kind: str = "select_one") -> Item:
    told = tuple(Choice(code, text(words)) for code, words in (choices or {}).items())
    return Item(name, kind, text(label), choices=told, groups=("young_person",), on_for=("young_person",))  # type: ignore[arg-type]


def release_of(
    instrument: Instrument, frame: pl.DataFrame, columns: tuple[Column, ...], ordered: Specification = ORDER
) -> Release:
    """A release of these rows, with everything else as if nothing had to be done for it."""
    nobody = pl.Series([1] * frame.height)
    risk = risk_of(frame.select(pl.lit(1).alias("all")), ordered.k)
    return Release(
        specification=ordered, instruments=(instrument,), columns=columns, withheld=(), not_archived=(), frame=frame,
        levels={}, before=risk, after=risk, sizes=(nobody, nobody), left_out=0, declined_archive=0, faults=(),
        uniform={}, answered=(frame.height,), is_order_known=True, checked=(), obstacles=(), lacking={},
        keys=("abcd",), unjoined=0, node=Node({}, (), 0.0, 1, 1), l={}, t={},
        suppressed_cells={}, loss_by_variable={}, held_back=0, differences=(), known_before={},
        labels=pl.Series([], dtype=pl.Binary),
    )  # fmt: skip


def made_of(
    instrument: Instrument, items: Mapping[Item, Sequence[int | str]], ordered: Specification = ORDER
) -> Release:
    """A release of these items with these values."""
    values = {one.name: told for one, told in items.items()}
    rows = len(next(iter(values.values())))
    frame = pl.DataFrame({"research_id": [f"R{row:03}" for row in range(rows)], **values})
    whole = frame.with_columns(pl.col(pl.Int64).cast(pl.Int32))
    return release_of(instrument, whole, tuple(Column(one, None) for one in items), ordered)


def expected(instrument: Instrument, ordered: Specification = ORDER) -> Release:
    """The study's twelve invented young people, as if they were released as they answered."""
    with RAW.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = columns_of((instrument,), ("young_person",))
    frame = pl.DataFrame({name: _cells([row[name] for row in rows]) for name in rows[0]})
    return release_of(instrument, frame, tuple(columns[name] for name in frame.columns[1:]), ordered)


def with_order(release: Release, **changes: object) -> Release:
    return replace(release, specification=replace(release.specification, **changes))  # type: ignore[arg-type]


def _cells(cells: list[str]) -> pl.Series:
    whole = all(cell.lstrip("-").isdigit() for cell in cells)
    return pl.Series([int(cell) for cell in cells], dtype=pl.Int32) if whole else pl.Series(cells, dtype=pl.String)
