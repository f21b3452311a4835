"""Upkeep: expire what was promised to expire, bury again what came back, rewrite rows so that order tells nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from fieldwork.study import Study
from storage.office import rewrite_office
from storage.tombstones import replay
from storage.vaults import erase, expire_tags, rewrite


@dataclass(frozen=True)
class Upkeep:
    """What one run did, in counts: tags past their cut-off, records erased again after a restore."""

    expired: int
    erased_again: int


def maintain(study: Study, today: date) -> Upkeep:
    """Expire tags past their cut-off, replay tombstones, rewrite every table in id order."""
    erased = replay_tombstones(study)
    expired = sum(expire_tags(vault, today) for vault in (study.stores.research, study.stores.identity))
    rewrite(study.stores.research)
    rewrite(study.stores.identity)
    rewrite_office(study.stores.office)
    return Upkeep(expired, erased)


def replay_tombstones(study: Study) -> int:
    """Erase what the tombstone files remember, so that a restored backup cannot bring a withdrawn record back."""
    tags = replay(study.stores.office, study.tombstone_files)
    return sum(erase(vault, tag) for tag in tags for vault in (study.stores.research, study.stores.identity))
