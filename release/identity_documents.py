"""What stands in the identity vault, read from opened documents: consent, contact, later choices. Trusts nothing.

Anybody who has the public key can seal anything, so a document is what it says only once its shape was checked here.
A link is not read here: it joins the two vaults, and nothing that custodians look at needs it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from release.person import LANGUAGE

LABEL = re.compile("[0-9a-f]{32}")
ID = re.compile("[A-Za-z_][A-Za-z0-9_.-]{0,63}")
KINDS = ("consent", "contact", "choices", "link")
LONGEST = 2000  # characters of a contact detail
Answers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ConsentGiven:
    """A consent record as it was given. `attested` bears it out; `record` is the whole, as the field sealed it."""

    person: str = field(repr=False)
    instrument: str
    day: date = field(repr=False)
    language: str
    statements: Answers = field(repr=False)
    attested: Mapping[str, str] = field(repr=False)
    record: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class ContactGiven:
    """Contact details as they were left on a day; empty where none were."""

    person: str = field(repr=False)
    instrument: str
    day: date = field(repr=False)
    contact: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class ChoicesChanged:
    """Statements that were answered anew on a later day."""

    person: str = field(repr=False)
    instrument: str
    day: date = field(repr=False)
    statements: Answers = field(repr=False)


Given = ConsentGiven | ContactGiven | ChoicesChanged


def given_in(document: Mapping[str, Any]) -> Given | None:
    """What an opened document of format 2 holds; None for a link.

    Raises LookupError, TypeError or ValueError for a document of no known shape.
    """
    kind, person = document["kind"], _label(document["person"])
    if kind == "link":
        return None
    if kind == "consent":
        return _consent(person, document["instrument"], document["record"])
    day = date.fromisoformat(document["date"])
    if kind == "contact":
        return ContactGiven(person, document["instrument"], day, _contact(document["contact"]))
    if kind == "choices":
        return ChoicesChanged(person, document["instrument"], day, _answers(document["statements"]))
    raise ValueError("Not a document of the identity vault.")


def later_answers(given: Answers, changes: list[ChoicesChanged]) -> Answers:
    """The latest answers: the last day counts, and of two on one day No, because it is the safer reading."""
    latest = {name: (date.min, answer == "no") for name, answer in given}
    for change in changes:
        for name, answer in change.statements:
            latest[name] = max(latest.get(name, (date.min, False)), (change.day, answer == "no"))
    return tuple((name, "no" if is_no else "yes") for name, (_day, is_no) in latest.items())


def _consent(person: str, instrument: str, record: Mapping[str, Any]) -> ConsentGiven:
    statements = [(one["id"], one["answer"]) for one in record["statements"]]
    day, attested = date.fromisoformat(record["event"]["event_time"]), record.get("attested", {})
    if not LANGUAGE.fullmatch(record["language"]) or not all(isinstance(said, str) for said in attested.values()):
        raise ValueError("Not a consent record.")
    return ConsentGiven(person, instrument, day, record["language"], _answers(statements), attested, record)


def _answers(told: list[Any]) -> Answers:
    for name, answer in told:
        if not ID.fullmatch(name) or answer not in ("yes", "no"):
            raise ValueError("Not an answer to a statement.")
    return tuple((name, answer) for name, answer in told)


def _contact(told: Mapping[str, str]) -> dict[str, str]:
    for name, said in told.items():
        if not ID.fullmatch(name) or not isinstance(said, str) or len(said) > LONGEST:
            raise ValueError("Not a contact detail.")
    return {name: said.strip() for name, said in told.items() if said.strip()}


def _label(told: str) -> str:
    if not LABEL.fullmatch(told):
        raise ValueError("Not a label.")
    return told
