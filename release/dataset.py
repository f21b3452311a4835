"""Open sealed records, check each again against its instrument, join later choices. Drops nothing in silence.

Anybody who has the public key can seal anything, so nothing inside an envelope is trusted before it was checked here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from errors import EnvelopeError
from instruments.model import Instrument
from privacy.envelope import Context, Envelope
from privacy.opening import PrivateKey
from release.person import Change, Person, change_of, person_of, with_changes
from release.source import newest_first
from release.unlocked import by_id
from release.waves import joined

Report = Callable[[int, int], None]
UNOPENED = "it does not open with this key"
SHAPELESS = "it is not a record of a known shape"
TWICE = "another record of the same participant is in the dataset already"
FOR_NOBODY = "it changes the choices of a participant who has no record here"


@dataclass(frozen=True)
class Fault:
    """A record that is not in the dataset, and why. Names variables, never what was said."""

    record_id: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Dataset:
    """Every participant whose record opened and is valid; every other record as a fault.

    `lacking`: how many records need a key that was not given, by that key's id. They are no faults.
    `unjoined`: how many brought a capsule of an earlier wave that joins nobody; they count as new people.
    """

    people: tuple[Person, ...]
    faults: tuple[Fault, ...]
    changes: int
    lacking: Mapping[str, int] = field(default_factory=dict)
    unjoined: int = 0

    @property
    def opened(self) -> int:
        """How many envelopes opened, whether or not what they held is valid."""
        return len(self.people) + self.changes + sum(UNOPENED not in fault.reasons for fault in self.faults)


@dataclass
class _Sorted:
    people: dict[bytes, Person] = field(default_factory=dict)
    changes: list[tuple[str, Change]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    lacking: Counter[str] = field(default_factory=Counter)
    today: date = date.max


def open_records(
    rows: Iterable[tuple[bytes, Envelope]],
    keys: Sequence[PrivateKey],
    instruments: Mapping[str, Instrument],
    report: Report = lambda done, whole: None,
    whole: int = 0,
    today: date = date.max,
) -> Dataset:
    """Open and check every record with its own key. `report(done, whole)` is called now and then, and at the end."""
    found, digests, done = _Sorted(today=today), [instrument.digest for instrument in newest_first(instruments)], 0
    known = by_id(keys)
    for done, (record_id, envelope) in enumerate(rows, 1):
        if key := known.get(envelope.key_id):
            _open_one(key, envelope, record_id, digests, instruments, found)
        else:
            found.lacking[envelope.key_id.hex()] += 1
        if not done % 50:
            report(done, whole)
    report(done, whole)
    return _joined(found, known)


def _open_one(
    key: PrivateKey,
    envelope: Envelope,
    record_id: bytes,
    digests: Sequence[str],
    instruments: Mapping[str, Instrument],
    found: _Sorted,
) -> None:
    try:
        document, digest = _opened(key, envelope, record_id, digests)
        _sort(document, instruments[digest], record_id.hex(), found)
    except EnvelopeError:
        found.faults.append(Fault(record_id.hex(), (UNOPENED,)))


def _opened(
    key: PrivateKey, envelope: Envelope, record_id: bytes, digests: Sequence[str]
) -> tuple[dict[str, Any], str]:
    # A row does not say which version it was answered under, so each is tried; only the right one opens.
    for digest in digests:
        try:
            document = key.open(envelope, Context("research", key.study, digest, record_id))
        except EnvelopeError:
            continue
        if document.get("instrument") == digest and document.get("format") == 1:
            return document, digest
    raise EnvelopeError("It does not open.")


def _sort(document: Mapping[str, Any], instrument: Instrument, record_id: str, found: _Sorted) -> None:
    try:
        if document["kind"] == "choices":
            found.changes.append((record_id, change_of(document, found.today)))
            return
        person, reasons = person_of(document, instrument)
    except (LookupError, TypeError, ValueError, AttributeError):
        found.faults.append(Fault(record_id, (SHAPELESS,)))
        return
    if person.participant in found.people:
        reasons = (*reasons, TWICE)
    if reasons:
        found.faults.append(Fault(record_id, reasons))
    else:
        found.people[person.participant] = person


def _joined(found: _Sorted, keys: Mapping[bytes, PrivateKey]) -> Dataset:
    lost = [
        Fault(record_id, (FOR_NOBODY,)) for record_id, change in found.changes if change.participant not in found.people
    ]
    changes = [change for _, change in found.changes if change.participant in found.people]
    faults = (*found.faults, *lost)
    people, unjoined = joined(with_changes(found.people, changes), keys)
    return Dataset(people, faults, len(changes), dict(sorted(found.lacking.items())), unjoined)
