"""The people of a dataset as one frame: a row each, in no meaningful order.

Columns that begin with a dot are no variables: an item's name begins with a letter, so none can be taken for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from instruments.checking import of_names
from instruments.model import Instrument, Value, as_value
from privacy.opening import PrivateKey
from release.person import RECORDED, Person
from release.waves import earlier_label

PLACE, RECORD, BROUGHT = ".place", ".record", ".brought"  # of a batch only: they are gone from a dataset
HEAD = {".participant": pl.Binary, ".linked": pl.Binary, ".instrument": pl.String, ".group": pl.String, ".wave": pl.Int32}
Placed = tuple[int, bytes, Person]  # place, record id


def kinds_of(instruments: Iterable[Instrument]) -> dict[str, type[pl.DataType]]:
    """Of each item of any version, whether its answers are whole numbers in all of them: Int32; else String."""
    found: dict[str, type[pl.DataType]] = {}
    for instrument in instruments:
        for name, item in instrument.items.items():
            whole = (
                item.kind in ("integer", "select_one")
                and not item.stored_level
                and all(isinstance(as_value(choice.code), int) for choice in item.choices)
            )
            found[name] = pl.Int32 if whole and found.get(name, pl.Int32) is pl.Int32 else pl.String
    return found


def frames_of(
    people: Iterable[Placed],
    kinds: Mapping[str, type[pl.DataType]],
    keys: Mapping[bytes, PrivateKey] | None = None,
) -> list[pl.DataFrame]:
    """These people, those who were asked the same in a frame of their own, each with their place and record id.

    `.linked`: the label in the capsule that a person brought, if one of `keys` opens it.
    """
    return [_of_alike(ours, kinds, keys or {}) for ours in _alike(people)]


def nobody() -> pl.DataFrame:
    """A frame with no one in it."""
    return pl.DataFrame(schema={**HEAD, **{name: pl.String for _, name, _ in RECORDED}, "respondent_group": pl.String})


def _alike(people: Iterable[Placed]) -> Iterable[list[Placed]]:
    found: dict[tuple[object, ...], list[Placed]] = {}
    for one in people:
        person = one[2]
        found.setdefault((person.instrument, person.group, person.wave, *person.choices), []).append(one)
    return found.values()


def _of_alike(
    placed: Sequence[Placed], kinds: Mapping[str, type[pl.DataType]], keys: Mapping[bytes, PrivateKey]
) -> pl.DataFrame:
    places, record_ids, people = zip(*placed, strict=True)
    first, many = people[0], len(people)
    made = {
        PLACE: pl.Series(places, dtype=pl.Int64),
        RECORD: pl.Series(record_ids, dtype=pl.Binary),
        ".participant": pl.Series([one.participant for one in people], dtype=pl.Binary),
        ".linked": pl.Series([_linked(one, keys) for one in people], dtype=pl.Binary),
        BROUGHT: pl.Series([bool(one.earlier) for one in people], dtype=pl.Boolean),
        ".instrument": _same(first.instrument, many, pl.String),
        ".group": _same(first.group, many, pl.String),
        ".wave": _same(first.wave, many, pl.Int32),
    }
    for name, said in _columns([one.choices for one in people]):
        made[f".{name}"] = pl.Series([one == "yes" for one in said], dtype=pl.Boolean)
    for name, told in _columns([one.recorded for one in people]):
        made[name] = pl.Series(told, dtype=pl.String)
    made["respondent_group"] = made[".group"]
    for name, told in _columns([one.answers for one in people]):
        made[name] = _series(told, kinds.get(name, pl.String))
    return pl.DataFrame(made)


def _same(value: object, many: int, kind: type[pl.DataType]) -> pl.Series:
    return pl.Series([value], dtype=kind).new_from_index(0, many)


def _columns(rows: Sequence[Mapping[str, Value]]) -> Iterable[tuple[str, Sequence[Value]]]:
    """Each name with what every row says to it; all have the same names."""
    names = tuple(rows[0])
    return zip(names, zip(*map(of_names(names), rows), strict=True), strict=True)


def _series(told: Sequence[Value], kind: type[pl.DataType]) -> pl.Series:
    if kind is pl.Int32:
        return pl.Series(told, dtype=pl.Int32)
    return pl.Series([one if type(one) is str else _text(one) for one in told], dtype=pl.String)


def _linked(person: Person, keys: Mapping[bytes, PrivateKey]) -> bytes:
    return (earlier_label(person.earlier, keys) if person.earlier else None) or person.participant


def _text(value: Value) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
