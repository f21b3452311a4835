"""A legal hold as two people set it, for every test of what it keeps."""

from __future__ import annotations

from dataclasses import replace

from config import Settings
from fieldwork.approvals import propose_hold, propose_lift
from fieldwork.study import Study
from storage.journal import Act, write_entry
from storage.staff import add_staff
from tests.approving import IDRIS, MARA, NADIA, OWEN, Here
from tests.approving import TODAY as DAY
from tests.conftest import TODAY

WHY = "Order of the High Court, reference 123"
OVER = "The order was discharged, reference 124"
FILLED = {"Researcher, phone, email": "Dr Amin, 020 7946 0000", "data protection officer": "dpo@example.org"}


def with_staff(settings: Settings, study: Study) -> Here:
    """An instance with people who can decide, and with the words for a hold filled in."""
    for member in (MARA, NADIA, OWEN, IDRIS):
        write_entry(study.stores.office, member.name, Act.STAFF_JOINED, TODAY, detail="invitation")
        add_staff(study.stores.office, member.name, member.role, "")
    told = replace(study.settings, fill_in={**study.settings.fill_in, **FILLED})
    return Here(settings, replace(study, settings=told))


def held(here: Here) -> Study:
    """The study with a legal hold on."""
    here.confirm(NADIA, propose_hold(here.study, "Mara", WHY, DAY))
    return here.study


def lift(here: Here) -> None:
    """End the hold."""
    here.confirm(MARA, propose_lift(here.study, "Nadia", OVER, DAY))
