"""Join a person's visits of several waves by the capsules that they brought along. Trusts none of them.

Whoever delivers may bring any capsule, so one that does not open, or that two people of one wave bring, joins nobody:
then the visit counts as a new person's, and is counted. No visit is lost by its capsule.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from errors import EnvelopeError, ReleaseError
from privacy.capsules import read_capsule
from privacy.opening import PrivateKey

ONE_WAVE = "There are records of waves {}. A release holds one wave: name it, as in wave = {}. The same purpose gives a"
ONE_WAVE += " person the same id in each."


def joined(people: pl.DataFrame, brought: str) -> tuple[pl.DataFrame, int]:
    """The people with the label of their first visit as `.linked`, and how many brought a capsule that joins nobody.

    `.linked` is what each one's capsule told, or their own label; `brought` names the column that says who had one.
    """
    if not people[brought].any():
        return people.drop(brought), 0
    # The label of a first visit may be the one that somebody else claims: it stays that visit's own.
    several = pl.len().over(".linked", ".wave") > 1
    own = pl.when(several).then(".participant").otherwise(".linked").alias(".linked")
    found = people.with_columns(own)
    alone = found.filter(pl.col(brought) & (pl.col(".linked") == pl.col(".participant"))).height
    return found.drop(brought), alone


def of_one_wave(people: pl.DataFrame, wave: int | None) -> pl.DataFrame:
    """The people of this wave, or of the only one there is. Raises ReleaseError where there are several."""
    there = people[".wave"].unique().sort().to_list()
    if wave is None and len(there) > 1:
        raise ReleaseError(ONE_WAVE.format(" and ".join(map(str, there)), there[-1]))
    if wave is not None and wave not in there:
        raise ReleaseError(f"There are no records of wave {wave} in these groups.")
    return people if wave is None else people.filter(pl.col(".wave") == wave)


def earlier_label(capsule: str, keys: Mapping[bytes, PrivateKey]) -> bytes | None:
    """The label of a first visit, 16 bytes, from a capsule; None where none of these keys opens it.

    `keys` by the ids that stand on envelopes and capsules (release/unlocked.py).
    """
    try:
        key_id, sealed = read_capsule(capsule)
        return keys[key_id].open_capsule(key_id, sealed) if key_id in keys else None
    except EnvelopeError:
        return None
