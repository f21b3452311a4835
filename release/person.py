"""One participant's opened record: what it must look like, and the choices that were changed later. Trusts nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from instruments.answers import problems_of
from instruments.model import Instrument, Value

# Between these a document's date can be: this software is younger, and a device may be a time zone ahead.
EARLIEST, AHEAD = date(2020, 1, 1), timedelta(2)
LABEL = re.compile("[0-9a-f]{32}")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
CHOICE = re.compile("o_[a-z]{1,30}")
# What the software records beside the answers: its name in the record, its name in a release, what it looks like.
RECORDED = (
    ("mode", "admin_mode", re.compile("self|interviewer|interpreter")),
    ("language", "form_language", LANGUAGE),
    ("version", "form_version", re.compile("(?s:.+)")),
    ("month", "month", re.compile(r"\d{4}-(0[1-9]|1[0-2])")),
    ("interviewer", "interviewer_code", re.compile("[A-Z0-9]{0,8}")),
)


@dataclass(frozen=True)
class Person:
    """One participant's opened record. `choices` are the latest.

    `earlier`: the capsule that was brought along from an earlier wave; `linked`: the label that ids follow from, which
    is that of the person's first visit where a capsule tells it (release/waves.py).
    """

    participant: bytes = field(repr=False)
    group: str
    answers: Mapping[str, Value] = field(repr=False)
    recorded: Mapping[str, str] = field(repr=False)
    choices: Mapping[str, str] = field(repr=False)
    instrument: str
    wave: int = 1
    earlier: str = field(repr=False, default="")
    linked: bytes = field(repr=False, default=b"")


@dataclass(frozen=True)
class Change:
    """Optional choices that a participant changed on a later day."""

    participant: bytes = field(repr=False)
    choices: Mapping[str, str] = field(repr=False)
    day: date


def person_of(document: Mapping[str, Any], instrument: Instrument) -> tuple[Person, tuple[str, ...]]:
    """The person in an opened record, and what is wrong with it, a sentence each: variables, never what was said.

    Raises LookupError, TypeError or ValueError for a document that is no record at all.
    """
    if document["kind"] != "record":
        raise ValueError("Not a record.")
    group = instrument.group(document["group"]).name
    recorded = {name: str(document[told]) for told, name, _ in RECORDED}
    strange = tuple(
        f"{name} is not of its known form" for told, name, form in RECORDED if not _fits(form, document[told])
    )
    answers = {name: tuple(value) if isinstance(value, list) else value for name, value in document["answers"].items()}
    person = Person(
        _label(document["participant"]), group, answers, recorded, _choices(document["choices"]), instrument.digest,
        instrument.wave, str(document.get("earlier", "")),
    )  # fmt: skip
    if document["version"] != instrument.version:
        strange += ("form_version is not that of the questionnaire it was answered under",)
    strange += _wave_strange(document, instrument)
    return person, (*strange, *problems_of(instrument, group, answers))


def change_of(document: Mapping[str, Any], today: date = date.max) -> Change:
    """The change in an opened record. Raises LookupError, TypeError or ValueError when it is none."""
    day = day_of(date.fromisoformat(document["date"]), today)
    return Change(_label(document["participant"]), _choices(document["choices"]), day)


def day_of(day: date, today: date) -> date:
    """A document's day; one that cannot be counts as before every other.

    The document is not thrown away: a tablet with a wrong clock may have sealed it, and its No stands against what was
    agreed first. But every real date wins over it, so nobody can have the last word for good.
    """
    return day if EARLIEST <= day and (day - EARLIEST) <= (today - EARLIEST) + AHEAD else date.min


def with_changes(people: Mapping[bytes, Person], changes: Iterable[Change]) -> tuple[Person, ...]:
    """Later choices win; of two on one day, No wins, because it is the safer reading."""
    latest: dict[bytes, dict[str, tuple[date, bool]]] = {}
    for change in changes:
        known = latest.setdefault(change.participant, {})
        given = people[change.participant].choices
        for name, said in change.choices.items():
            first = (date.min, given.get(name) != "yes")
            known[name] = max(known.get(name, first), (change.day, said == "no"))
    return tuple(_changed(person, latest.get(label, {})) for label, person in people.items())


def _changed(person: Person, latest: Mapping[str, tuple[date, bool]]) -> Person:
    later = {name: "no" if is_no else "yes" for name, (_day, is_no) in latest.items()}
    return replace(person, choices={**person.choices, **later}) if later else person


def _wave_strange(document: Mapping[str, Any], instrument: Instrument) -> tuple[str, ...]:
    if instrument.waves == 1:
        return ()
    wrong = [] if document.get("wave") == instrument.wave else ["wave is not that of its questionnaire"]
    return (*wrong, *([] if isinstance(document.get("earlier"), str) else ["earlier is not of its known form"]))


def _fits(form: re.Pattern[str], told: object) -> bool:
    return isinstance(told, str) and form.fullmatch(told) is not None


def _label(told: str) -> bytes:
    if not LABEL.fullmatch(told):
        raise ValueError("Not a label.")
    return bytes.fromhex(told)


def _choices(told: Mapping[str, str]) -> dict[str, str]:
    if any(not CHOICE.fullmatch(name) or said not in ("yes", "no") for name, said in told.items()):
        raise ValueError("Not choices.")
    return dict(told)
