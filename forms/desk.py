"""What a data manager may type at the desk. Each form is bound to the desk's own pages (CSRF)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import PasswordField, RadioField
from wtforms.validators import InputRequired, Length, Optional

from forms.tied import TiedForm


class SourceForm(TiedForm):
    """Which sealed records to open."""

    place = RadioField(_("Records on this machine"), validators=[Optional()], choices=[])
    bundle = FileField(_("Or a sealed bundle"))


class UnlockForm(TiedForm):
    """Which key to use, and its passphrase."""

    place = RadioField(_("Key file on this machine"), validators=[Optional()], choices=[])
    key = FileField(_("Or a key file from elsewhere"))
    passphrase = PasswordField(_("Passphrase"), [InputRequired(_("Please type the passphrase.")), Length(max=500)])


class StepForm(TiedForm):
    """One button."""
