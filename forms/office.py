"""What staff may type in the field app: a name and a password, or the press of a button. Each form is CSRF-bound."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length


class SignInForm(FlaskForm):
    """A member of staff's name and password."""

    name = StringField(_("Name"), [InputRequired(_("Please type your name.")), Length(max=80)])
    password = PasswordField(_("Password"), [InputRequired(_("Please type your password.")), Length(max=128)])


class ButtonForm(FlaskForm):
    """One button and the token that proves it was pressed on our own page."""
