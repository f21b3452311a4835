"""Upkeep: expire what was promised to expire, bury again what came back, rewrite rows so that order tells nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from fieldwork.admissions import GRACE
from fieldwork.hold import hold_in_force
from fieldwork.progress import MAINTAINED, bring_up_counts
from fieldwork.staff.throttling import forget
from fieldwork.study import Study
from storage.admissions import forget_invitations
from storage.meta import tell
from storage.office import rewrite_office
from storage.tombstones import replay
from storage.vaults import erase, expire_tags, rewrite, until_of


@dataclass(frozen=True)
class Upkeep:
    """What one run did, in counts: tags past their cut-off, records erased again after a restore.

    `is_held`: a legal hold is on, so nothing was erased.
    """

    expired: int
    erased_again: int
    is_held: bool = False


def maintain(study: Study, today: date) -> Upkeep:
    """Put the stores right, forget invitations that have run out, write every table anew in key order, and bring what
    staff are shown in counts up to date."""
    done = put_right(study, today)
    forget_invitations(study.stores.office, today - GRACE)
    forget(study.stores.office, datetime.now(UTC))
    rewrite(study.stores.research)
    rewrite(study.stores.identity)
    rewrite_office(study.stores.office)
    bring_up_counts(study.stores.office, today)
    tell(study.stores.office.engine, MAINTAINED, today.isoformat())
    return done


def put_right(study: Study, today: date) -> Upkeep:
    """Replay tombstones, then expire tags past their cut-off. Done before anything is served, and every night.

    While a legal hold is on, tombstones are remembered and nothing is erased: that waits until it is lifted.
    """
    tags = replay(study.stores.office, study.tombstone_files)
    if hold_in_force(study.stores.office):
        return Upkeep(0, 0, is_held=True)
    erased = _erase_again(study, tags)
    expired = sum(expire_tags(vault, today) for vault in (study.stores.research, study.stores.identity))
    return Upkeep(expired, erased)


def _erase_again(study: Study, tags: frozenset[bytes]) -> int:
    """Erase what was withdrawn, so that a restored backup cannot bring it back."""
    vaults = (study.stores.research, study.stores.identity)
    returned = [(vault, tag) for tag in tags for vault in vaults if until_of(vault, tag) is not None]
    return sum(erase(vault, tag) for vault, tag in returned)
