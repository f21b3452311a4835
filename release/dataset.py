"""Open sealed records, check each again against its instrument, join later choices. Drops nothing in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from errors import EnvelopeError
from instruments.answers import problems_of
from instruments.model import Instrument, Value
from privacy.envelope import Context, Envelope
from privacy.opening import PrivateKey

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Person:
    """One participant's opened record. `choices` are the latest."""

    participant: bytes = field(repr=False)
    group: str
    answers: Mapping[str, Value] = field(repr=False)
    recorded: Mapping[str, str] = field(repr=False)
    choices: Mapping[str, str] = field(repr=False)
    instrument: str


@dataclass(frozen=True)
class Fault:
    """A record that is not in the dataset, and why. Names variables, never what was said."""

    record_id: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Dataset:
    """Every participant whose record opened and is valid; every other record as a fault."""

    people: tuple[Person, ...]
    faults: tuple[Fault, ...]
    changes: int


def open_records(
    rows: Iterable[tuple[bytes, Envelope]],
    key: PrivateKey,
    instruments: Mapping[str, Instrument],
    report: Report = lambda done, whole: None,
    whole: int = 0,
) -> Dataset:
    """Open and check every record. `report(done, whole)` is called now and then."""
    people: list[Person] = []
    changes: list[Mapping[str, Any]] = []
    faults: list[Fault] = []
    for done, (record_id, envelope) in enumerate(rows, 1):
        try:
            document, digest = _opened(key, envelope, record_id, list(instruments))
            _sort(document, instruments[digest], record_id.hex(), people, changes, faults)
        except EnvelopeError:
            faults.append(Fault(record_id.hex(), ("it does not open with this key",)))
        if not done % 50:
            report(done, whole)
    return Dataset(_with_changes(people, changes), tuple(faults), len(changes))


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


def _sort(
    document: dict[str, Any],
    instrument: Instrument,
    record_id: str,
    people: list[Person],
    changes: list[Mapping[str, Any]],
    faults: list[Fault],
) -> None:
    try:
        if document["kind"] == "choices":
            changes.append({name: document[name] for name in ("participant", "choices", "date")})
            return
        person = _person(document, instrument)
        reasons = problems_of(instrument, person.group, person.answers)
    except (KeyError, TypeError, ValueError, AttributeError):
        person, reasons = None, ("it is not a record of a known shape",)
    if reasons or person is None:
        faults.append(Fault(record_id, reasons))
    else:
        people.append(person)


def _person(document: Mapping[str, Any], instrument: Instrument) -> Person:
    instrument.group(document["group"])
    recorded = {
        "admin_mode": document["mode"],
        "form_language": document["language"],
        "form_version": document["version"],
        "month": document["month"],
        "interviewer_code": document["interviewer"],
    }
    answers = {name: tuple(value) if isinstance(value, list) else value for name, value in document["answers"].items()}
    participant = bytes.fromhex(document["participant"])
    return Person(participant, document["group"], answers, recorded, dict(document["choices"]), instrument.digest)


def _with_changes(people: Sequence[Person], changes: Sequence[Mapping[str, Any]]) -> tuple[Person, ...]:
    """Later choices win; of two on one day, No wins, because it is the safer reading."""
    latest: dict[bytes, dict[str, tuple[str, bool]]] = {}
    for change in changes:
        known = latest.setdefault(bytes.fromhex(change["participant"]), {})
        for name, said in change["choices"].items():
            known[name] = max(known.get(name, ("", False)), (change["date"], said == "no"))
    return tuple(_changed(person, latest.get(person.participant, {})) for person in people)


def _changed(person: Person, latest: Mapping[str, tuple[str, bool]]) -> Person:
    later = {name: "no" if is_no else "yes" for name, (_day, is_no) in latest.items()}
    return replace(person, choices={**person.choices, **later}) if later else person
