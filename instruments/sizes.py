"""The one length that every record of a kind is padded to, so that length says nothing about what was said.

A visit is four records: the answers, the consent record, contact details (given or not), the link of the two vaults.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache

from instruments.consent import attested_fields
from instruments.model import Instrument, Item, as_value

BLOCK = 2048  # bytes; the envelope's (docs/envelope.md)
LARGEST_CHARACTER = 4  # bytes in UTF-8; a quote, a backslash or a line break takes 2 in JSON
NUMBER = 12  # bytes for a date, or a number of nine digits
DECIMAL = 18  # bytes for nine digits, a point and six more, as text
HEAD_ROOM = 1024  # bytes for what stands around the answers
LONGEST_VISIT = 700_000  # bytes of all records of a visit: what can be delivered (LARGEST_BODY in views/limits.py)
LABEL = 2 * 16  # hexadecimal digits
LANGUAGE = 35  # bytes of the longest language code that people write


def length_refused(instrument: Instrument) -> str | None:
    """Why the records of this instrument are longer than can be delivered; None where they are not."""
    length = sum(measure(instrument) for measure in (_research, _consent, _contact, _link))
    if length <= LONGEST_VISIT:
        return None
    return (
        f"a sealed visit would take {length:,} bytes, and may take {LONGEST_VISIT:,}: every text has room for 500"
        " characters. Give texts a constraint such as string-length(.) <= 100, or ask for fewer rounds"
        " (bind::amanah:most)"
    )


@cache
def research_length(instrument: Instrument) -> int:
    """Bytes of every padded research document of this instrument."""
    return _research(instrument)


@cache
def consent_length(instrument: Instrument) -> int:
    """Bytes of every padded consent record of this instrument, and of every later change of choices."""
    return _consent(instrument)


@cache
def contact_length(instrument: Instrument) -> int:
    """Bytes of every padded document of contact details, whether any were given or not."""
    return _contact(instrument)


def link_length(instrument: Instrument) -> int:
    """Bytes of every padded link between the two vaults."""
    return _link(instrument)


def _research(instrument: Instrument) -> int:
    return _blocks(max(_largest(instrument, instrument.research_items(group.name)) for group in instrument.groups))


def _consent(instrument: Instrument) -> int:
    version = len(json.dumps(f"{instrument.version}-")) + LANGUAGE
    attested = attested_fields(instrument)
    said = max(
        sum(
            _statement(item, version) if item.kind == "statement" else _largest(instrument, [item])
            for item in _identity_items(instrument, group.name, "consent", "contact")
            if item.kind == "statement" or item.name in attested
        )
        for group in instrument.groups
    )
    sheet = max(len(json.dumps(words)) for _, words in instrument.sheet_versions.translations)
    return _blocks(said + sheet + len(json.dumps(instrument.title.translations[0][1])))


def _contact(instrument: Instrument) -> int:
    told = (_identity_items(instrument, group.name, "contact") for group in instrument.groups)
    return _blocks(max(_largest(instrument, items) for items in told))


def _link(instrument: Instrument) -> int:
    return _blocks(len(instrument.digest))


def _statement(item: Item, version: int) -> int:
    return len(json.dumps({"answer": "yes", "id": item.name, "text_version": ""})) + version


def _identity_items(instrument: Instrument, group: str, *parts: str) -> list[Item]:
    found = [part for part in instrument.visit(group) if part.name in parts]
    return [item for part in found for block in part.blocks for item in block.items if item.is_asked]


def _blocks(size: int) -> int:
    return -(-(size + HEAD_ROOM + LABEL) // BLOCK) * BLOCK


def _largest(instrument: Instrument, items: Iterable[Item]) -> int:
    return sum(len(json.dumps(item.name)) + 3 + _largest_value(instrument, item) for item in items)


def _largest_value(instrument: Instrument, item: Item) -> int:
    if item.kind in ("text", "calculate"):
        return 2 + LARGEST_CHARACTER * item.max_length
    if item.kind in ("select_multiple", "rank"):
        return 2 + sum(_code(choice.code) + 1 for choice in item.choices)
    if item.hierarchy and item.stored_level:
        level = instrument.hierarchy(item.hierarchy).levels[item.stored_level - 1]
        return max(NUMBER, *(2 + len(category.code.encode()) for category in level.categories))
    return max([DECIMAL if item.kind == "decimal" else NUMBER, *(_code(choice.code) for choice in item.choices)])


def _code(code: str) -> int:
    return len(json.dumps(as_value(code)))
