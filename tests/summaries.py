"""Frames of people for tests of the summary: the study's twelve, and made-up ones of any number."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import polars as pl

from instruments.model import Instrument

EXPECTED = Path(__file__).parent / "instruments" / "data" / "expected_raw.csv"


def twelve() -> pl.DataFrame:
    """The twelve young people of the study's expected results."""
    with EXPECTED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    asked = [name for name in rows[0] if name.startswith("yp_") and name not in ("yp_contact", "yp_contact_fair")]
    return pl.DataFrame(
        {
            ".group": ["young_person"] * len(rows),
            ".wave": pl.Series([1] * len(rows), dtype=pl.Int32),
            "site": pl.Series([int(row["site"]) for row in rows], dtype=pl.Int32),
            "admin_mode": [row["admin_mode"] for row in rows],
            **{name: pl.Series([int(row[name]) for row in rows], dtype=pl.Int32) for name in asked},
        }
    )


def made_up(instrument: Instrument, numbers: dict[str, int], seed: int = 7, missing: float = 0.03) -> pl.DataFrame:
    """So many people of each group. Items of one person go together, as a trait stands behind them."""
    chance = random.Random(seed)
    rows = [_person(instrument, group, chance, missing) for group, number in numbers.items() for _ in range(number)]
    whole = {name: None for row in rows for name in row}
    return pl.DataFrame([{**whole, **row} for row in rows], infer_schema_length=None)


def _person(instrument: Instrument, group: str, chance: random.Random, missing: float) -> dict[str, object]:
    trait = chance.gauss(0.4, 0.8)
    label = chance.randbytes(16)
    row: dict[str, object] = {
        ".participant": label,
        ".linked": label,
        ".group": group,
        ".wave": 1,
        ".instrument": instrument.digest,
        "admin_mode": chance.choices(["self", "interviewer", "interpreter"], [8, 4, 1])[0],
    }
    for item in instrument.research_items(group):
        if item.kind == "select_one":
            row[item.name] = _answer([choice.code for choice in item.choices], item.reverse, trait, chance, missing)
    return row


def _answer(codes: list[str], is_turned: bool, trait: float, chance: random.Random, missing: float) -> int:
    plain = [int(code) for code in codes if int(code) > 0]
    if chance.random() < missing and "-1" in codes:
        return chance.choice([-1, -2])
    if len(plain) != 5:
        return chance.choice(plain)
    near = min(5, max(1, round(3 + trait + chance.gauss(0, 0.9))))
    return 6 - near if is_turned else near
