"""The identities, opened by two custodians: who may be contacted, and how. Never an answer, a research id or a tag.

What stays in memory after opening: the people who asked to be contacted, sums of consents, and for each person's label
where its documents stand, sealed. Of everybody else no word stays. Nothing here is written anywhere.
"""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from errors import EnvelopeError
from privacy.envelope import Context, Envelope
from privacy.opening import PrivateKey
from release.audit import Consented, Tally
from release.believed import asked_only, in_time
from release.identity_documents import ChoicesChanged, ConsentGiven, ContactGiven, Given, given_in, later_answers
from release.source import Source

RECONTACT, RESULTS = "o_recontact", "o_results"
NAME, SAFE_WAY = "v_name", "v_contact_how"
WISHES = frozenset({RECONTACT, RESULTS})
# How many months contact details are kept for, where the source does not tell (study consent, study.md section 7).
MONTHS: Mapping[str, tuple[str, int]] = {
    RECONTACT: ("contact_recontact_months", 24),
    RESULTS: ("contact_results_months", 12),
}
Report = Callable[[int, int], None]
RandomBytes = Callable[[int], bytes]


@dataclass(frozen=True)
class Place:
    """Where a document stands: its row, its kind, the version of the study that it was sealed under."""

    record_id: bytes
    kind: str
    instrument: str


@dataclass(frozen=True)
class Contactable:
    """Somebody who asked to be contacted. `handle` stands for them on a page, and means nothing anywhere else."""

    handle: str
    person: str = field(repr=False)
    wishes: frozenset[str]
    contact: Mapping[str, str] = field(repr=False)
    language: str

    @property
    def name(self) -> str:
        """What they are called, as far as they said."""
        return self.contact.get(NAME, "")


@dataclass(frozen=True)
class Opened:
    """What opening leaves.

    `due`: how many people's contact details are past their time; `declined`: are kept though they want neither now;
    `silent`: how many asked and left no way. `unopened`: documents that do not open or are of no known shape.
    """

    people: tuple[Contactable, ...] = field(repr=False)
    due: int
    declined: int
    silent: int
    unopened: int
    consented: tuple[Consented, ...] = field(repr=False)
    places: Mapping[str, tuple[Place, ...]] = field(repr=False)


@dataclass
class _Gathered:
    consents: dict[str, ConsentGiven] = field(default_factory=dict)
    contacts: dict[str, ContactGiven] = field(default_factory=dict)
    changes: dict[str, list[ChoicesChanged]] = field(default_factory=dict)
    places: dict[str, list[Place]] = field(default_factory=dict)
    unopened: int = 0


def open_identities(
    source: Source,
    keys: Sequence[PrivateKey],
    today: date,
    random_bytes: RandomBytes,
    report: Report = lambda done, whole: None,
) -> Opened:
    """Open the identity vault and keep what custodians need. `report(done, whole)` is called now and then."""
    found, done = _Gathered(), 0
    for done, (record_id, envelope) in enumerate(source.rows(), 1):
        _gather(found, record_id, _document_in(record_id, envelope, keys, source), source, today)
        if not done % 50:
            report(done, len(source.records))
    report(done, done)
    return _opened(found, source, today, random_bytes)


def documents_of(
    opened: Opened, source: Source, keys: Sequence[PrivateKey], person: str, *kinds: str
) -> tuple[dict[str, Any], ...]:
    """One person's documents of these kinds, opened anew. Nobody else's is opened."""
    places = {place.record_id: place for place in opened.places.get(person, ()) if place.kind in kinds}
    found = (_opened_at(place, envelope, keys) for place, envelope in _found(source, places))
    return tuple(document for document in found if document is not None)


def all_given(opened: Opened, source: Source, keys: Sequence[PrivateKey], *kinds: str) -> Iterator[Given]:
    """What stands in everybody's documents of these kinds, one at a time and kept nowhere: to look for somebody."""
    every = (place for places in opened.places.values() for place in places if place.kind in kinds)
    for place, envelope in _found(source, {place.record_id: place for place in every}):
        document = _opened_at(place, envelope, keys)
        given = given_in(document) if document else None
        if given is not None:
            yield asked_only(given, source.instruments[place.instrument])


