"""What may be asked of the journal's page: which entries, and one button."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import Length, NumberRange, Optional

from forms.fields import DayField
from forms.tied import TiedForm

HIGHEST = 2**53  # of an entry's number; far beyond any journal, and within what a database can compare


class JournalForm(TiedForm):
    """A filter. It changes nothing, so it needs no token and stands in the address."""

    class Meta:
        """Sent by GET."""

        csrf = False

    act = SelectField(_("What was done"), default="", invalid_choice_message=_("Please choose one of these."))
    person = StringField(
        _("By whom"), [Optional(), Length(max=80, message=_("Please use up to 80 characters."))], default=""
    )
    since = DayField(lazy_pgettext("the first day of entries", "From"), [Optional()])
    until = DayField(lazy_pgettext("the last day of entries", "To"), [Optional()])
    before = IntegerField(validators=[Optional(), NumberRange(1, HIGHEST)])

    def __init__(self, acts: dict[str, str], asked: Any) -> None:
        super().__init__(formdata=asked)
        self.act.choices = acts

    def is_right(self) -> bool:
        """Whether all that was asked can be answered."""
        return bool(self.validate())
