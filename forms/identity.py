"""What two custodians may type at the identity desk. Each form is bound to the desk's own pages (CSRF)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import BooleanField, PasswordField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from forms.fields import DayField
from forms.tied import TiedForm

LONGEST_REASON, LONGEST_LETTER = 300, 8000  # characters


class ReasonForm(TiedForm):
    """Why something is done. It stands in the desk's journal for good."""

    reason = StringField(_("Reason"), [DataRequired(_("Please say in a few words why.")), Length(max=LONGEST_REASON)])


class UnlockTwoForm(ReasonForm):
    """Two custodians, each with their file and passphrase; who stands first makes no difference."""

    place_1 = RadioField(_("Key file on this machine"), validators=[Optional()], choices=[])
    key_1 = FileField(_("Or a key file from elsewhere"))
    passphrase_1 = PasswordField(
        _("Passphrase of the first custodian"),
        [InputRequired(_("Please type the passphrase.")), Length(max=500)],
    )
    place_2 = RadioField(_("Key file on this machine"), validators=[Optional()], choices=[])
    key_2 = FileField(_("Or a key file from elsewhere"))
    passphrase_2 = PasswordField(
        _("Passphrase of the second custodian"),
        [InputRequired(_("Please type the passphrase.")), Length(max=500)],
    )


class SearchForm(TiedForm):
    """Whom to look for on the list."""

    sought = StringField(_("Find somebody on the list"), [Length(max=200)])


class ContactsForm(ReasonForm):
    """Whom to reach, for what."""

    words = StringField(_("What for, in a few words"), [Length(max=200)])
    link = StringField(_("The open invitation to the next wave"), [Length(max=2000)])
    people = SelectMultipleField(
        _("Whom"),
        [DataRequired(_("Please choose at least one person."))],
        choices=[],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class MergeForm(ContactsForm):
    """Which columns of the contact details leave the desk."""

    columns = SelectMultipleField(
        _("Columns"),
        [DataRequired(_("Please choose at least one column."))],
        choices=[],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    with_bom = BooleanField(_("For Excel (begins with a byte order mark)"), default=True)


class LettersForm(ContactsForm):
    """The letters' words stand in one box for each language: see `letters_form`."""


def letters_form(languages: dict[str, str]) -> type[LettersForm]:
    """A form with a box for each of these languages, by code and name."""
    boxes = {
        f"text_{code.replace('-', '_')}": TextAreaField(
            _("What the letter says, in %(language)s", language=name), [Length(max=LONGEST_LETTER)]
        )
        for code, name in languages.items()
    }
    return type("LettersInLanguages", (LettersForm,), boxes)


class RequestForm(ReasonForm):
    """What somebody says of themselves who asks for their own consent record."""

    name = StringField(_("Name"), [Length(max=200)])
    phone = StringField(_("Phone number"), [Length(max=200)])
    email = StringField(_("Email address"), [Length(max=200)])
    day = DayField(_("Day on which they took part"), [Optional()])