def last_day(wishes: Iterable[str], day: date, retention: Mapping[str, int]) -> date:
    """The last day on which contact details may be kept for these wishes: the longer of their times."""
    named = (MONTHS[wish] for wish in wishes)
    return _months_after(day, max(retention.get(name, default) for name, default in named))


def _months_after(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = min(day.year + years, date.max.year)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _document_in(
    record_id: bytes, envelope: Envelope, keys: Sequence[PrivateKey], source: Source
) -> dict[str, Any] | None:
    # A row does not say which version it was sealed under, so each is tried; only the right one opens.
    tried = (_opened_at(Place(record_id, "", one.digest), envelope, keys) for one in source.newest_first)
    return next((document for document in tried if document is not None), None)


def _found(source: Source, places: Mapping[bytes, Place]) -> Iterator[tuple[Place, Envelope]]:
    return ((places[record_id], envelope) for record_id, envelope in source.rows() if record_id in places)


def _opened_at(place: Place, envelope: Envelope, keys: Sequence[PrivateKey]) -> dict[str, Any] | None:
    """The document in an envelope; None where none of these keys opens it as what it should be."""
    for key in keys:
        try:
            document = key.open(envelope, Context("identity", key.study, place.instrument, place.record_id))
        except EnvelopeError:
            continue
        if document.get("instrument") == place.instrument and document.get("format") == 2:
            return document
    return None


def _gather(
    found: _Gathered, record_id: bytes, document: Mapping[str, Any] | None, source: Source, today: date
) -> None:
    try:
        if document is None:
            raise ValueError("It does not open.")
        given = given_in(document)
        person, kind, digest = str(document["person"]), str(document["kind"]), str(document["instrument"])
        known = given and in_time(asked_only(given, source.instruments[digest]), today)
    except (LookupError, TypeError, ValueError, AttributeError):
        found.unopened += 1
        return
    found.places.setdefault(person, []).append(Place(record_id, kind, digest))
    _keep(found, person, known)


def _keep(found: _Gathered, person: str, given: Given | None) -> None:
    if isinstance(given, ConsentGiven):
        # Nobody agrees twice: a second record under one label is somebody else's making.
        found.unopened += person in found.consents
        found.consents.setdefault(person, given)
    if isinstance(given, ChoicesChanged):
        found.changes.setdefault(person, []).append(given)
    if isinstance(given, ContactGiven):
        other = found.contacts.get(person)
        # Of two on one day the one that says less counts: somebody took something back.
        if other is None or (given.day, -len(given.contact)) > (other.day, -len(other.contact)):
            found.contacts[person] = given


def _opened(found: _Gathered, source: Source, today: date, random_bytes: RandomBytes) -> Opened:
    tally, people, left = Tally(), list[Contactable](), Counter[str]()
    for person, consent in found.consents.items():
        answers = later_answers(consent.statements, found.changes.get(person, []))
        tally.add(consent.instrument, consent.language, answers)
        wishes = frozenset(name for name, answer in answers if name in WISHES and answer == "yes")
        contact = found.contacts.get(person)
        why_not = _not_listed(wishes, contact, source.retention, today)
        left[why_not] += 1
        if contact and not why_not:
            people.append(Contactable(random_bytes(8).hex(), person, wishes, contact.contact, consent.language))
    places = {person: tuple(several) for person, several in found.places.items()}
    told = tally.told(source.instruments)
    return Opened(_by_name(people), left["due"], left["declined"], left["silent"], found.unopened, told, places)


def _not_listed(wishes: frozenset[str], contact: ContactGiven | None, retention: Mapping[str, int], today: date) -> str:
    """Why somebody is not on the list; "" for whoever is."""
    if contact is None or not contact.contact:
        return "silent" if wishes else "nobody"
    if not wishes:
        return "declined"
    return "due" if today > last_day(wishes, contact.day, retention) else ""


def _by_name(people: list[Contactable]) -> tuple[Contactable, ...]:
    """By name, then by chance: in no order that tells when somebody took part."""
    return tuple(sorted(people, key=lambda one: (one.name.casefold(), one.handle)))
