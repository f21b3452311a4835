"""A copy of what somebody agreed to, for them to take along: each statement's words and what was said to it.

Kept nowhere. A page with script makes it on the device (static/agreed.js) and takes only the words around it from here;
the receipt page without script shows it inside, closed, until the person opens it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from flask import Response

from instruments.consent import Consent
from instruments.model import Instrument
from views.field.common import cacheable, language, page
from views.languages import own_name


@dataclass(frozen=True)
class Agreed:
    """What the copy says of one visit. `statements` and `choices` are pairs of words; `ask` is whom to ask."""

    sheet: str
    version: str
    today: date
    until: date
    statements: tuple[tuple[str, str], ...] = field(repr=False)
    choices: tuple[tuple[str, str], ...] = field(repr=False)
    ask: tuple[str, ...]


def show() -> Response:
    """The words around a copy. A visit's script fills it in; nothing of anybody comes here for it."""
    return cacheable(page("agreed.html", language_name=own_name(language())))


def agreed_in(instrument: Instrument, group: str, consent: Consent, spoken: str, today: date, until: date) -> Agreed:
    """The copy of a visit that has just ended."""
    said = [(name, _words(instrument, name, answer, spoken)) for name, answer in consent.statements]
    return Agreed(
        instrument.sheet_in(spoken),
        f"{instrument.version}-{spoken}",
        today,
        until,
        tuple(words for name, words in said if name not in consent.choices),
        tuple(words for name, words in said if name in consent.choices),
        _whom_to_ask(instrument, group, spoken),
    )


def _words(instrument: Instrument, name: str, answer: str, spoken: str) -> tuple[str, str]:
    item = instrument.item(name)
    says = next(choice.label for choice in item.choices if choice.code == answer)
    return item.label.in_language(spoken), says.in_language(spoken)


def _whom_to_ask(instrument: Instrument, group: str, spoken: str) -> tuple[str, ...]:
    """The last screen of the information sheet, where a sheet says whom to ask and where to complain."""
    screens = [block for part in instrument.visit(group) if part.name == "information" for block in part.blocks]
    notes = [item for block in screens[-1:] for item in block.items if item.kind == "note" and item.relevant is None]
    return tuple(item.label.in_language(spoken) for item in notes)
