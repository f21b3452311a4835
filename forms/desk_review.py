"""What a reviewer or a coder of open text may send from the desk. Each form is bound to the desk's own pages (CSRF)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from forms.tied import TiedForm

LONGEST, LONGEST_NAME = 20_000, 80  # characters


class SignedForm(TiedForm):
    """About one answer. `which`: the answer that was shown; `by`: who decides."""

    which = HiddenField()
    by = StringField(_("Your name"), [Optional(), Length(max=LONGEST_NAME)])


class ReviewForm(SignedForm):
    """Which proposals are taken, and the text as it may be told. `made`: the proposals that the text was made from."""

    taken = SelectMultipleField(_("What is taken out"), choices=[], validate_choice=False)
    made = HiddenField()
    text = TextAreaField(_("The text as it may be told"), [Optional(), Length(max=LONGEST)])


class CodingForm(SignedForm):
    """Which themes one answer holds."""

    codes = SelectMultipleField(_("Themes"), choices=[], validate_choice=False)


class BookForm(TiedForm):
    """New themes, a line each. The codes and words of those that are there have fields named after their ids."""

    more = TextAreaField(_("New themes"), [Optional(), Length(max=LONGEST)])


class MergeForm(TiedForm):
    """Two themes that become one."""

    theme = SelectField(_("The theme that goes"), choices=[], validate_choice=False)
    into = SelectField(_("The theme that its answers count as"), choices=[], validate_choice=False)
