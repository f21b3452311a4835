"""What is kept only until a day: tags, links and contact details. Shows that they are gone when their day has passed.

At the shell in exact numbers, for whoever can read the stores anyway. Staff see fives, as of the last upkeep, and they
move only when five have come or gone: one visit more or less shows on no page, and beside the number of finished visits
this one does not tell how many were withdrawn.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from fieldwork.progress import SMALLEST_STEP
from fieldwork.study import Study
from storage.kept import Kept as Kept
from storage.kept import kept_of
from storage.meta import tell, told

SHOWN = "kept"  # what staff are shown, as the office tells it


@dataclass(frozen=True)
class Holding:
    """Tags of both vaults, links between them, and contact details."""

    research_tags: Kept
    identity_tags: Kept
    links: Kept
    contact: Kept

    @property
    def late(self) -> int:
        """How many are past their last day."""
        return self.research_tags.late + self.identity_tags.late + self.links.late + self.contact.late


@dataclass(frozen=True)
class Shown:
    """What staff are shown. 0 stands for fewer than five."""

    links: int
    contact: int


def holding_of(study: Study, today: date) -> Holding:
    """What is kept now."""
    research, identity = study.stores.research, study.stores.identity
    return Holding(
        kept_of(research, None, today),
        kept_of(identity, None, today),
        kept_of(identity, "link", today),
        kept_of(identity, "contact", today),
    )


def in_lines(holding: Holding) -> tuple[str, ...]:
    """What is kept and until when, a line each."""
    return (
        f"Tags by which receipts find records: {_said(holding.research_tags)} in the research vault, "
        f"{_said(holding.identity_tags)} in the identity vault.",
        f"Links between the two vaults: {_said(holding.links)}.",
        f"Contact details, given or empty: {_said(holding.contact)}.",
    )


def bring_up_kept(study: Study, today: date) -> None:
    """Show staff how many are kept, where that has moved by five or more since it was shown last."""
    holding, before = holding_of(study, today), shown_to_staff(study)
    links, contact = _moved(before.links, holding.links.number), _moved(before.contact, holding.contact.number)
    tell(study.stores.office.engine, SHOWN, json.dumps([links, contact]))


def shown_to_staff(study: Study) -> Shown:
    """What staff are shown, as of the last upkeep in which it moved."""
    found = told(study.stores.office.engine, SHOWN)
    return Shown(*json.loads(found)) if found else Shown(0, 0)


def in_steps(number: int) -> int:
    """A number as it may be told: in steps of five, and 0 for fewer, as a small one tells when somebody came."""
    return number - number % SMALLEST_STEP


def _said(kept: Kept) -> str:
    if kept.first is None or kept.last is None:
        return "none"
    return f"{kept.number} (last days {kept.first:%Y-%m-%d} to {kept.last:%Y-%m-%d})"


def _moved(shown: int, number: int) -> int:
    return in_steps(number) if abs(number - shown) >= SMALLEST_STEP else shown
