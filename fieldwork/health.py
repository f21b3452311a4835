"""How an instance is: rules on facts that were gathered elsewhere (fieldwork/examining.py), each with one finding.

A finding names a case; the words for it, and what to do, are the page's (views/office/health_words.py). Nothing here
reads a file, a store or a clock, and no finding says anything of one participant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from fieldwork.hold import Hold
from fieldwork.progress import SMALLEST_STEP
from storage.meta import SCHEMA, Standing

State = Literal["ok", "attention", "stop"]
GIB = 2**30
LEAST_SHARE, LEAST_FREE = 10, GIB  # percent and bytes of a disk; below either, somebody should look
FULL = GIB // 16  # bytes; below it a visit may soon not be kept
BACKUP_AGE, UPKEEP_AGE = timedelta(days=2), timedelta(days=2)  # one missed night is forgiven
REHEARSED_AGE = timedelta(days=183)
CERTIFICATE_LEFT = timedelta(days=30)
SLACK = timedelta(minutes=5)  # a file server's clock may differ a little
MOST_NAMED = 5


@dataclass(frozen=True)
class Disk:
    """A file system: what stands on it, and how many bytes it has."""

    holds: str
    free: int
    whole: int


@dataclass(frozen=True)
class Backups:
    """The folder of backups: whether it is there, the days of its newest and of the oldest copy of this instance, and
    whether the newest is as its manifest says."""

    is_there: bool
    newest: date | None = None
    oldest: date | None = None
    is_whole: bool = True


@dataclass(frozen=True)
class Certificate:
    """A certificate's last moment; None where its file cannot be read."""

    until: datetime | None


@dataclass(frozen=True)
class Facts:
    """All that the rules look at. None stands for what nobody told or what is not there.

    `sizes`: bytes by store. `schemas`: version of the tables by store. `newest_day`: the newest day of the journal;
    `journal_holds`: whether it could be read, and its chain holds where that was looked at (`journal_checked`).
    `newest_file`: when the newest file of the instance was written. `loose`: files that others may read; None where the
    system has no such rights. `backup_days`: how long a backup may live, as people are promised; `rehearsed`: when one
    was last put back on trial. `unfilled`: sentences of the version in use that still show a bracket. `keys_vouched`:
    whether the signed journal names the newest public keys. `keys_active`, `keys_retired`: each with its purpose, its
    id and since when. `links`, `contact`: as staff are shown them (fieldwork/kept.py); `late`: records and tags past
    their last day. `hold`: the legal hold that is on; `hold_is_cut`: whether one was confirmed of which the journal
    knows nothing; `hold_words_ready`: whether one could be proposed today. `due`: tasks of people whose day has come.
    `ended`: since when the study is over; `interrupted`: whether its destruction was begun and did not come to its end;
    `destroyed`: the day on which it did.
    """

    disks: tuple[Disk, ...]
    sizes: Mapping[str, int]
    schemas: Mapping[str, str | None]
    backups: Backups | None
    backup_days: int
    rehearsed: date | None
    maintained: date | None
    certificate: Certificate | None
    journal_holds: bool
    journal_checked: bool
    newest_day: date | None
    newest_file: datetime | None
    loose: tuple[str, ...] | None
    has_keys: bool
    keys_vouched: bool
    keys_active: tuple[str, ...]
    keys_retired: tuple[str, ...]
    unfilled: tuple[str, ...]
    links: int
    contact: int
    late: int
    plain_path: bool
    demo: bool
    secure_cookies: bool
    hosts: tuple[str, ...]
    security_contact: str
    hold: Hold | None = None
    hold_is_cut: bool = False
    hold_words_ready: bool = True
    due: tuple[str, ...] = ()
    ended: date | None = None
    interrupted: bool = False
    destroyed: date | None = None


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, how it is, the case by which its words are found, and what these name."""

    subject: str
    state: State
    case: str
    values: Mapping[str, object] = field(default_factory=dict)


def findings(facts: Facts, now: datetime) -> tuple[Finding, ...]:
    """Every finding, one or more a subject, in the order of a page. `now` is UTC."""
    found = (
        *_hold(facts),
        *_disks(facts),
        *_stores(facts),
        _backup(facts, now),
        *_rehearsal(facts, now),
        _upkeep(facts, now),
        _kept(facts),
        _tasks(facts),
        _end(facts),
        _certificate(facts, now),
        _clock(facts, now),
        _journal(facts),
        _modes(facts),
        *_study(facts),
        *_instance(facts),
    )
    return tuple(found)


def is_wrong(found: tuple[Finding, ...]) -> bool:
    """Whether somebody should look."""
    return any(finding.state != "ok" for finding in found)


def _hold(facts: Facts) -> Iterator[Finding]:
    """First of all: while one is on, nobody who withdraws is answered as the information sheet says."""
    if facts.hold_is_cut:
        yield Finding("hold", "stop", "hold_cut")
    if facts.hold is None:
        yield Finding("hold", "ok", "hold_off")
    elif facts.hold.is_vouched:
        yield Finding("hold", "attention", "hold_on", {"day": facts.hold.day, "reason": facts.hold.reason})
    else:
        yield Finding("hold", "stop", "hold_unvouched", {"reason": facts.hold.reason})
    if not facts.hold_words_ready:
        yield Finding("hold", "attention", "hold_words_open")


def _disks(facts: Facts) -> Iterator[Finding]:
    for disk in facts.disks:
        share = 100 * disk.free // max(disk.whole, 1)
        told = {"holds": disk.holds, "free": in_bytes(disk.free), "share": share}
        if disk.free < FULL:
            yield Finding("disk", "stop", "disk_full", told)
        elif share < LEAST_SHARE or disk.free < LEAST_FREE:
            yield Finding("disk", "attention", "disk_low", told)
        else:
            yield Finding("disk", "ok", "disk_free", told)


def _stores(facts: Facts) -> Iterator[Finding]:
    yield from stores_behind(facts.schemas)
    sizes = ", ".join(f"{store} {in_bytes(size)}" for store, size in facts.sizes.items())
    yield Finding("stores", "ok", "store_sizes", {"sizes": sizes, "schema": SCHEMA})


def stores_behind(schemas: Mapping[str, str | None]) -> Iterator[Finding]:
    """Each store whose tables are not of this Amanah's version. Known by its version alone, when nothing is opened."""
    for store, schema in schemas.items():
        standing = Standing(store, schema or "-")
        case = "schema_older" if standing.can_migrate else "schema_other"
        if standing.version != SCHEMA:
            yield Finding("stores", "stop", case, {"store": store, "found": standing.version, "wanted": SCHEMA})


