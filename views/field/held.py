"""What somebody reads who withdraws while a legal hold is on: the institution's words, the same for every code."""

from __future__ import annotations

from fieldwork.hold import Hold, hold_in_force
from views.field.common import language, study


def is_held() -> bool:
    """Whether a legal hold is on."""
    return hold_in_force(study().stores.office) is not None


def paragraphs(hold: Hold) -> list[str]:
    """The words in the language of the page, or else the study's first. Empty where they are no longer here."""
    words = hold.words.get(language()) or hold.words.get(study().instrument.languages[0], "")
    return [line for line in words.splitlines() if line]
