"""What two people decide: how each kind of proposal is told in words, what it hangs on, and the deed itself.

A deed here is reached by fieldwork/approvals.py only, after somebody else has confirmed it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path

from fieldwork.destroying import DESTROY, END, agree_to_destroy, end_study, state_of_end
from fieldwork.hold import HOLD, LIFT, lift_hold, set_hold, state_now
from fieldwork.instance import add_keys
from fieldwork.packed import unpacked
from fieldwork.roles import May
from fieldwork.study import Study
from fieldwork.terms import approve_retention, approved_retention
from fieldwork.upkeep import put_right
from fieldwork.versions import Comparison, adopt, compare
from instruments.comparing.differences import in_lines
from privacy.keys import Keyring
from storage.approvals import Proposal as Proposal  # pages ask for it here
from storage.journal import Act, write_entry
from storage.members import change_member
from storage.office import current_digest, keyring_json
from storage.staff import staff_named

WORDS_TOLD = 2  # of a fingerprint's: they tell its keys from others at a glance, and prove nothing
# What would change, before, after. "" where there is nothing.
Rows = tuple[tuple[str, str, str], ...]


class Kind(StrEnum):
    """What needs a second person."""

    KEYS = "keys"
    SHEETS = "sheets"
    RETENTION = "retention"
    REMOVAL = "removal"
    HOLD = HOLD
    LIFT = LIFT
    END = END
    DESTROY = DESTROY


@dataclass(frozen=True)
class Deed:
    """One kind of proposal: who may confirm it, what it hangs on, what is done."""

    needs: May
    world: Callable[[Study, bytes], str]
    carry_out: Callable[[Study, Path, bytes, str, date], None]


def digest_of(proposal: Proposal) -> str:
    """SHA-256 of all that was shown and all that would be done."""
    payload = hashlib.sha256(proposal.payload).hexdigest()
    told = [proposal.key, proposal.kind, payload, proposal.base, proposal.words, proposal.proposer]
    return hashlib.sha256(json.dumps([*told, proposal.day.isoformat(), proposal.needed]).encode()).hexdigest()


def written_rows(rows: Rows) -> str:
    """Rows as they are kept."""
    return json.dumps(rows, ensure_ascii=False)


def rows_of(proposal: Proposal) -> Rows:
    """What it would change."""
    return tuple((what, before, after) for what, before, after in json.loads(proposal.words))


def subject_of(proposal: Proposal) -> str:
    """What or whom it is about, in a word or two for the journal; "" where its kind says all."""
    told = {what: after or before for what, before, after in rows_of(proposal)}
    words = " ".join(told.get("words", "").split()[:WORDS_TOLD])
    return words or told.get("version", "") or told.get("removal", "")


def rows_of_keys(now: Keyring | None, new: Keyring) -> Rows:
    """Both keyrings by their fingerprints, in words and digits; what people must not overlook; and key by key."""
    before, after = _states(now), _states(new)
    told = [
        ("words", " ".join(now.words) if now else "", " ".join(new.words)),
        ("fingerprint", now.fingerprint if now else "", new.fingerprint),
    ]
    told += [(what, "", key) for what, key in _not_to_overlook(now, new)]
    return (*told, *((key, before.get(key, ""), after.get(key, "")) for key in dict.fromkeys([*before, *after])))


def _not_to_overlook(now: Keyring | None, new: Keyring) -> Iterator[tuple[str, str]]:
    """Which kinds of key another takes the place of, and which keys the new keyring knows no more.

    A rotation of one key changes one kind and leaves none out. Whatever else is changed with it, is said as loudly.
    """
    known = now.keys if now else new.keys
    for key in new.keys:
        if key.status == "active" and key not in known:
            yield f"replaced {key.purpose}", key.short
    kept = {replace(key, status="active") for key in new.keys}
    for key in known:
        if replace(key, status="active") not in kept:
            yield "left out", f"{key.purpose} {key.short}"


def _states(ring: Keyring | None) -> dict[str, str]:
    return {f"{one.purpose} {one.short}": one.status for one in ring.keys} if ring else {}


def rows_of_sheets(comparison: Comparison) -> Rows:
    """The version in use and the new one, the terms that change, and every other difference."""
    old, new = comparison.against, comparison.new
    return (
        ("version", old.version if old else "", new.version),
        ("digest", old.digest if old else "", new.digest),
        *comparison.new_terms,
        *(("difference", "", line) for line in in_lines(comparison.differences)),
    )


def _keys_now(study: Study, payload: bytes) -> str:
    return hashlib.sha256(keyring_json(study.stores.office) or b"").hexdigest()


def _version_now(study: Study, payload: bytes) -> str:
    return f"{current_digest(study.stores.office, study.name)} {_retention_now(study, payload)}"


def _retention_now(study: Study, payload: bytes) -> str:
    return approved_retention(study.stores.office, study.name) or ""


def _role_now(study: Study, payload: bytes) -> str:
    member = staff_named(study.stores.office, payload.decode())
    return member.role if member and not member.disabled else ""


def _hold_now(study: Study, payload: bytes) -> str:
    return state_now(study)


def _end_now(study: Study, payload: bytes) -> str:
    return state_of_end(study)


def _take_keys(study: Study, folder: Path, payload: bytes, actor: str, today: date) -> None:
    add_keys(study.stores.office, study.name, payload, today, actor)


def _take_sheets(study: Study, folder: Path, payload: bytes, actor: str, today: date) -> None:
    office = study.stores.office
    with unpacked(payload, folder.name) as sheets:
        found = compare(office, study.name, folder, sheets)
        adopt(office, found, folder, today, actor, breaking_agreed=True, approved=found.terms)


def _take_retention(study: Study, folder: Path, payload: bytes, actor: str, today: date) -> None:
    write_entry(study.stores.office, actor, Act.RETENTION_CHANGED, today, detail=payload.decode())
    approve_retention(study.stores.office, study.name, json.loads(payload))


def _remove(study: Study, folder: Path, payload: bytes, actor: str, today: date) -> None:
    name = payload.decode()
    write_entry(study.stores.office, actor, Act.STAFF_REMOVED, today, detail=name)
    change_member(study.stores.office, name, may_be_last=True, disabled=True)


def _set_hold(study: Study, folder: Path, payload: bytes, actor: str, today: date) -> None:
    set_hold(study, payload, actor, today)


def _lift_hold(study: Study, folder: Path, payload: bytes, actor: str, today: date) -> None:
    lift_hold(study, payload, actor, today)
    # What was withdrawn meanwhile goes now; where that fails, the next start and the next night do it again.
    put_right(study, today)


def _end(study: Study, folder: Path, payload: bytes, actor: str, today: date) -> None:
    end_study(study, actor, today)


def _agree(study: Study, folder: Path, payload: bytes, actor: str, today: date) -> None:
    # The deed itself is a command's: it needs the rights of the tables' owner, and takes as long as it takes.
    agree_to_destroy(study, payload, actor, today)


DEEDS: Mapping[Kind, Deed] = {
    Kind.KEYS: Deed(May.APPROVE, _keys_now, _take_keys),
    Kind.SHEETS: Deed(May.APPROVE, _version_now, _take_sheets),
    Kind.RETENTION: Deed(May.APPROVE, _retention_now, _take_retention),
    Kind.REMOVAL: Deed(May.APPROVE_REMOVAL, _role_now, _remove),
    Kind.HOLD: Deed(May.APPROVE, _hold_now, _set_hold),
    Kind.LIFT: Deed(May.APPROVE, _hold_now, _lift_hold),
    Kind.END: Deed(May.APPROVE, _end_now, _end),
    Kind.DESTROY: Deed(May.APPROVE, _end_now, _agree),
}
