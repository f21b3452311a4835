"""The people of a dataset as one frame: a row each, in no meaningful order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import polars as pl

from instruments.model import Instrument, Value, as_value
from release.person import RECORDED, Person

Kind = Literal["codes", "text"]


def kinds_of(instruments: Iterable[Instrument]) -> dict[str, Kind]:
    """Of each item of any version, whether its answers are whole numbers in all of them."""
    found: dict[str, Kind] = {}
    for instrument in instruments:
        for name, item in instrument.items.items():
            whole = item.kind in ("integer", "select_one") and not item.stored_level and all(
                isinstance(as_value(choice.code), int) for choice in item.choices
            )
            found[name] = "codes" if whole and found.get(name, "codes") == "codes" else "text"
    return found


def frame_of(people: Sequence[Person], kinds: Mapping[str, Kind]) -> pl.DataFrame:
    """These people as a frame."""
    recorded = [name for _, name, _ in RECORDED]
    items = dict.fromkeys(name for person in people for name in person.answers)
    choices = dict.fromkeys(name for person in people for name in person.choices)
    made = {
        ".participant": pl.Series([one.participant for one in people], dtype=pl.Binary),
        ".linked": pl.Series([one.linked for one in people], dtype=pl.Binary),
        ".instrument": pl.Series([one.instrument for one in people], dtype=pl.String),
        ".group": pl.Series([one.group for one in people], dtype=pl.String),
        ".wave": pl.Series([one.wave for one in people], dtype=pl.Int32),
    }
    for name in choices:
        said = [None if name not in one.choices else one.choices[name] == "yes" for one in people]
        made[f".{name}"] = pl.Series(said, dtype=pl.Boolean)
    for name in recorded:
        made[name] = pl.Series([one.recorded.get(name) for one in people], dtype=pl.String)
    made["respondent_group"] = pl.Series([one.group for one in people], dtype=pl.String)
    for name in items:
        told = [one.answers.get(name) for one in people]
        whole = kinds.get(name) == "codes"
        made[name] = pl.Series(
            told if whole else [_text(one) for one in told], dtype=pl.Int32 if whole else pl.String
        )
    return pl.DataFrame(made)


def _text(value: Value | None) -> str | None:
    if value is None:
        return None
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
