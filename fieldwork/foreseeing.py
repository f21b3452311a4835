"""What the next upkeep would do, in exact numbers, for whoever can read the stores anyway. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from fieldwork.admissions import GRACE
from fieldwork.bundles import stale_bundles
from fieldwork.hold import hold_in_force
from fieldwork.kept import holding_of
from fieldwork.study import Study
from fieldwork.upkeep import consents_are_due
from storage.admissions import count_run_out
from storage.in_use import forgotten_ids, withdrawn_tags
from storage.tombstones import all_buried
from storage.vaults import count_unlimited


@dataclass(frozen=True)
class Foreseen:
    """What would go. `returned`: withdrawn records that are here again. `is_held`: then the first six stay."""

    tags: int
    links: int
    contact: int
    consents: int
    returned: int
    invitations: int
    bundles: int
    is_held: bool


def foresee(study: Study, home: Path, today: date, now: float) -> Foreseen:
    """What an upkeep of this day would do. `now`: seconds. Raises StorageError where it would be refused."""
    holding, office = holding_of(study, today), study.stores.office
    return Foreseen(
        tags=holding.research_tags.late + holding.identity_tags.late,
        links=holding.links.late,
        contact=holding.contact.late,
        consents=count_unlimited(study.stores.identity) if consents_are_due(study, today) else 0,
        returned=_returned(study),
        invitations=count_run_out(office, today - GRACE),
        bundles=len(stale_bundles(home, now)),
        is_held=hold_in_force(office) is not None,
    )


def in_lines(foreseen: Foreseen) -> tuple[str, ...]:
    """What would be done, a line each."""
    erased = (
        f"{foreseen.tags} tags past their last day would be deleted.",
        f"{foreseen.links} links between the two vaults would be erased.",
        f"{foreseen.contact} contact details would be erased.",
        f"{foreseen.consents} consent records would be erased.",
        f"{foreseen.returned} withdrawn tags and forgotten contact details are here again and would be erased again.",
    )
    always = (
        f"{foreseen.invitations} invitations that ran out would be forgotten.",
        f"{foreseen.bundles} bundles that nobody saved would be taken away.",
        "Every table would be written anew in key order, and the counts that staff see brought up to date.",
    )
    if foreseen.is_held:
        return ("A legal hold is on: nothing of a participant would be erased, and nothing would expire.", *always)
    return (*erased, *always)


def _returned(study: Study) -> int:
    buried = all_buried(study.stores.office, study.tombstone_files)
    vaults = (study.stores.research, study.stores.identity)
    here = sum(len(withdrawn_tags(vault, buried)) for vault in vaults)
    return here + len(forgotten_ids(study.stores.identity, buried))
