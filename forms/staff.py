"""What staff may type to sign in, to prove again who they are, and to change how they sign in. Each is CSRF-bound."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, IntegerField, PasswordField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError

from forms.tied import TiedForm

LARGEST = 2**31 - 1  # that a column of whole numbers holds
LONGEST_TYPED = 1000  # characters; a password may have 128, and a longer one is told so rather than cut


class SignInForm(TiedForm):
    """A member of staff's name and password."""

    name = StringField(_("Name"), [InputRequired(_("Please type your name.")), Length(max=80)])
    password = PasswordField(_("Password"), [InputRequired(_("Please type your password.")), Length(max=LONGEST_TYPED)])


class CodeForm(TiedForm):
    """A code of an authenticator app, or a recovery code."""

    code = StringField(_("Code"), [InputRequired(_("Please type the code.")), Length(max=80)])


class AgainForm(TiedForm):
    """The same, of somebody who is signed in; under a name that no form of a page has."""

    code_again = StringField(_("Code"), [InputRequired(_("Please type the code.")), Length(max=80)])


class PasswordForm(TiedForm):
    """One's own password of now, and a new one."""

    password = PasswordField(
        _("Password of now"), [InputRequired(_("Please type your password.")), Length(max=LONGEST_TYPED)]
    )
    new_password = PasswordField(
        _("New password"), [InputRequired(_("Please type the new password.")), Length(max=LONGEST_TYPED)]
    )


class KnownForm(TiedForm):
    """What a page told its reader, who knows of it now: of how many failures, and how far of the journal."""

    failed = IntegerField(validators=[InputRequired(), NumberRange(0, LARGEST)])
    halves = IntegerField(validators=[InputRequired(), NumberRange(0, LARGEST)])
    read_up_to = IntegerField(validators=[InputRequired(), NumberRange(0, LARGEST)])


class SessionNamedForm(TiedForm):
    """The session that a button is about, by the hash of its token."""

    key = HiddenField(validators=[InputRequired()])

    def validate_key(self, field: HiddenField) -> None:
        """32 bytes in hexadecimal."""
        try:
            self.token_hash = bytes.fromhex(field.data)
        except ValueError:
            raise ValidationError("not a hash") from None