def _backup(facts: Facts, now: datetime) -> Finding:
    told = facts.backups
    if told is None:
        return Finding("backup", "attention", "backup_untold")
    if not told.is_there or told.newest is None or told.oldest is None:
        return Finding("backup", "attention", "backup_none")
    if not told.is_whole:
        return Finding("backup", "stop", "backup_broken", {"day": told.newest})
    if now.date() - told.newest > BACKUP_AGE:
        return Finding("backup", "attention", "backup_old", {"day": told.newest})
    is_kept = now.date() - told.oldest > timedelta(days=facts.backup_days + 1)
    if is_kept and facts.hold:
        return Finding("backup", "ok", "backup_held", {"day": told.oldest})
    if is_kept:
        return Finding("backup", "attention", "backup_kept", {"day": told.oldest, "days": facts.backup_days})
    return Finding("backup", "ok", "backup_fresh", {"day": told.newest})


def _rehearsal(facts: Facts, now: datetime) -> Iterator[Finding]:
    """A backup that nobody ever put back is a hope (REQUIREMENTS 57)."""
    if facts.backups is None or facts.backups.newest is None:
        return
    if facts.rehearsed is None:
        yield Finding("backup", "attention", "rehearsed_never")
    elif now.date() - facts.rehearsed > REHEARSED_AGE:
        yield Finding("backup", "attention", "rehearsed_old", {"day": facts.rehearsed})
    else:
        yield Finding("backup", "ok", "rehearsed_fresh", {"day": facts.rehearsed})


def _upkeep(facts: Facts, now: datetime) -> Finding:
    if facts.maintained is None:
        return Finding("upkeep", "attention", "upkeep_never")
    is_old = now.date() - facts.maintained >= UPKEEP_AGE
    case = "upkeep_old" if is_old else "upkeep_fresh"
    return Finding("upkeep", "attention" if is_old else "ok", case, {"day": facts.maintained})


def _kept(facts: Facts) -> Finding:
    if facts.late and facts.hold:
        return Finding("kept", "ok", "kept_held")
    if facts.late:
        return Finding("kept", "attention", "kept_late")
    few = f"<{SMALLEST_STEP}"
    return Finding("kept", "ok", "kept_none_late", {"links": facts.links or few, "contact": facts.contact or few})


