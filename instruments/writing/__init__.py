"""Write an instrument out as an XLSForm: one workbook that holds the whole study, and compiles to the same digest.

What the compiler made of a form stands there as it was made: the rounds of a repeat as numbered questions, `or_other`
as a choice and a box, brackets filled in (but for the date on the card, which follows the cut-off). Nothing is carried
along but in cells that a person can edit.
"""

from __future__ import annotations

from instruments.model import Instrument
from instruments.settings import StudySettings
from instruments.writing.book import book_of
from instruments.writing.cells import Columns
from instruments.writing.head import amanah_rows, settings_rows
from instruments.writing.survey import survey_and_choices

__all__ = ["workbook_of"]


def workbook_of(instrument: Instrument, settings: StudySettings | None = None) -> bytes:
    """The `.xlsx` workbook of a whole study. `settings` are those that act at once, where they are known."""
    columns = Columns.of(instrument)
    survey, choices = survey_and_choices(instrument, columns)
    return book_of(
        {
            "survey": survey,
            "choices": choices,
            "settings": settings_rows(instrument, columns),
            "amanah": amanah_rows(instrument, settings, columns),
        }
    )
