"""What of an opened document of the identity vault is believed: what this study asks, and dates that can be.

Anybody with the public key can seal a document and say in it whatever they like. Nothing that was never asked reaches a
page, a list or a letter, and no document changes what is seen of anybody else.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache

from instruments.consent import attested_fields, is_contact_detail
from instruments.model import Instrument
from release.identity_documents import Answers, ContactGiven, Given
from release.person import day_of

# Marks that embed, override or isolate a direction of writing reach out of the element that they stand in, and other
# control characters print nothing. The marks that names need (left-to-right, right-to-left, Arabic letter) stay.
UNSEEN = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def asked_only(given: Given, instrument: Instrument) -> Given:
    """A document with only the statements and details that this version of the study asks."""
    if isinstance(given, ContactGiven):
        return replace(given, contact=_of_these(given.contact, _contact_names(instrument)))
    return replace(given, statements=_put(given.statements, instrument))


def in_time(given: Given, today: date) -> Given:
    """A document with a date that can be (release/person.py). Any other is past every time, and found."""
    return replace(given, day=day_of(given.day, today))


def shown(said: str) -> str:
    """Words as they may be shown: without marks that reach out of their place."""
    return UNSEEN.sub("", said).strip()


def _of_these(told: Mapping[str, str], asked: Collection[str]) -> dict[str, str]:
    """Only these fields, in the order in which they are asked, where something is said in them."""
    return {name: words for name in asked if (words := shown(told.get(name, "")))}


def _put(statements: Answers, instrument: Instrument) -> Answers:
    items = instrument.items
    return tuple((name, said) for name, said in statements if name in items and items[name].kind == "statement")


@lru_cache(16)
def _contact_names(instrument: Instrument) -> tuple[str, ...]:
    """What may stand among the contact details, as a visit sorts what was typed (instruments/consent.py)."""
    attested = attested_fields(instrument)
    typed = (one for one in instrument.items.values() if one.is_asked and one.kept == "identity")
    return tuple(one.name for one in typed if one.kind != "statement" and is_contact_detail(one.name, attested))
