"""One participant's opened record: what it must look like, and the choices that were changed later. Trusts nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import Any

from instruments.model import Instrument, Value

# Between these a document's date can be: this software is younger, and a device may be a time zone ahead.
EARLIEST, AHEAD = date(2020, 1, 1), timedelta(2)
LABEL = re.compile("[0-9a-f]{32}")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
# The choices that steer what is released: others stay with the consent record. Each is a column of everybody, so a
# stranger who seals records may not name thousands of new ones.
STEERING = frozenset({"o_quote", "o_archive", "o_audio"})
# What the software records beside the answers: its name in the record, its name in a release, what it looks like.
RECORDED = (
    ("mode", "admin_mode", re.compile("self|interviewer|interpreter")),
    ("language", "form_language", LANGUAGE),
    ("version", "form_version", re.compile("(?s:.+)")),
    ("month", "month", re.compile("[0-9]{4}-(0[1-9]|1[0-2])")),
    ("interviewer", "interviewer_code", re.compile("[A-Z0-9]{0,8}")),
)
HEADING = itemgetter("group", *(told for told, _, _ in RECORDED))


@dataclass(frozen=True)
class Person:
    """One participant's opened record, with the choices it was sealed with.

    `earlier`: the capsule that was brought along from an earlier wave (release/waves.py).
    """

    participant: bytes = field(repr=False)
    group: str
    answers: Mapping[str, Value] = field(repr=False)
    recorded: Mapping[str, str] = field(repr=False)
    choices: Mapping[str, str] = field(repr=False)
    instrument: str
    wave: int = 1
    earlier: str = field(repr=False, default="")


@dataclass(frozen=True)
class Change:
    """Optional choices that a participant changed on a later day."""

    participant: bytes = field(repr=False)
    choices: Mapping[str, str] = field(repr=False)
    day: date


def person_of(document: Mapping[str, Any], instrument: Instrument) -> tuple[Person, tuple[str, ...]]:
    """The person in an opened record, and what is strange about it beside the answers, a sentence each.

    Names variables, never what was said. The answers are checked for many at once (instruments/checking.py).
    Raises LookupError, TypeError or ValueError for a document that is no record at all.
    """
    if document["kind"] != "record":
        raise ValueError("Not a record.")
    told = HEADING(document)
    try:
        group, recorded, strange = _heading(instrument, *told)
    except TypeError:  # a list, which nothing can be remembered by
        group, recorded, strange = _heading.__wrapped__(instrument, *told)
    answers = document["answers"]
    if several := [name for name in _lists_of(instrument, group) if type(answers.get(name)) is list]:
        answers = {**answers, **{name: tuple(answers[name]) for name in several}}
    person = Person(
        _label(document["participant"]), group, answers, recorded, _choices(*document["choices"].items()),
        instrument.digest, instrument.wave, str(document.get("earlier", "")),
    )  # fmt: skip
    return person, strange if instrument.waves == 1 else strange + _wave_strange(document, instrument)


@lru_cache(4096, typed=True)
def _heading(instrument: Instrument, group: str, *told: str) -> tuple[str, dict[str, str], tuple[str, ...]]:
    """The group, what is recorded beside the answers, and what is strange about it: few records differ in these."""
    recorded = {name: str(said) for (_, name, _), said in zip(RECORDED, told, strict=True)}
    strange = tuple(
        f"{name} is not of its known form"
        for (_, name, form), said in zip(RECORDED, told, strict=True)
        if not isinstance(said, str) or not form.fullmatch(said)
    )
    if recorded["form_version"] != instrument.version:
        strange += ("form_version is not that of the questionnaire it was answered under",)
    return instrument.group(group).name, recorded, strange


def change_of(document: Mapping[str, Any], today: date = date.max) -> Change:
    """The change in an opened record. Raises LookupError, TypeError or ValueError when it is none."""
    day = day_of(date.fromisoformat(document["date"]), today)
    return Change(_label(document["participant"]), _choices(*document["choices"].items()), day)


def day_of(day: date, today: date) -> date:
    """A document's day; one that cannot be counts as before every other.

    The document is not thrown away: a tablet with a wrong clock may have sealed it, and its No stands against what was
    agreed first. But every real date wins over it, so nobody can have the last word for good.
    """
    return day if EARLIEST <= day and (day - EARLIEST) <= (today - EARLIEST) + AHEAD else date.min


def later_choices(
    changes: Iterable[Change], given: Mapping[bytes, Mapping[str, bool | None]]
) -> dict[bytes, dict[str, bool]]:
    """What each participant who changed something holds to now: later choices win; of two on one day, No wins.

    That is the safer reading. `given`: what each of them chose first (None: never asked), by choice.
    """
    latest: dict[bytes, dict[str, tuple[date, bool]]] = {}
    for change in changes:
        known = latest.setdefault(change.participant, {})
        for name, said in change.choices.items():
            first = (date.min, given[change.participant].get(name) is not True)
            known[name] = max(known.get(name, first), (change.day, said == "no"))
    return {one: {name: not is_no for name, (_day, is_no) in told.items()} for one, told in latest.items()}


def _wave_strange(document: Mapping[str, Any], instrument: Instrument) -> tuple[str, ...]:
    wrong = [] if document.get("wave") == instrument.wave else ["wave is not that of its questionnaire"]
    return (*wrong, *([] if isinstance(document.get("earlier"), str) else ["earlier is not of its known form"]))


def _label(told: str) -> bytes:
    if not LABEL.fullmatch(told):
        raise ValueError("Not a label.")
    return bytes.fromhex(told)


@lru_cache(1024)
def _choices(*told: tuple[str, str]) -> Mapping[str, str]:
    """Choices by name. Few records differ in them, so the same are looked at once; nobody changes what this gives."""
    if any(name not in STEERING or said not in ("yes", "no") for name, said in told):
        raise ValueError("Not choices.")
    return dict(told)


@lru_cache(64)
def _lists_of(instrument: Instrument, group: str) -> tuple[str, ...]:
    """The items whose answers are lists."""
    items = instrument.research_items(group)
    return tuple(item.name for item in items if item.kind in ("select_multiple", "rank"))
