"""A stored version back out as the workbook that a team edits, and the promise that it is that version.

The workbook is read again before anybody gets it: one that would be another study is never handed out.
"""

from __future__ import annotations

from errors import InstrumentError, Problem
from instruments.catalogue import study_in
from instruments.model import Instrument
from instruments.settings import StudySettings
from instruments.workbooks import read_bytes
from instruments.writing import workbook_of

NAME = "study.xlsx"


def backed_out(instrument: Instrument, settings: StudySettings | None = None) -> bytes:
    """The workbook of this instrument, from which the same digest is compiled. Raises InstrumentError."""
    data = workbook_of(instrument, settings)
    again = study_in(read_bytes(NAME, data)).instrument
    if again.digest != instrument.digest:
        told = f"version {instrument.digest[:16]} holds something that no sheet can say, so nothing was written"
        raise InstrumentError((Problem(NAME, told),))
    return data
