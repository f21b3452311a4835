"""What the owner of a sign-in should know of it: who else tried, and what was changed. Told to nobody but its owner.

No message leaves this app, so it is told on the page that everybody meets first, until its owner says that they know.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from errors import JournalBroken
from storage.journal import Act, Entry, head
from storage.notices import MOST as MOST
from storage.notices import count_notice, counted_for, entries_naming
from storage.office import Office

# Told to whoever did it: it was done with their sign-in, and perhaps not by them.
OWN = frozenset(
    {
        Act.STAFF_JOINED,
        Act.PASSWORD_CHANGED,
        Act.SECOND_FACTOR_SET,
        Act.RECOVERY_CODES_MADE,
        Act.RECOVERY_CODE_USED,
        Act.PASSKEY_ADDED,
        Act.PASSKEY_REMOVED,
        Act.PASSKEY_REFUSED,
    }
)
# Told to whom it was done: their name is the entry's detail.
BY_OTHERS = frozenset({Act.STAFF_RESET, Act.STAFF_DISABLED, Act.STAFF_ENABLED, Act.STAFF_SIGNED_OUT})


@dataclass(frozen=True)
class Change:
    """Something that changed about a sign-in, by whom and on which day."""

    act: str
    actor: str
    day: date


@dataclass(frozen=True)
class Notices:
    """What a member has not said yet that they know. `read_up_to`: how far of the journal that is.

    `failed`: wrong passwords and codes; `halves`: right passwords that no right code followed; `changes` is None where
    the journal cannot be read.
    """

    failed: int
    halves: int
    changes: tuple[Change, ...] | None
    read_up_to: int

    def __bool__(self) -> bool:
        return bool(self.failed or self.halves or self.changes or self.changes is None)


def notices_for(office: Office, name: str) -> Notices:
    """What this member is to be told, the newest change first; the same on the same day once."""
    counted = counted_for(office, name)
    acts = (*OWN, *BY_OTHERS, Act.STAFF_ROLE_CHANGED)
    try:
        found = entries_naming(office, counted.read_up_to, name, acts, Act.EVERYBODY_SIGNED_OUT)
    except JournalBroken:
        return Notices(counted.failed, counted.halves, None, counted.read_up_to)
    theirs = [entry for entry in found if _is_about(entry, name)]
    changes = dict.fromkeys(Change(one.act, one.actor, date.fromisoformat(one.day)) for one in theirs)
    read_up_to = max((entry.number for entry in theirs), default=counted.read_up_to)
    return Notices(counted.failed, counted.halves, tuple(changes), read_up_to)


def say_known(office: Office, name: str, failed: int, halves: int, read_up_to: int) -> None:
    """This member knows of so many failures, and of the changes up to this entry. What came since is still told."""
    # Nobody can say that they know of what is still to come.
    count_notice(office, name, -failed, -halves, min(read_up_to, head(office)[0]))


def _is_about(entry: Entry, name: str) -> bool:
    if entry.act in OWN:
        return entry.actor == name
    if entry.act in BY_OTHERS:
        return entry.detail == name
    is_all = entry.act == Act.EVERYBODY_SIGNED_OUT
    return is_all or (entry.act == Act.STAFF_ROLE_CHANGED and entry.detail.rpartition(", ")[0] == name)