def _tasks(facts: Facts) -> Finding:
    if facts.due:
        return Finding("tasks", "attention", "tasks_due", {"tasks": ", ".join(facts.due)})
    return Finding("tasks", "ok", "tasks_none")


def _end(facts: Facts) -> Finding:
    if facts.ended is None:
        return Finding("end", "ok", "study_goes_on")
    if facts.interrupted:
        return Finding("end", "stop", "destruction_interrupted")
    if facts.destroyed:
        return Finding("end", "ok", "study_destroyed", {"day": facts.ended, "destroyed": facts.destroyed})
    return Finding("end", "ok", "study_over", {"day": facts.ended})


def _certificate(facts: Facts, now: datetime) -> Finding:
    told = facts.certificate
    if told is None:
        # Without secure cookies nobody can sign in from another machine, so there is nothing that TLS would guard.
        is_here = not facts.secure_cookies
        return Finding("certificate", *(("ok", "certificate_here") if is_here else ("attention", "certificate_untold")))
    if told.until is None:
        return Finding("certificate", "attention", "certificate_unreadable")
    left = {"day": told.until.date(), "days": max((told.until - now).days, 0)}
    if told.until <= now:
        return Finding("certificate", "stop", "certificate_ended", left)
    if told.until - now < CERTIFICATE_LEFT:
        return Finding("certificate", "attention", "certificate_ends", left)
    return Finding("certificate", "ok", "certificate_holds", left)


def _clock(facts: Facts, now: datetime) -> Finding:
    # Days are the server's own, and `now` is UTC: a day ahead is no news.
    days = [day for day in (facts.newest_day, facts.maintained) if day and day > now.date() + timedelta(days=1)]
    if facts.newest_file and facts.newest_file > now + SLACK:
        days.append(facts.newest_file.date())
    if days:
        return Finding("clock", "stop", "clock_back", {"day": max(days)})
    return Finding("clock", "ok", "clock_holds")


def _journal(facts: Facts) -> Finding:
    if facts.journal_holds:
        return Finding("journal", "ok", "journal_checked" if facts.journal_checked else "journal_readable")
    return Finding("journal", "stop", "journal_broken")


def _modes(facts: Facts) -> Finding:
    if facts.loose is None:
        return Finding("files", "attention", "modes_unknown")
    if facts.loose:
        return Finding("files", "stop", "modes_loose", {"files": _some(facts.loose, ", ")})
    return Finding("files", "ok", "modes_tight")


def _study(facts: Facts) -> Iterator[Finding]:
    if not facts.keys_vouched:
        yield Finding("keys", "stop", "keys_unvouched")
    told = {"active": ", ".join(facts.keys_active), "retired": ", ".join(facts.keys_retired)}
    if not facts.has_keys:
        yield Finding("keys", "stop", "keys_missing")
    else:
        yield Finding("keys", "ok", "keys_rotated" if facts.keys_retired else "keys_there", told)
    if facts.unfilled:
        yield Finding("sheet", "attention", "brackets_open", {"brackets": _some(facts.unfilled, " ")})
    else:
        yield Finding("sheet", "ok", "brackets_filled")
    yield Finding("plain path", *(("attention", "plain_on") if facts.plain_path else ("ok", "plain_off")))


def _instance(facts: Facts) -> Iterator[Finding]:
    yield Finding("demo", *(("attention", "demo_on") if facts.demo else ("ok", "demo_off")))
    yield Finding("cookies", *(("ok", "cookies_secure") if facts.secure_cookies else ("attention", "cookies_plain")))
    yield _hosts(facts)
    if facts.security_contact:
        yield Finding("contact", "ok", "contact_told", {"contact": facts.security_contact})
    else:
        yield Finding("contact", "attention", "contact_untold")


def _hosts(facts: Facts) -> Finding:
    if facts.hosts:
        return Finding("hosts", "ok", "hosts_told", {"hosts": ", ".join(facts.hosts)})
    # Without secure cookies it is meant for this machine alone, as with the certificate.
    return Finding("hosts", *(("attention", "hosts_untold") if facts.secure_cookies else ("ok", "hosts_here")))


def _some(told: tuple[str, ...], between: str) -> str:
    return between.join(told[:MOST_NAMED]) + (" …" if len(told) > MOST_NAMED else "")


def in_bytes(number: int) -> str:
    """A number of bytes as people say it."""
    for unit, size in (("GiB", GIB), ("MiB", 2**20)):
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{number / 1024:.0f} KiB"
