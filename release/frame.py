"""The people of a dataset as one frame: a row each, in no meaningful order.

Columns that begin with a dot are no variables: an item's name begins with a letter, so none can be taken for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from instruments.checking import of_names
from instruments.model import Instrument, Item, Value, as_value
from privacy.opening import PrivateKey
from release.person import RECORDED, Person
from release.waves import earlier_label

PLACE, RECORD, BROUGHT = ".place", ".record", ".brought"  # of a batch only: they are gone from a dataset
HEAD: dict[str, type[pl.DataType]] = {
    PLACE: pl.Int64, RECORD: pl.Binary, ".participant": pl.Binary, ".linked": pl.Binary, BROUGHT: pl.Boolean,
    ".instrument": pl.String, ".group": pl.String, ".wave": pl.Int32,
}  # fmt: skip
KINDS = (pl.Int8, pl.Int32, pl.String)  # the narrowest first
Placed = tuple[int, bytes, Person]  # place, record id


def kinds_of(instruments: Iterable[Instrument]) -> dict[str, type[pl.DataType]]:
    """Of each item of any version: Int8 or Int32 where its answers are whole numbers in all of them; else String.

    A million people are narrow only while they are put together: `widened` gives the columns that a dataset has.
    """
    found: dict[str, type[pl.DataType]] = {}
    for instrument in instruments:
        for name, item in instrument.items.items():
            found[name] = max(found.get(name, pl.Int8), _kind(item), key=KINDS.index)
    return found


def widened(people: pl.DataFrame) -> pl.DataFrame:
    """The same people, each whole number as Int32."""
    return people.with_columns(pl.col(pl.Int8).cast(pl.Int32))


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
    """A frame of a batch with no one in it."""
    texts = dict.fromkeys((*(name for _, name, _ in RECORDED), "respondent_group"), pl.String)
    return pl.DataFrame(schema={**HEAD, **texts})


def _kind(item: Item) -> type[pl.DataType]:
    codes = [as_value(choice.code) for choice in item.choices]
    whole = [code for code in codes if isinstance(code, int)]
    if item.kind not in ("integer", "select_one") or item.stored_level or len(whole) < len(codes):
        return pl.String
    # What was left blank or routed past is narrow too.
    return pl.Int8 if item.kind == "select_one" and all(-100 < code < 100 for code in whole) else pl.Int32


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
    told: tuple[Sequence[object], ...] = (
        places, record_ids, [one.participant for one in people], [_linked(one, keys) for one in people],
        [bool(one.earlier) for one in people], [first.instrument] * many, [first.group] * many, [first.wave] * many,
    )  # fmt: skip
    made = {name: pl.Series(said, dtype=kind) for (name, kind), said in zip(HEAD.items(), told, strict=True)}
    for name, said in _columns([one.choices for one in people]):
        made[f".{name}"] = pl.Series([one == "yes" for one in said], dtype=pl.Boolean)
    for name, recorded in _columns([one.recorded for one in people]):
        made[name] = pl.Series(recorded, dtype=pl.String)
    made["respondent_group"] = made[".group"]
    for name, answers in _columns([one.answers for one in people]):
        made[name] = _series(answers, kinds.get(name, pl.String))
    return pl.DataFrame(made)


def _columns(rows: Sequence[Mapping[str, Value]]) -> Iterable[tuple[str, Sequence[Value]]]:
    """Each name with what every row says to it; all have the same names."""
    names = tuple(rows[0])
    return zip(names, zip(*map(of_names(names), rows), strict=True), strict=True)


def _series(told: Sequence[Value], kind: type[pl.DataType]) -> pl.Series:
    if kind is not pl.String:
        return pl.Series(told, dtype=kind)
    return pl.Series([one if type(one) is str else _text(one) for one in told], dtype=pl.String)


def _linked(person: Person, keys: Mapping[bytes, PrivateKey]) -> bytes:
    return (earlier_label(person.earlier, keys) if person.earlier else None) or person.participant


def _text(value: Value) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
