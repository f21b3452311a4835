"""What somebody may still change after the visit: optional choices, and how they can be reached. Keeps nothing.

Nobody is asked again which group they belong to, so the choices of every group stand here, and what is left blank stays
as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from instruments.consent import attested_fields, is_contact_detail
from instruments.model import Instrument, Item, PartName

# Contact details are kept for these alone: where each that is asked becomes a No, they go.
REASONS_FOR_CONTACT = ("o_recontact", "o_results")


def choices_of(instrument: Instrument) -> tuple[Item, ...]:
    """Every optional choice of any group, in order."""
    return tuple(item for block, item in _asked(instrument, "consent") if block == "choices" and not item.required)


def contact_of(instrument: Instrument) -> tuple[Item, ...]:
    """Every contact detail of any group. What bears the consent out, such as a signature, is no such thing."""
    attested = attested_fields(instrument)
    found = (item for _block, item in _asked(instrument, "contact") if item.kept == "identity")
    return tuple(item for item in found if item.kind != "statement" and is_contact_detail(item.name, attested))


def reasons_for_contact(instrument: Instrument) -> tuple[str, ...]:
    """The choices of this study for which contact details are kept."""
    asked = {item.name for item in choices_of(instrument)}
    return tuple(name for name in REASONS_FOR_CONTACT if name in asked)


def ends_contact(instrument: Instrument, choices: Mapping[str, str]) -> bool:
    """Whether these choices leave no reason to keep contact details."""
    reasons = reasons_for_contact(instrument)
    return bool(reasons) and all(choices.get(name) == "no" for name in reasons)


def _asked(instrument: Instrument, name: PartName) -> Iterator[tuple[str, Item]]:
    blocks = (block for part in instrument.parts if part.name == name for block in part.blocks)
    return ((block.name, item) for block in blocks for item in block.items if item.is_asked and item.on_for)
