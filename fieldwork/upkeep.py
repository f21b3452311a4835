"""Upkeep: expire what was promised to expire, bury again what came back, rewrite rows so that order tells nothing.

What goes on its day is written down before it goes, in steps and never of fewer than five. It goes all the same where
the journal cannot be written: people were promised it, and no damage to a journal may keep their link or their
telephone number alive.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from errors import JournalBroken, JournalNotWritten
from fieldwork.admissions import GRACE
from fieldwork.clock import check_after
from fieldwork.hold import hold_in_force
from fieldwork.kept import bring_up_kept, in_steps
from fieldwork.progress import MAINTAINED, bring_up_counts, last_upkeep
from fieldwork.retention import consents_until
from fieldwork.staff.throttling import forget
from fieldwork.study import Study
from storage.admissions import forget_invitations
from storage.in_use import forgotten_ids, withdrawn_tags
from storage.journal import COMMAND_LINE, Act, write_entry
from storage.kept import kept_of
from storage.meta import tell
from storage.office import rewrite_office
from storage.rewriting import turn_log_over
from storage.stores import engines_of
from storage.tombstones import replay
from storage.vaults import (
    Kind,
    count_unlimited,
    destroy,
    erase,
    erase_records,
    erase_unlimited,
    expire_limits,
    expire_tags,
    rewrite,
)

ACTS: dict[Kind, Act] = {"link": Act.LINKS_DESTROYED, "contact": Act.CONTACT_EXPIRED}


@dataclass(frozen=True)
class Upkeep:
    """What one run did, in counts: tags past their cut-off, records erased again after a restore, links and contact
    details past their day, and consent records of a study that ended long ago. `unwritten`: what could not be written
    down before it went. `is_held`: a legal hold is on, so nothing went. `keeps_log`: PostgreSQL's own log could not be
    begun anew, so it still holds rows as they came."""

    expired: int
    erased_again: int
    links: int
    contact: int
    consents: int = 0
    unwritten: tuple[Act, ...] = ()
    is_held: bool = False
    keeps_log: bool = False


def maintain(study: Study, today: date) -> Upkeep:
    """Put the stores right, forget invitations that have run out, write every table anew in key order, and bring what
    staff are shown in counts up to date. Raises ClockBehind, StorageError."""
    check_after(last_upkeep(study.stores.office), today)
    done = put_right(study, today)
    forget_invitations(study.stores.office, today - GRACE)
    forget(study.stores.office, datetime.now(UTC))
    rewrite(study.stores.research)
    rewrite(study.stores.identity)
    rewrite_office(study.stores.office)
    turned = [turn_log_over(engine) for engine in engines_of(study.stores).values()]
    bring_up_counts(study.stores.office, today)
    bring_up_kept(study, today)
    tell(study.stores.office.engine, MAINTAINED, today.isoformat())
    return replace(done, keeps_log=not all(turned))


def put_right(study: Study, today: date) -> Upkeep:
    """Replay tombstones, then erase what is past its day. Done before anything is served, and every night.

    While a legal hold is on, tombstones are remembered and nothing is erased: that waits until it is lifted.
    """
    buried = replay(study.stores.office, study.tombstone_files)
    if hold_in_force(study.stores.office):
        return Upkeep(0, 0, 0, 0, is_held=True)
    if study.ending and study.ending.begun:
        # A visit that was on its way while the destruction began, or one that was interrupted.
        erase_all(study, study.ending.begun.told["consents"])
    erased = _erase_again(study, buried)
    unwritten = tuple(_write_down(study, today))
    gone = expire_limits(study.stores.identity, today)
    expired = sum(expire_tags(vault, today) for vault in (study.stores.research, study.stores.identity))
    consents = erase_unlimited(study.stores.identity) if consents_are_due(study, today) else 0
    return Upkeep(expired, erased, gone.get("link", 0), gone.get("contact", 0), consents, unwritten)


def erase_all(study: Study, consents: bool) -> None:
    """Erase what the study keeps; `consents`: the consent records too. Doing it twice changes nothing more."""
    destroy(study.stores.research)
    destroy(study.stores.identity, but_consents=not consents)


def consents_are_due(study: Study, today: date) -> bool:
    """Whether the consent records of a study that has ended are past their day."""
    return study.ending is not None and today > consents_until(study, study.ending)


def _write_down(study: Study, today: date) -> list[Act]:
    """Write down what goes now, if anything does. Returns what could not be written."""
    failed = []
    going = [(act, kept_of(study.stores.identity, kind, today).late) for kind, act in ACTS.items()]
    if consents_are_due(study, today):
        going.append((Act.CONSENT_EXPIRED, count_unlimited(study.stores.identity)))
    for act, late in going:
        try:
            if late:
                write_entry(study.stores.office, COMMAND_LINE, act, today, in_steps(late))
        except (JournalNotWritten, JournalBroken):
            failed.append(act)
    return failed


def _erase_again(study: Study, buried: frozenset[bytes]) -> int:
    """Erase what was withdrawn, so that a restored backup cannot bring it back.

    Of the custodians' orders too: contact details that were forgotten alone.
    """
    vaults = (study.stores.research, study.stores.identity)
    returned = [(vault, tag) for vault in vaults for tag in withdrawn_tags(vault, buried)]
    forgotten = forgotten_ids(study.stores.identity, buried)
    return sum(erase(vault, tag) for vault, tag in returned) + erase_records(study.stores.identity, list(forgotten))
