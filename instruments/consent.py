"""The consent gate: which statements are asked of whom, and whether a visit may go on. Keeps nothing.

The cases K1 to K11 of the study's consent paper are its tests.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from errors import ConsentAwaited, ConsentMissing, ConsentRefused
from instruments.model import Block, Instrument, Item

ADULT = 18
AUDIO = "o_audio"
PARENTS_AUDIO = "p_audio"
# In the parents' route the young person's own list takes the place of the adult one, save these, which are asked as
# well, so that both routes end with the same agreed uses.
ASKED_IN_BOTH = ("c_special", "c_withdraw", "c_use")
NAME, PARENT = "v_name", "v_parent_name"


@dataclass(frozen=True)
class Consent:
    """What was agreed to: every statement asked with its answer, and the optional choices."""

    route: str
    statements: tuple[tuple[str, str], ...]
    choices: Mapping[str, str]
    may_record: bool


def is_minor_route(instrument: Instrument, group: str, age: int | None) -> bool:
    """Whether a parent or carer is asked too."""
    young = age is not None and age < ADULT and instrument.group(group).minimum_age is not None
    return young and instrument.minor_consent == "parent_and_assent"


def statements_asked(instrument: Instrument, group: str, age: int | None) -> tuple[Item, ...]:
    """The statements put to a person of this age, in order."""
    minor = is_minor_route(instrument, group, age)
    blocks = {block.name: block for part in instrument.visit(group) if part.name == "consent" for block in part.blocks}
    asked = [item for name in ("statements", "assent", "parent", "choices", "witness") for item in _of(blocks, name)]
    return tuple(item for item in asked if _is_put(item, blocks, minor))


def gate(instrument: Instrument, group: str, age: int | None, said: Mapping[str, str]) -> Consent:
    """The consent of a visit. `said` maps statement ids to "yes" or "no"; one without an answer is absent.

    Raises ConsentRefused for a required No, ConsentAwaited when only the parent has not answered, ConsentMissing
    for other required statements without an answer. A blank optional statement counts as No.
    """
    asked = statements_asked(instrument, group, age)
    if any(item.required and said.get(item.name) == "no" for item in asked):
        raise ConsentRefused("A required statement was answered with no.")
    missing = tuple(item.name for item in asked if item.required and said.get(item.name) != "yes")
    if missing:
        awaited = all(name.startswith("p_") for name in missing)
        raise ConsentAwaited(missing) if awaited else ConsentMissing(missing)
    answers = tuple((item.name, "yes" if said.get(item.name) == "yes" else "no") for item in asked)
    choices = {name: answer for name, answer in answers if name.startswith("o_")}
    audio = [answer for name, answer in answers if name in (AUDIO, PARENTS_AUDIO)]
    return Consent(_route(instrument, group, age), answers, choices, bool(audio) and set(audio) == {"yes"})


def attested_fields(instrument: Instrument) -> tuple[str, ...]:
    """The fields that bear a consent out and so last as long as it: a witness's code and role, a signature, names.

    A name is one only where consent is signed; there it stands with the contact details as well.
    """
    blocks = [(part.name, block) for part in instrument.parts for block in part.blocks]
    typed = [(part, block.name, item) for part, block in blocks for item in block.items if _is_typed(item)]
    signed = instrument.consent_route == "signed"
    return tuple(item.name for part, block, item in typed if _bears_out(part, block, item.name, signed))


def is_contact_detail(name: str, attested: Collection[str]) -> bool:
    """Whether a field of this name stands among the contact details."""
    return name == NAME or name not in attested


def _is_typed(item: Item) -> bool:
    return item.is_asked and item.kept == "identity" and item.kind != "statement"


def _bears_out(part: str, block: str, name: str, signed: bool) -> bool:
    return part == "consent" or block == "signature" or name == PARENT or (signed and name == NAME)


def _route(instrument: Instrument, group: str, age: int | None) -> str:
    if is_minor_route(instrument, group, age):
        return "parent_and_assent"
    return "self" if instrument.consent_route == "tick" else instrument.consent_route


def _of(blocks: Mapping[str, Block], name: str) -> tuple[Item, ...]:
    return tuple(item for item in blocks[name].items if item.kind == "statement") if name in blocks else ()


def _is_put(item: Item, blocks: Mapping[str, Block], minor: bool) -> bool:
    if item in _of(blocks, "statements"):
        return not minor or item.name in ASKED_IN_BOTH
    if item in (*_of(blocks, "assent"), *_of(blocks, "parent")):
        return minor
    return True
