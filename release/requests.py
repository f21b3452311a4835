"""One person's consent record, on that person's request: found by what they say, shown whole, kept nowhere.

Who left no contact details and signed nothing cannot be found by anybody; that is what they were promised.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from errors import ReleaseError
from instruments.model import Instrument
from privacy.opening import PrivateKey
from release.identity_documents import ChoicesChanged, ConsentGiven, ContactGiven, Given, given_in
from release.people import SAFE_WAY, Contactable, Opened, all_given, documents_of
from release.source import Source

# Of a telephone number; its end is compared, since +44 and 0 begin the same one.
FEWEST_DIGITS, COMPARED_DIGITS, LONGEST_NUMBER = 7, 9, 15
APART = re.compile(r"[^\w@.+-]+")
OF_A_NAME = re.compile("name|signature")


@dataclass(frozen=True)
class Said:
    """What somebody says of themselves; at least one of the first three. `day`: on which they took part, if needed."""

    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    day: date | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not (plain(self.name) or self.email.strip() or len(_digits(self.phone)) >= FEWEST_DIGITS):
            raise ReleaseError("Please type a name, a telephone number or an e-mail address.")

    def fits(self, details: Mapping[str, str]) -> bool:
        """Whether all that was said stands in these contact details."""
        wanted = (
            not plain(self.name) or any(self._is_name(name, told) for name, told in details.items()),
            not self.email.strip() or any(plain(told) == plain(self.email) for told in details.values()),
            not _digits(self.phone) or any(self._is_phone(told) for told in details.values()),
        )
        return all(wanted)

    def _is_name(self, name: str, told: str) -> bool:
        said, known = set(plain(self.name).split()), set(plain(told).split())
        return said == known or (bool(OF_A_NAME.search(name)) and said <= known)

    def _is_phone(self, told: str) -> bool:
        said, known = _digits(self.phone), _digits(told)
        return len(said) >= FEWEST_DIGITS and known.endswith(said[-COMPARED_DIGITS:])


@dataclass(frozen=True)
class Statement:
    """One statement as it was put: its exact words, the answer of that day, and each later answer with its day."""

    name: str
    words: str
    answer: str
    later: tuple[tuple[date, str], ...] = ()


@dataclass(frozen=True)
class ConsentRecord:
    """One person's consent record. `document` is the record as it was sealed, `changes` what was changed later."""

    day: date = field(repr=False)
    version: str
    language: str
    statements: tuple[Statement, ...] = field(repr=False)
    document: Mapping[str, Any] = field(repr=False)
    changes: tuple[ChoicesChanged, ...] = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """The record with its history and its words, as the person may take it along. Leads to no answer."""
        history = [{"date": one.day.isoformat(), "statements": [*map(list, one.statements)]} for one in self.changes]
        words = {one.name: one.words for one in self.statements}
        return {"record": dict(self.document), "changes": history, "words": words}


def find_people(opened: Opened, source: Source, keys: Sequence[PrivateKey], said: Said) -> tuple[str, ...]:
    """The labels of the people whom this fits. Everybody's details are opened, one at a time, and none is kept."""
    found: dict[str, dict[str, str]] = {}
    of_that_day = set[str]()
    for given in all_given(opened, source, keys, "contact", "consent"):
        details = found.setdefault(given.person, {})
        details.update(_details(given))
        if isinstance(given, ConsentGiven) and said.day in (None, given.day):
            of_that_day.add(given.person)
    return tuple(person for person, details in found.items() if person in of_that_day and said.fits(details))


def consent_record(opened: Opened, source: Source, keys: Sequence[PrivateKey], person: str) -> ConsentRecord:
    """One person's record with its history. Raises ReleaseError where there is none."""
    given = [given_in(document) for document in documents_of(opened, source, keys, person, "consent", "choices")]
    consent = next((one for one in given if isinstance(one, ConsentGiven)), None)
    if consent is None:
        raise ReleaseError("There is no consent record of this person here.")
    changes = sorted((one for one in given if isinstance(one, ChoicesChanged)), key=lambda one: one.day)
    instrument = source.instruments[consent.instrument]
    statements = tuple(_statements(consent, changes, instrument))
    # As the participant's own copy names it.
    version = f"{instrument.version}-{consent.language}"
    return ConsentRecord(consent.day, version, consent.language, statements, consent.record, tuple(changes))


def _statements(
    consent: ConsentGiven, changed: Sequence[ChoicesChanged], instrument: Instrument
) -> Iterator[Statement]:
    for name, answer in consent.statements:
        item = instrument.items.get(name)
        words = item.label.in_language(consent.language) if item else name
        later = tuple((one.day, said) for one in changed for other, said in one.statements if other == name)
        yield Statement(name, words, answer, later)


def _details(given: Given) -> Mapping[str, str]:
    if isinstance(given, ContactGiven):
        return {name: said for name, said in given.contact.items() if name != SAFE_WAY}
    # In the signed route a name stands in the consent record itself, for as long as that is kept.
    return given.attested if isinstance(given, ConsentGiven) else {}


def plain(told: str) -> str:
    """Words as they are compared: whatever their capitals, widths and spaces."""
    return " ".join(unicodedata.normalize("NFKC", told).casefold().split())


def _digits(told: str) -> str:
    return "".join(str(unicodedata.digit(mark)) for mark in told if mark.isdigit())


def is_named(words: str, people: Sequence[Contactable], sought: Said | None = None) -> bool:
    """Whether somebody is named in these words: by their whole name, a telephone number, an address.

    `sought`: somebody who need not be on the list, as they were described.
    """
    told, digits = _spaced(words), _digits(words)
    details = [(name, said) for one in people for name, said in one.contact.items()]
    details += [("name", sought.name), ("phone", sought.phone), ("email", sought.email)] if sought else []
    by_name = (said for name, said in details if plain(said) and (OF_A_NAME.search(name) or "@" in said))
    numbers = (_digits(said) for _, said in details)
    by_number = (one for one in numbers if FEWEST_DIGITS <= len(one) <= LONGEST_NUMBER)
    return any(_spaced(said) in told for said in by_name) or any(one[-COMPARED_DIGITS:] in digits for one in by_number)


def _spaced(words: str) -> str:
    """Words with one space around each, so that only whole ones are found."""
    return f" {APART.sub(' ', plain(words)).strip(' .')} "
