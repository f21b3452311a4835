"""What a reviewer or a coder of open text may send from the desk. Each form is bound to the desk's own pages (CSRF)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectMultipleField, TextAreaField
from wtforms.validators import Length, Optional

LONGEST = 20_000  # characters


class ReviewForm(FlaskForm):
    """One answer: which proposals are taken, and the text as it may be told. `which`: the answer that was shown."""

    which = HiddenField()
    taken = SelectMultipleField(_("What is taken out"), choices=[], validate_choice=False)
    text = TextAreaField(_("The text as it may be told"), [Optional(), Length(max=LONGEST)])


class CodingForm(FlaskForm):
    """Which themes one answer holds."""

    which = HiddenField()
    codes = SelectMultipleField(_("Themes"), choices=[], validate_choice=False)


class BookForm(FlaskForm):
    """The code book as text: a line each."""

    book = TextAreaField(_("Code book"), [Optional(), Length(max=LONGEST)])
