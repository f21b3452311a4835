"""Amina's visit, typed: the least that a young person must say, and helpers to say more."""

from __future__ import annotations

from instruments.consent import statements_asked
from instruments.model import Instrument

Typed = dict[str, list[str]]


def consenting(instrument: Instrument, group: str, age: int | None = None, **said: str) -> Typed:
    """Every required statement answered yes; `said` adds or changes some."""
    asked = statements_asked(instrument, group, age)
    typed = {item.name: ["yes"] for item in asked if item.required}
    return typed | {name: [value] for name, value in said.items()}


def amina(instrument: Instrument, **more: str | list[str]) -> Typed:
    """A young person of 19 in London who agrees to everything required; `more` adds or changes fields."""
    typed = {"elig_muslim": ["1"], "age": ["19"], "site": ["1"], "sex": ["1"]}
    typed |= consenting(instrument, "young_person", 19)
    return typed | {name: value if isinstance(value, list) else [value] for name, value in more.items()}


def officer(instrument: Instrument, **more: str) -> Typed:
    """A police officer in Birmingham who agrees to everything required."""
    typed = {"site": ["2"], "age_band": ["3"], "sex": ["2"], "po_role": ["1"], "po_years": ["4"]}
    return typed | consenting(instrument, "police_officer") | {name: [value] for name, value in more.items()}


def leader(instrument: Instrument, **more: str) -> Typed:
    """A community leader in London who agrees to everything required."""
    typed = {"site": ["1"], "age_band": ["4"], "sex": ["1"], "cl_role": ["3"], "cl_years": ["2"]}
    return typed | consenting(instrument, "community_leader") | {name: [value] for name, value in more.items()}
