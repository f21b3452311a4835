"""The people of a dataset as one frame: a row each, in no meaningful order.

Columns that begin with a dot are no variables: an item's name begins with a letter, so none can be taken for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import polars as pl

from instruments.model import Instrument, Value, as_value
from privacy.opening import PrivateKey
from release.person import RECORDED, Person
from release.waves import earlier_label

Kind = Literal["codes", "text"]
PLACE, RECORD, BROUGHT = ".place", ".record", ".brought"  # of a batch only: they are gone from a dataset


def kinds_of(instruments: Iterable[Instrument]) -> dict[str, Kind]:
    """Of each item of any version, whether its answers are whole numbers in all of them."""
    found: dict[str, Kind] = {}
    for instrument in instruments:
        for name, item in instrument.items.items():
            whole = (
                item.kind in ("integer", "select_one")
                and not item.stored_level
                and all(isinstance(as_value(choice.code), int) for choice in item.choices)
            )
            found[name] = "codes" if whole and found.get(name, "codes") == "codes" else "text"
    return found


def frame_of(
    people: Sequence[Person], kinds: Mapping[str, Kind], keys: Mapping[bytes, PrivateKey] | None = None
) -> pl.DataFrame:
    """These people as a frame. `.linked`: the label in the capsule that a person brought, if one of `keys` opens it."""
    kept = [_of_alike(ours, kinds, keys or {}) for ours in _alike(people)] or [_of_alike([], kinds, {})]
    return pl.concat(kept, how="diagonal")


def _alike(people: Sequence[Person]) -> Iterable[list[Person]]:
    """Those whose records have the same answers and choices in the same order, together."""
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Person]] = {}
    for person in people:
        found.setdefault((tuple(person.answers), tuple(person.choices)), []).append(person)
    return found.values()


def _of_alike(people: Sequence[Person], kinds: Mapping[str, Kind], keys: Mapping[bytes, PrivateKey]) -> pl.DataFrame:
    made = {
        ".participant": pl.Series([one.participant for one in people], dtype=pl.Binary),
        ".linked": pl.Series([_linked(one, keys) for one in people], dtype=pl.Binary),
        BROUGHT: pl.Series([bool(one.earlier) for one in people], dtype=pl.Boolean),
        ".instrument": pl.Series([one.instrument for one in people], dtype=pl.String),
        ".group": pl.Series([one.group for one in people], dtype=pl.String),
        ".wave": pl.Series([one.wave for one in people], dtype=pl.Int32),
    }
    for name, said in _columns([one.choices for one in people]):
        made[f".{name}"] = pl.Series([one == "yes" for one in said], dtype=pl.Boolean)
    for _, name, _ in RECORDED:
        made[name] = pl.Series([one.recorded.get(name) for one in people], dtype=pl.String)
    made["respondent_group"] = made[".group"]
    for name, told in _columns([one.answers for one in people]):
        made[name] = _series(told, kinds.get(name, "text"))
    return pl.DataFrame(made)


def _columns(rows: Sequence[Mapping[str, Value]]) -> Iterable[tuple[str, Sequence[Value]]]:
    return zip(rows[0], zip(*(row.values() for row in rows), strict=True), strict=True) if rows else ()


def _series(told: Sequence[Value], kind: Kind) -> pl.Series:
    if kind == "codes":
        return pl.Series(told, dtype=pl.Int32)
    return pl.Series([one if type(one) is str else _text(one) for one in told], dtype=pl.String)


def _linked(person: Person, keys: Mapping[bytes, PrivateKey]) -> bytes:
    return (earlier_label(person.earlier, keys) if person.earlier else None) or person.participant


def _text(value: Value) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
