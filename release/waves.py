"""Join a person's visits of several waves by the capsules that they brought along. Trusts none of them.

Whoever delivers may bring any capsule, so one that does not open, or that two people of one wave bring, joins nobody:
then the visit counts as a new person's, and is counted. No visit is lost by its capsule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

import polars as pl

from errors import EnvelopeError, ReleaseError
from privacy.capsules import read_capsule
from privacy.opening import PrivateKey
from release.person import Person

ONE_WAVE = "There are records of waves {}. A release holds one wave: name it, as in wave = {}. The same purpose gives a"
ONE_WAVE += " person the same id in each."


def joined(people: Iterable[Person], keys: Mapping[bytes, PrivateKey]) -> tuple[tuple[Person, ...], int]:
    """The people with the label of their first visit as `linked`, and how many brought a capsule that joins nobody.

    `keys` by the ids that stand on envelopes and capsules (release/unlocked.py).
    """
    found = [replace(person, linked=_earlier(person, keys) or person.participant) for person in people]
    seen = Counter((person.linked, person.wave) for person in found)
    alone = [_alone(person) if seen[person.linked, person.wave] > 1 else person for person in found]
    return tuple(alone), sum(bool(person.earlier) and person.linked == person.participant for person in alone)


def of_one_wave(people: pl.DataFrame, wave: int | None) -> pl.DataFrame:
    """The people of this wave, or of the only one there is. Raises ReleaseError where there are several."""
    there = people[".wave"].unique().sort().to_list()
    if wave is None and len(there) > 1:
        raise ReleaseError(ONE_WAVE.format(" and ".join(map(str, there)), there[-1]))
    if wave is not None and wave not in there:
        raise ReleaseError(f"There are no records of wave {wave} in these groups.")
    return people if wave is None else people.filter(pl.col(".wave") == wave)


def _earlier(person: Person, keys: Mapping[bytes, PrivateKey]) -> bytes | None:
    try:
        key_id, sealed = read_capsule(person.earlier)
        return keys[key_id].open_capsule(key_id, sealed) if key_id in keys else None
    except EnvelopeError:
        return None


def _alone(person: Person) -> Person:
    # The label of a first visit may be the one that somebody else claims: it stays that visit's own.
    return replace(person, linked=person.participant)
