"""What of a vault is kept until a day: how much of each kind, and until when. Opens and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, true

from storage.vaults import Kind, Vault, limits, tags


@dataclass(frozen=True)
class Kept:
    """What is kept until a day: how many, the earliest and the latest last day, and how many are past theirs."""

    number: int
    first: date | None
    last: date | None
    late: int


def kept_of(vault: Vault, what: Kind | None, today: date) -> Kept:
    """How many records of a kind are kept, or how many tags where it is None, and until when."""
    day = tags.c.until if what is None else limits.c.until
    of_kind = true() if what is None else limits.c.kind == what
    with vault.engine.connect() as connection:
        number, first, last = connection.execute(
            select(func.count(), func.min(day), func.max(day)).where(of_kind)
        ).one()
        late = connection.scalar(select(func.count()).where(of_kind, day < today))
    return Kept(number, first, last, late or 0)
