"""Who can take part. What is asked for it comes first, and nothing of it is kept for those who cannot."""

from __future__ import annotations

from errors import NotEligible
from instruments.model import Answers, Instrument

SAYS_YES = 1


def check_eligible(instrument: Instrument, group: str, answers: Answers) -> None:
    """Raises NotEligible for an age outside the group's, or a screening question not answered with yes.

    Prefer not to say closes the visit too: age decides which way of agreeing applies. A blank is no answer yet.
    """
    asked = instrument.items_of(group, "eligibility")
    for item in asked:
        if item.name not in answers:
            continue
        value = answers[item.name]
        if item.kind == "select_one" and value != SAYS_YES:
            raise NotEligible("This study is for people of another group.")
        if item.kind == "integer" and not _is_within(instrument, group, value):
            raise NotEligible("This study is for people of another age.")


def _is_within(instrument: Instrument, group: str, age: object) -> bool:
    asked = instrument.group(group)
    least, most = asked.minimum_age or 0, asked.maximum_age or 150
    return isinstance(age, int) and least <= age <= most
