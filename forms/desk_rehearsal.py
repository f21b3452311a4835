"""What people type in a rehearsal at the desk. No passphrase and no word of a sheet is ever put back into a page."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import PasswordField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from forms.desk_keys import PHRASE
from forms.tied import TiedForm

LONGEST_SHEET = 1000  # characters; 33 words have fewer than 300
SHEET = [InputRequired(_("Please type the words of two sheets.")), Length(max=LONGEST_SHEET)]


class CustodiansProofForm(TiedForm):
    """The files of two custodians, each with its passphrase."""

    first_place = RadioField(_("First custodian's key file on this machine"), validators=[Optional()], choices=[])
    first_key = FileField(_("Or the first custodian's key file from elsewhere"))
    first_passphrase = PasswordField(_("First custodian's passphrase"), PHRASE)
    second_place = RadioField(_("Second custodian's key file on this machine"), validators=[Optional()], choices=[])
    second_key = FileField(_("Or the second custodian's key file from elsewhere"))
    second_passphrase = PasswordField(_("Second custodian's passphrase"), PHRASE)


class SheetsProofForm(TiedForm):
    """The words of two sheets of one key."""

    first = TextAreaField(_("The words of one sheet"), SHEET)
    second = TextAreaField(_("The words of another sheet"), SHEET)
