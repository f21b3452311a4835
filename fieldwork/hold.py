"""The legal hold: while one is on, nothing of a participant is erased. Two people set it, and two lift it.

Whether it is on is what the signed journal says last, not a table that somebody with the database could change alone.
What people read meanwhile is what was confirmed with it, by its digest. Nobody is singled out: a hold is on everything.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

from errors import JournalBroken, JournalNotWritten, SettingsError
from fieldwork.study import Study
from instruments.hold_words import LONGEST_REASON, SHORTEST_REASON, hold_words, lacking_languages, open_in
from storage.approvals import confirmed_proposals
from storage.journal import Act, Entry, write_entry
from storage.journal_newest import Newest
from storage.journal_vouched import readable_entries, vouched_entries
from storage.office import Office

HOLD, LIFT = "hold", "lift"  # the kinds of proposals
ACTS = (Act.HOLD_SET, Act.HOLD_LIFTED)
# The last entry about a hold, by the hash of the newest entry of all. One hash has one chain under it, and that entry's
# signature is checked each time: so a long journal is gone through once and not for every withdrawal.
_found: Newest[Entry | None] = Newest()


@dataclass(frozen=True)
class Hold:
    """A hold that is on: since which day, why, and what people read meanwhile, by language.

    `digest`: of what was confirmed. `words` are empty where they are no longer here as they were. `is_vouched`: whether
    the signed journal says so; where it cannot be relied on, what is left of it does.
    """

    since: str
    reason: str
    digest: str
    words: Mapping[str, str] = field(default_factory=dict)
    is_vouched: bool = True

    @property
    def day(self) -> date:
        """The day since which it is on."""
        return date.fromisoformat(self.since)


def hold_in_force(office: Office) -> Hold | None:
    """The hold that is on; None where none is.

    Where the journal does not hold, or its key is missing, every trace of a hold that is left keeps it on: an entry
    that can still be read, or a confirmed proposal, unless an entry that this instance's key signed lifts that very
    hold. So whoever has the database alone lifts none by damage. Where there is no trace, none is on: else anybody who
    damages a journal could keep a whole study from withdrawing. A journal of which the end was cut off, the entry about
    the hold with it, is whole as far as can be seen, and says that none is on: `is_cut` finds it, and a checkpoint.
    """
    try:
        last = _last(office)
    except (JournalBroken, JournalNotWritten):
        return _traced(office)
    if last is None or last.act == Act.HOLD_LIFTED:
        return None
    return Hold(last.day, last.reason, last.detail, _words_of(office, last.detail))


def is_cut(office: Office) -> bool:
    """Whether a hold was confirmed of which a whole journal has no entry: its end was cut off, or somebody forged."""
    try:
        known = {entry.detail for entry in vouched_entries(office) if entry.act == Act.HOLD_SET}
    except (JournalBroken, JournalNotWritten):
        return False
    return any(_digest(one.payload) not in known for one in confirmed_proposals(office, HOLD))


def hold_asked(study: Study, reason: str) -> tuple[bytes, tuple[tuple[str, str, str], ...]]:
    """What is proposed and shown where a hold is to be set: the reason, and the words that people will read.

    Raises SettingsError while a hold is on, and while those words are not fixed in every language of the study.
    """
    if hold_in_force(study.stores.office):
        raise SettingsError("A legal hold is on already. There is nothing to propose.")
    words = words_fixed(study)
    payload = _canonical({"after": state_now(study), "reason": _checked(reason), "words": words})
    told = ((f"words {language}", "", said) for language, said in words.items())
    return payload, (("reason", "", _checked(reason)), *told)


def lift_asked(study: Study, reason: str) -> tuple[bytes, tuple[tuple[str, str, str], ...]]:
    """What is proposed and shown where the hold is to be lifted. Raises SettingsError where none is on."""
    found = hold_in_force(study.stores.office)
    if found is None:
        raise SettingsError("No legal hold is on. There is nothing to propose.")
    payload = _canonical({"lifts": found.digest, "reason": _checked(reason)})
    return payload, (("reason", "", _checked(reason)), ("since", found.since, ""), ("hold reason", found.reason, ""))


def words_fixed(study: Study) -> dict[str, str]:
    """What people would read, in every language of the study. Raises SettingsError where it is not fixed yet."""
    if lacking := lacking_words(study):
        raise SettingsError(lacking)
    return hold_words(study.settings, study.instrument.languages)


def lacking_words(study: Study) -> str:
    """Why no hold could be proposed today: a sentence, empty where everything is ready."""
    languages = study.instrument.languages
    if lacking := lacking_languages(study.settings, languages):
        return (
            f"What people read during a legal hold is not fixed yet in: {', '.join(lacking)}. Write it under "
            "legal_hold in study.toml first."
        )
    if still := open_in(hold_words(study.settings, languages)):
        return (
            f"What people read during a legal hold still shows brackets: {', '.join(still)}. Fill them in under "
            "fill_in in study.toml first."
        )
    return ""


def state_now(study: Study) -> str:
    """What a proposal to set or lift hangs on: the last entry about a hold. Raises JournalBroken, JournalNotWritten."""
    last = _last(study.stores.office)
    return str(last.number) if last else ""


def set_hold(study: Study, payload: bytes, actor: str, today: date) -> None:
    """Set the hold that two people decided: from this entry of the journal on, nothing is erased."""
    write_entry(study.stores.office, actor, Act.HOLD_SET, today, reason=_reason_in(payload), detail=_digest(payload))


def lift_hold(study: Study, payload: bytes, actor: str, today: date) -> None:
    """Lift the hold that two people decided to lift. Who calls this erases then what waits (fieldwork/upkeep.py)."""
    lifted = json.loads(payload)["lifts"]
    write_entry(study.stores.office, actor, Act.HOLD_LIFTED, today, reason=_reason_in(payload), detail=lifted)


def _last(office: Office) -> Entry | None:
    """The last entry about a hold, vouched for. Raises JournalBroken, JournalNotWritten."""
    entries = vouched_entries(office)
    newest = next(entries, None)
    if newest is None:
        raise JournalBroken("The journal does not hold: it is empty.")
    told = chain([newest], entries)
    return _found.get(newest.hash, lambda: next((one for one in told if one.act in ACTS), None))


def _traced(office: Office) -> Hold | None:
    """The newest hold of which anything is left, and which no lifting of ours answers."""
    told = [(entry, is_ours) for entry, is_ours in readable_entries(office) if entry.act in ACTS]
    lifted = {entry.detail for entry, is_ours in told if entry.act == Act.HOLD_LIFTED and is_ours}
    for entry, _is_ours in told:
        if entry.act == Act.HOLD_SET and entry.detail not in lifted:
            return Hold(entry.day, entry.reason, entry.detail, _words_of(office, entry.detail), is_vouched=False)
    for one in reversed(confirmed_proposals(office, HOLD)):
        digest = _digest(one.payload)
        # What nobody proposed need not have the shape of a proposal.
        with suppress(ValueError, LookupError, TypeError):
            if digest not in lifted:
                day, reason = one.day.isoformat(), _reason_in(one.payload)
                return Hold(day, reason, digest, _words_in(one.payload), is_vouched=False)
    return None


def _words_of(office: Office, digest: str) -> Mapping[str, str]:
    """The words that were confirmed under this digest; none where they are no longer here as they were."""
    found = (one.payload for one in confirmed_proposals(office, HOLD) if _digest(one.payload) == digest)
    return next((_words_in(payload) for payload in found), {})


def _words_in(payload: bytes) -> Mapping[str, str]:
    return dict(json.loads(payload)["words"])


def _reason_in(payload: bytes) -> str:
    return str(json.loads(payload)["reason"])


def _checked(reason: str) -> str:
    told = " ".join(reason.split())
    if not SHORTEST_REASON <= len(told) <= LONGEST_REASON:
        raise SettingsError(
            f"A reason has {SHORTEST_REASON} to {LONGEST_REASON} characters: it stands in the journal. Nothing was "
            "proposed."
        )
    return told


def _canonical(told: Mapping[str, object]) -> bytes:
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _digest(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()
