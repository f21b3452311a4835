"""What two custodians may type to have something erased: whom, and why. Each form is bound to the desk's own pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext
from wtforms import RadioField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from forms.fields import DayField
from forms.identity import ReasonForm


class ForgetForm(ReasonForm):
    """Whose contact details are forgotten."""

    people = SelectMultipleField(
        _("Whom"), choices=[], widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )


class WithdrawForm(ForgetForm):
    """Who lost their slip; also somebody who is not on the list, by what they say of themselves."""

    name = StringField(_("Name"), [Length(max=200)])
    phone = StringField(_("Phone number"), [Length(max=200)])
    email = StringField(_("Email address"), [Length(max=200)])
    day = DayField(_("Day on which they took part"), [Optional()])

    @property
    def says(self) -> tuple[str, str, str]:
        """What was typed of somebody who is not on the list."""
        return self.name.data or "", self.phone.data or "", self.email.data or ""


class NeedlessForm(ReasonForm):
    """Which contact details nobody needs any more."""

    which = RadioField(
        lazy_pgettext("which people", "Which"), [InputRequired(_("Please choose one of these."))], choices=[]
    )
