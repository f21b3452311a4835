"""What a data manager may type at the desk. Each form is bound to the desk's own pages (CSRF)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, IntegerField, PasswordField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget


class SourceForm(FlaskForm):
    """Which sealed records to open."""

    place = RadioField(_("Records on this machine"), validators=[Optional()], choices=[])
    bundle = FileField(_("Or a sealed bundle"))


class UnlockForm(FlaskForm):
    """Which key to use, and its passphrase."""

    place = RadioField(_("Key file on this machine"), validators=[Optional()], choices=[])
    key = FileField(_("Or a key file from elsewhere"))
    passphrase = PasswordField(_("Passphrase"), [InputRequired(_("Please type the passphrase.")), Length(max=500)])


class SpecifyForm(FlaskForm):
    """What the release is for and what it may hold."""

    purpose = StringField(
        _("Purpose"), [DataRequired(_("Please say in a few words what this release is for.")), Length(max=200)]
    )
    groups = SelectMultipleField(
        _("Groups"),
        [DataRequired(_("Please choose at least one group."))],
        choices=[],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    k = IntegerField(_("Smallest class (k)"), [InputRequired(_("Please type a whole number.")), NumberRange(1, 1000)])
    largest_suppression = IntegerField(
        _("Most people to leave out, in percent"),
        [InputRequired(_("Please type a whole number.")), NumberRange(0, 100)],
    )
    archive_only = BooleanField(_("Only people who agreed to the archive"))
    wave = SelectField(_("Wave"), [Optional()], choices=[], coerce=int, validate_choice=False)
    new_ids = BooleanField(_("The oldest research key is lost for good: make ids that match no earlier release"))


class StepForm(FlaskForm):
    """One button."""
